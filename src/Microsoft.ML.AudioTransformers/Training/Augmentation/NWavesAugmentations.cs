using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NWaves.Effects;
using NWaves.Filters.Base;
using NWaves.Filters.BiQuad;
using NWaves.Operations;
using NWaves.Operations.Convolution;
using NWaves.Operations.Tsm;
using NWaves.Signals;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Augmentation of some waveforms, drawn at random, by NWaves.</summary>
/// <param name="Probability">Probability that a waveform is changed, 0 to 1.</param>
/// <param name="SampleRate">Sample rate of the waveforms, in Hz.</param>
internal abstract record RandomEffect(double Probability, int SampleRate) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random) =>
        random.NextDouble() < Probability ? Change(waveform, random) : waveform;

    /// <summary>Changes a waveform that was drawn.</summary>
    protected abstract float[] Change(float[] waveform, Random random);

    /// <summary>Number from one end of a range to the other, all equally likely.</summary>
    protected static double Uniform(Random random, double minimum, double maximum) =>
        minimum + ((maximum - minimum) * random.NextDouble());

    /// <summary>Number from one end of a range to the other, all equally likely on a logarithmic scale.</summary>
    protected static double LogUniform(Random random, double minimum, double maximum) =>
        Math.Exp(Uniform(random, Math.Log(minimum), Math.Log(maximum)));
}

/// <summary>Windows of the phase vocoder, which changes time and pitch.</summary>
internal static class Vocoder
{
    public const TsmAlgorithm Algorithm = TsmAlgorithm.PhaseVocoderPhaseLocking;

    /// <summary>Samples of a window: a power of two of 32 to 64 ms.</summary>
    public static int Window(int sampleRate) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, sampleRate / 32));

    /// <summary>Samples from one window to the next.</summary>
    public static int Hop(int sampleRate) => Math.Max(1, Window(sampleRate) / 4);

    /// <summary>Whether a waveform is long enough to be heard: a vocoder fades in and out over a window.</summary>
    public static bool Takes(float[] waveform, int sampleRate) => waveform.Length >= 4 * Window(sampleRate);
}

/// <summary>Pitch shift by a random number of semitones, which need not be whole; the duration stays.</summary>
/// <param name="MaximumSemitones">Greatest shift in either direction.</param>
/// <param name="Probability">Probability that a waveform is changed, 0 to 1.</param>
/// <param name="SampleRate">Sample rate of the waveforms, in Hz.</param>
internal sealed record PitchShift(double MaximumSemitones, double Probability, int SampleRate)
    : RandomEffect(Probability, SampleRate)
{
    protected override float[] Change(float[] waveform, Random random)
    {
        double ratio = Math.Pow(2, Uniform(random, -MaximumSemitones, MaximumSemitones) / 12);
        return Vocoder.Takes(waveform, SampleRate)
            ? new PitchShiftEffect(ratio, Vocoder.Window(SampleRate), Vocoder.Hop(SampleRate), Vocoder.Algorithm)
                .ApplyTo(new DiscreteSignal(SampleRate, waveform)).Samples
            : waveform;
    }
}

/// <summary>Time stretch by a random factor; the pitch stays.</summary>
/// <param name="MaximumFactor">Greatest factor, above 1; the least is 1 over it. All are equally likely on a log scale.</param>
/// <param name="Probability">Probability that a waveform is changed, 0 to 1.</param>
/// <param name="SampleRate">Sample rate of the waveforms, in Hz.</param>
internal sealed record TimeStretch(double MaximumFactor, double Probability, int SampleRate)
    : RandomEffect(Probability, SampleRate)
{
    protected override float[] Change(float[] waveform, Random random)
    {
        double factor = LogUniform(random, 1 / MaximumFactor, MaximumFactor);
        if (!Vocoder.Takes(waveform, SampleRate))
        {
            return waveform;
        }

        // NWaves lets the last window's fading follow.
        float[] stretched = Operation.TimeStretch(
            new DiscreteSignal(SampleRate, waveform), factor, Vocoder.Window(SampleRate), Vocoder.Hop(SampleRate),
            Vocoder.Algorithm).Samples;
        return stretched[..Math.Min(stretched.Length, (int)Math.Round(waveform.Length * factor))];
    }
}

/// <summary>Kind of a band filter.</summary>
internal enum BandFilterKind
{
    LowPass,
    HighPass,
    BandPass,
}

