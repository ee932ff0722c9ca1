using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Augmentation of a clip's waveform.</summary>
internal interface IWaveformAugmentation
{
    /// <summary>Augments a waveform.</summary>
    /// <param name="waveform">Samples, which may be changed in place.</param>
    /// <param name="random">Random number generator.</param>
    /// <returns>Augmented samples, in the same array or another one.</returns>
    float[] Apply(float[] waveform, Random random);
}

/// <summary>
/// Random crop to a fixed length: a random section of a longer waveform; a shorter one is padded with silence on both sides,
/// split at random.
/// </summary>
/// <param name="Samples">Length in samples.</param>
internal sealed record WaveformCrop(int Samples) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        int excess = waveform.Length - Samples;
        int offset = random.Next(Math.Abs(excess) + 1);
        if (excess >= 0)
        {
            return waveform[offset..(offset + Samples)];
        }

        var padded = new float[Samples];
        waveform.CopyTo(padded, offset);
        return padded;
    }
}

/// <summary>Random window of a waveform that is longer; one that is not stays as it is.</summary>
/// <param name="Samples">Length in samples.</param>
internal sealed record RandomWindow(long Samples) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        if (waveform.Length <= Samples)
        {
            return waveform;
        }

        int start = (int)Place(waveform.Length - Samples, random);
        return waveform[start..(start + (int)Samples)];
    }

    /// <summary>Draws the first sample of a window.</summary>
    /// <param name="last">The last place, at least 1.</param>
    /// <param name="random">Random number generator.</param>
    public static long Place(long last, Random random) =>
        last < int.MaxValue ? random.Next((int)last + 1) : random.NextInt64(last + 1);
}

/// <summary>Random gain, uniform in decibels.</summary>
/// <param name="MaximumDecibels">Greatest gain and attenuation, in dB.</param>
/// <remarks>Source: PaSST section 3.3, +-7 dB.</remarks>
internal sealed record RandomGain(double MaximumDecibels) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        double decibels = MaximumDecibels * (2 * random.NextDouble() - 1);
        float factor = (float)Math.Pow(10, decibels / 20);
        for (int i = 0; i < waveform.Length; i++)
        {
            waveform[i] *= factor;
        }

        return waveform;
    }
}

/// <summary>Roll: shifts a waveform over time by a random number of samples, cyclically.</summary>
/// <param name="MaximumSamples">Greatest shift in either direction.</param>
/// <remarks>Source: PaSST section 3.3.</remarks>
internal sealed record WaveformRoll(int MaximumSamples) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        int limit = Math.Min(MaximumSamples, waveform.Length - 1);
        int shift = random.Next(-limit, limit + 1);
        int split = (shift + waveform.Length) % waveform.Length;
        var rolled = new float[waveform.Length];
        waveform.AsSpan(0, waveform.Length - split).CopyTo(rolled.AsSpan(split));
        waveform.AsSpan(waveform.Length - split).CopyTo(rolled);
        return rolled;
    }
}

/// <summary>
/// Background noise: adds a random section of a random recording, repeated if it is too short, at a random signal-to-noise
/// ratio, uniform in decibels.
/// </summary>
/// <param name="noises">Recordings at the clips' sample rate, none empty.</param>
/// <param name="probability">Probability that a clip gets noise, 0 to 1.</param>
/// <param name="minimumDecibels">Lowest signal-to-noise ratio, in dB.</param>
/// <param name="maximumDecibels">Highest signal-to-noise ratio, in dB.</param>
internal sealed class BackgroundNoise(
    IReadOnlyList<float[]> noises, double probability, double minimumDecibels, double maximumDecibels)
    : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        if (random.NextDouble() >= probability)
        {
            return waveform;
        }

        float[] noise = noises[random.Next(noises.Count)];
        int start = random.Next(noise.Length);
        double decibels = minimumDecibels + (maximumDecibels - minimumDecibels) * random.NextDouble();
        double signalPower = 0;
        double noisePower = 0;
        for (int i = 0; i < waveform.Length; i++)
        {
            float sample = noise[(start + i) % noise.Length];
            signalPower += (double)waveform[i] * waveform[i];
            noisePower += (double)sample * sample;
        }

        // A silent section has no signal-to-noise ratio.
        if (noisePower > 0)
        {
            float factor = (float)Math.Sqrt(signalPower / noisePower / Math.Pow(10, decibels / 10));
            for (int i = 0; i < waveform.Length; i++)
            {
                waveform[i] += factor * noise[(start + i) % noise.Length];
            }
        }

        return waveform;
    }

    /// <summary>Parameters, with a hash of the recordings.</summary>
    public override string ToString()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] noise in noises)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([noise.Length]));
            hash.AppendData(MemoryMarshal.AsBytes<float>(noise));
        }

        return FormattableString.Invariant(
            $"BackgroundNoise {{ {probability}, {minimumDecibels} to {maximumDecibels} dB, ")
            + $"{Convert.ToHexStringLower(hash.GetHashAndReset())} }}";
    }
}
