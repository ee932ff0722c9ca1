namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Seeded random number generators, one for each epoch, batch, clip or resample. Each depends on nothing but the seed and the
/// indices that it is created with, so that a resumed run draws the same numbers as an uninterrupted one.
/// </summary>
internal static class SeededRandom
{
    /// <summary>Generator of an epoch: shuffling and sampling.</summary>
    public static Random ForEpoch(int seed, int epoch) => Create((uint)seed, (uint)epoch);

    /// <summary>Generator of one bootstrap resample.</summary>
    public static Random ForResample(int seed, int resample) => Create((uint)seed, (uint)resample);

    /// <summary>Seed of the random layers, such as patchout and dropout, in one optimizer step.</summary>
    public static long SeedOfStep(int seed, long step) => (long)(Combine((uint)seed, (ulong)step, 1) >> 1);

    /// <summary>Generator of a clip's augmentation.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <param name="index">Index of the clip in the epoch's order, counted from 0.</param>
    public static Random ForClip(int seed, int epoch, int index) => Create((uint)seed, (uint)epoch, (uint)index, 2);

    /// <summary>Generator of a batch's mixup.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <param name="start">Index of the batch's first clip in the epoch's order.</param>
    public static Random ForBatch(int seed, int epoch, int start) => Create((uint)seed, (uint)epoch, (uint)start, 3);

    /// <summary>Generator of a batch's front end, for its random band edges.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <param name="start">Index of the batch's first clip in the epoch's order.</param>
    public static Random ForFrontEnd(int seed, int epoch, int start) => Create((uint)seed, (uint)epoch, (uint)start, 4);

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
