namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Seeded random generators, one for each place where they are used, such as an epoch or a clip of it. The numbers follow
/// from the seed and the place alone: a resumed run draws what an uninterrupted one would have drawn.
/// </summary>
internal static class SeededRandom
{
    /// <summary>For the choices that are made once an epoch, such as the order of its clips.</summary>
    public static Random ForEpoch(int seed, int epoch) => Create((uint)seed, (uint)epoch);

    /// <summary>For one resample of a bootstrap: the clips that it draws.</summary>
    public static Random ForResample(int seed, int resample) => Create((uint)seed, (uint)resample);

    /// <summary>The seed of what is random in one optimizer step, such as patchout.</summary>
    public static long SeedOfStep(int seed, long step) => (long)(Combine((uint)seed, (ulong)step, 1) >> 1);

    /// <summary>For the augmentation of the clip at a place in an epoch's order, counted from 0.</summary>
    public static Random ForClip(int seed, int epoch, int place) => Create((uint)seed, (uint)epoch, (uint)place, 2);

    /// <summary>For what is random about the batch that begins at a place in an epoch's order.</summary>
    public static Random ForBatch(int seed, int epoch, int place) => Create((uint)seed, (uint)epoch, (uint)place, 3);

    /// <summary>For the front end of the batch that begins at a place in an epoch's order.</summary>
    public static Random ForFrontEnd(int seed, int epoch, int place) => Create((uint)seed, (uint)epoch, (uint)place, 4);

    private static Random Create(params ReadOnlySpan<ulong> keys) => new((int)Combine(keys));

    private static ulong Combine(params ReadOnlySpan<ulong> keys)
    {
        ulong state = 0;
        foreach (ulong key in keys)
        {
            state = Mix(state + key);
        }

        return state;
    }

    /// <summary>SplitMix64's step: neighbouring keys give unrelated generators.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
