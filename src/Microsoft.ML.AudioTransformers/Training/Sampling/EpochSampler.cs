using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Sampler: the clip indices of each epoch, in order, which depend only on the seed and the epoch.</summary>
internal sealed class EpochSampler
{
    private readonly Func<int, int[]> _indices;

    private EpochSampler(int count, Func<int, int[]> indices)
    {
        Count = count;
        _indices = indices;
    }

    /// <summary>Clips of an epoch.</summary>
    public int Count { get; }

    /// <summary>Clip indices of an epoch, counted from 0, in order.</summary>
    public int[] Indices(int epoch) => _indices(epoch);

    /// <summary>Creates a sampler that shuffles all clips in each epoch.</summary>
    public static EpochSampler Shuffled(int clips, int seed) => new(clips, epoch => Shuffle(clips, seed, epoch));

    /// <summary>Creates the sampler of the options, for clips with one class each.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="labels">Class index of each clip.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="InvalidDataException">SamplesPerEpoch, without replacement, is greater than the number of clips.
    /// </exception>
    public static EpochSampler Create(
        AudioSamplingOptions options, IReadOnlyList<int> labels, int classCount, int seed) =>
        Create(options, [.. labels.Select(label => new[] { label })], classCount, seed);

    /// <summary>Creates the sampler of the options.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="labels">Class indices of each clip.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="InvalidDataException">SamplesPerEpoch, without replacement, is greater than the number of clips.
    /// </exception>
    public static EpochSampler Create(
        AudioSamplingOptions options, IReadOnlyList<int[]> labels, int classCount, int seed)
    {
        int count = options.SamplesPerEpoch > 0 ? options.SamplesPerEpoch : labels.Count;
        if (options.Order != ClipOrder.ClassesInTurn && !options.WithReplacement && count > labels.Count)
        {
            throw new InvalidDataException(
                $"Option Sampling.{nameof(options.SamplesPerEpoch)} is {count}, but the training set has {labels.Count} "
                + $"clips; expected no more of them, or {nameof(options.WithReplacement)}.");
        }

        if (options.ShuffleBuffer > 0)
        {
            return new EpochSampler(count, epoch => ShuffleWithin(options.ShuffleBuffer, labels.Count, seed, epoch));
        }

        if (options.Order == ClipOrder.Shuffled && !options.WithReplacement)
        {
            return new EpochSampler(count, epoch => Shuffle(labels.Count, seed, epoch)[..count]);
        }

        if (options.Order == ClipOrder.ClassesInTurn)
        {
            var queue = new ClassQueueSampler(labels, classCount, seed);
            return new EpochSampler(count, epoch => queue.Indices(count, epoch));
        }

        double[] weights = options.Order == ClipOrder.Balanced
            ? BalancedSampling.Weights(labels, classCount, options.BalancedOffset)
            : [.. labels.Select(_ => 1.0)];
        var sampler = new WeightedSampler(weights, seed);
        if (options.WithReplacement)
        {
            return new EpochSampler(count, epoch => sampler.WithReplacement(count, epoch));
        }

        // Clips without labels have weight 0.
        if (options.SamplesPerEpoch > sampler.DrawableCount)
        {
            throw new InvalidDataException(
                $"Option Sampling.{nameof(options.SamplesPerEpoch)} is {count}, but only {sampler.DrawableCount} clips of the "
                + $"training set have labels; expected no more than these, or {nameof(options.WithReplacement)}.");
        }

        int drawn = Math.Min(count, sampler.DrawableCount);
        return new EpochSampler(drawn, epoch => sampler.WithoutReplacement(drawn, epoch));
    }

    /// <summary>
    /// Shuffles with a buffer: draws each clip from the buffer, and puts the next clip of the dataset in its place.
    /// </summary>
    private static int[] ShuffleWithin(int bufferSize, int clips, int seed, int epoch)
    {
        Random random = SeededRandom.ForEpoch(seed, epoch);
        int[] buffer = [.. Enumerable.Range(0, Math.Min(bufferSize, clips))];
        int buffered = buffer.Length;
        int next = buffered;
        var order = new int[clips];
        for (int i = 0; i < clips; i++)
        {
            int slot = random.Next(buffered);
            order[i] = buffer[slot];
            buffer[slot] = next < clips ? next++ : buffer[--buffered];
        }

        return order;
    }

    private static int[] Shuffle(int clips, int seed, int epoch)
    {
        int[] order = [.. Enumerable.Range(0, clips)];
        SeededRandom.ForEpoch(seed, epoch).Shuffle(order);
        return order;
    }
}