/// <summary>Low-, high- or band-pass filter of second order at a random frequency, all equally likely on a log scale.</summary>
/// <param name="Kind">Kind of the filter.</param>
/// <param name="Minimum">Lowest cutoff or centre frequency, in Hz.</param>
/// <param name="Maximum">Highest cutoff or centre frequency, in Hz.</param>
/// <param name="Quality">Quality factor Q.</param>
/// <param name="Probability">Probability that a waveform is changed, 0 to 1.</param>
/// <param name="SampleRate">Sample rate of the waveforms, in Hz.</param>
internal sealed record BandFilter(
    BandFilterKind Kind, double Minimum, double Maximum, double Quality, double Probability, int SampleRate)
    : RandomEffect(Probability, SampleRate)
{
    protected override float[] Change(float[] waveform, Random random)
    {
        double frequency = LogUniform(random, Minimum, Maximum) / SampleRate;
        LtiFilter filter = Kind switch
        {
            BandFilterKind.LowPass => new LowPassFilter(frequency, Quality),
            BandFilterKind.HighPass => new HighPassFilter(frequency, Quality),
            _ => new BandPassFilter(frequency, Quality),
        };
        return filter.ApplyTo(new DiscreteSignal(SampleRate, waveform)).Samples;
    }
}

/// <summary>
/// Telephone: the band from 300 to 3400 Hz, by two high-pass and two low-pass filters of second order, and the 256 levels of
/// mu-law companding.
/// </summary>
/// <param name="Probability">Probability that a waveform is changed, 0 to 1.</param>
/// <param name="SampleRate">Sample rate of the waveforms, in Hz.</param>
/// <remarks>Source: ITU-T G.711; mu-law with mu = 255 in its continuous form.</remarks>
internal sealed record TelephoneLine(double Probability, int SampleRate) : RandomEffect(Probability, SampleRate)
{
    public const double LowFrequency = 300;
    public const double HighFrequency = 3400;
    private const double Mu = 255;

    protected override float[] Change(float[] waveform, Random random)
    {
        var signal = new DiscreteSignal(SampleRate, waveform);
        double quality = Math.Sqrt(0.5);
        for (int i = 0; i < 2; i++)
        {
            signal = new HighPassFilter(LowFrequency / SampleRate, quality).ApplyTo(signal);
            signal = new LowPassFilter(HighFrequency / SampleRate, quality).ApplyTo(signal);
        }

        return Array.ConvertAll(signal.Samples, MuLaw);
    }

    /// <summary>Nearest of the 256 levels.</summary>
    public static float MuLaw(float sample)
    {
        double compressed = Math.Log(1 + (Mu * Math.Min(1, Math.Abs((double)sample)))) / Math.Log(1 + Mu);
        double level = (Math.Floor(Math.Min(compressed, 1 - 1e-9) * 128) + 0.5) / 128;
        return (float)(Math.CopySign(1, sample) * (Math.Pow(1 + Mu, level) - 1) / Mu);
    }
}

/// <summary>
/// Reverberation: convolution with a random impulse response, scaled to an energy of 1 and mixed with the dry waveform at a
/// random share. The length stays.
/// </summary>
/// <param name="responses">Impulse responses at the clips' sample rate, none silent.</param>
/// <param name="minimum">Least share of the reverberant sound, 0 to 1.</param>
/// <param name="maximum">Greatest share of the reverberant sound.</param>
/// <param name="probability">Probability that a clip is reverberated, 0 to 1.</param>
/// <param name="sampleRate">Sample rate of the clips, in Hz.</param>
internal sealed class Reverberation(
    IReadOnlyList<float[]> responses, double minimum, double maximum, double probability, int sampleRate)
    : IWaveformAugmentation
{
    private readonly DiscreteSignal[] _responses = [.. responses.Select(response =>
    {
        double energy = response.Sum(sample => (double)sample * sample);
        return new DiscreteSignal(sampleRate, Array.ConvertAll(response, sample => (float)(sample / Math.Sqrt(energy))));
    })];

    public float[] Apply(float[] waveform, Random random)
    {
        if (random.NextDouble() >= probability)
        {
            return waveform;
        }

        DiscreteSignal response = _responses[random.Next(_responses.Length)];
        float wet = (float)(minimum + ((maximum - minimum) * random.NextDouble()));
        float[] reverberant = new Convolver().Convolve(new DiscreteSignal(sampleRate, waveform), response).Samples;
        for (int i = 0; i < waveform.Length; i++)
        {
            waveform[i] = ((1 - wet) * waveform[i]) + (wet * reverberant[i]);
        }

        return waveform;
    }

    /// <summary>Parameters, with a hash of the impulse responses.</summary>
    public override string ToString()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] response in responses)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([response.Length]));
            hash.AppendData(MemoryMarshal.AsBytes<float>(response));
        }

        return FormattableString.Invariant($"Reverberation {{ {probability}, {minimum} to {maximum}, ")
            + $"{Convert.ToHexStringLower(hash.GetHashAndReset())} }}";
    }
}
