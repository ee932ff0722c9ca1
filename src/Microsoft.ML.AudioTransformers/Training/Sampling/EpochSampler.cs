using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Which clips an epoch is made of, in which order; it follows from the seed and the epoch alone.</summary>
internal sealed class EpochSampler
{
    private readonly Func<int, int[]> _draw;

    private EpochSampler(int count, Func<int, int[]> draw)
    {
        Count = count;
        _draw = draw;
    }

    /// <summary>Clips of an epoch.</summary>
    public int Count { get; }

    /// <summary>The clips of an epoch, as places in the set.</summary>
    public int[] Draw(int epoch) => _draw(epoch);

    /// <summary>Every clip once, in an order of its own each epoch.</summary>
    public static EpochSampler Shuffled(int clips, int seed) => new(clips, epoch => Shuffle(clips, seed, epoch));

    /// <summary>As the options say.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="labels">The class of each clip.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="seed">The seed of all draws.</param>
    /// <exception cref="InvalidDataException">An epoch is to have more different clips than there are.</exception>
    public static EpochSampler Create(
        AudioSamplingOptions options, IReadOnlyList<int> labels, int classCount, int seed) =>
        Create(options, [.. labels.Select(label => new[] { label })], classCount, seed);

    /// <summary>As the options say.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="labels">The classes of each clip.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="seed">The seed of all draws.</param>
    /// <exception cref="InvalidDataException">An epoch is to have more different clips than there are.</exception>
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
            var turns = new ClassQueueSampler(labels, classCount, seed);
            return new EpochSampler(count, epoch => turns.Draw(count, epoch));
        }

        double[] weights = options.Order == ClipOrder.Balanced
            ? BalancedSampling.Weights(labels, classCount, options.BalancedOffset)
            : [.. labels.Select(_ => 1.0)];
        var sampler = new WeightedSampler(weights, seed);
        return new EpochSampler(count, epoch => options.WithReplacement
            ? sampler.WithReplacement(count, epoch)
            : sampler.WithoutReplacement(count, epoch));
    }

    /// <summary>
    /// Every clip once: each is drawn from a buffer, which the next of the rows then enters in its place.
    /// </summary>
    private static int[] ShuffleWithin(int bufferSize, int clips, int seed, int epoch)
    {
        Random random = SeededRandom.ForEpoch(seed, epoch);
        int[] buffer = [.. Enumerable.Range(0, Math.Min(bufferSize, clips))];
        int held = buffer.Length;
        int next = held;
        var order = new int[clips];
        for (int place = 0; place < clips; place++)
        {
            int drawn = random.Next(held);
            order[place] = buffer[drawn];
            buffer[drawn] = next < clips ? next++ : buffer[--held];
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
