using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

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
