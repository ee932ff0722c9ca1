namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Random numbers that follow from a seed and an epoch.</summary>
internal static class SeededRandom
{
    /// <summary>A generator of its own for one epoch.</summary>
    public static Random ForEpoch(int seed, int epoch)
    {
        // SplitMix64's finalizer: neighbouring seeds and epochs give unrelated generators.
        ulong mixed = ((ulong)(uint)seed << 32 | (uint)epoch) + 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return new Random((int)(mixed ^ (mixed >> 31)));
    }
}
