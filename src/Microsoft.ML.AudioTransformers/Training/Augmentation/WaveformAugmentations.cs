using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Changes the waveform of one training clip at random.</summary>
internal interface IWaveformAugmentation
{
    /// <param name="waveform">The samples, which may be changed in place.</param>
    /// <param name="random">The only source of chance.</param>
    /// <returns>The samples, in the same array or in another.</returns>
    float[] Apply(float[] waveform, Random random);
}

/// <summary>
/// Gives a waveform a length: a longer one is cut at a random place, a shorter one gets silence around it, divided at
/// random.
/// </summary>
internal sealed record WaveformCrop(int Samples) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        int excess = waveform.Length - Samples;
        int place = random.Next(Math.Abs(excess) + 1);
        if (excess >= 0)
        {
            return waveform[place..(place + Samples)];
        }

        var padded = new float[Samples];
        waveform.CopyTo(padded, place);
        return padded;
    }
}

/// <summary>Makes a waveform louder or softer by up to so many decibels, all gains being as likely.</summary>
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

/// <summary>Rolls a waveform by a random number of samples, what leaves at one end coming in at the other.</summary>
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
/// Adds noise to a waveform: a random stretch of a random recording, repeated where it is too short, as loud as a random
/// signal-to-noise ratio within a range says.
/// </summary>
/// <param name="noises">The recordings, at the clips' sample rate, none empty.</param>
/// <param name="probability">The share of clips that get noise, 0 to 1.</param>
/// <param name="minimumDecibels">The lowest ratio of the clip's power to the noise's, in dB.</param>
/// <param name="maximumDecibels">The highest.</param>
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
            float added = noise[(start + i) % noise.Length];
            signalPower += (double)waveform[i] * waveform[i];
            noisePower += (double)added * added;
        }

        // Of silence no ratio makes a sound.
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

    /// <summary>All that the noise follows from.</summary>
    public override string ToString()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (float[] noise in noises)
        {
            hash.AppendData(MemoryMarshal.AsBytes<float>(noise));
        }

        return FormattableString.Invariant(
            $"BackgroundNoise {{ {probability}, {minimumDecibels} to {maximumDecibels} dB, ")
            + $"{Convert.ToHexStringLower(hash.GetHashAndReset())} }}";
    }
}
