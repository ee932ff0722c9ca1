namespace Microsoft.ML.AudioFeaturization.Tests;

/// <summary>Waveforms for tests.</summary>
internal static class Signals
{
    /// <summary>White noise in [-0.25, 0.25).</summary>
    public static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        var noise = new float[length];
        for (int i = 0; i < length; i++)
        {
            noise[i] = (random.NextSingle() - 0.5f) / 2;
        }

        return noise;
    }
}
