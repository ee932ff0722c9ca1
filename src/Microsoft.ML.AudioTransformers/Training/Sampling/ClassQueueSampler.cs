using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Class-balanced sampler of HTS-AT's code: one random clip of each class in turn, with the classes in random order in each turn.
/// </summary>
internal sealed class ClassQueueSampler
{
    private readonly int[][] _clipsOfClass;
    private readonly int _seed;

    /// <summary>Creates a sampler.</summary>
    /// <param name="labels">Class indices of each clip.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="seed">Seed.</param>
    /// <exception cref="ArgumentException">A class is outside 0 to <paramref name="classCount"/> - 1, or no clip has a label.
    /// </exception>
    public ClassQueueSampler(IReadOnlyList<int[]> labels, int classCount, int seed)
    {
        var rows = new List<int>[classCount];
        for (int row = 0; row < labels.Count; row++)
        {
            foreach (int label in labels[row])
            {
                if ((uint)label >= (uint)classCount)
                {
                    throw new ArgumentException(
                        $"Row {row} has the class {label}; expected 0 to {classCount - 1}.", nameof(labels));
                }

                (rows[label] ??= []).Add(row);
            }
        }

        // Classes without clips are skipped.
        _clipsOfClass = [.. rows.Where(list => list is not null).Select(list => list.ToArray())];
        _seed = seed;
        if (_clipsOfClass.Length == 0)
        {
            throw new ArgumentException("No row has a label.", nameof(labels));
        }
    }

    /// <summary>Clip indices of an epoch, in order; it may contain a clip more than once.</summary>
    /// <param name="count">Number of clips, 0 or more.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    public int[] Indices(int count, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Random random = SeededRandom.ForEpoch(_seed, epoch);
        var indices = new int[count];
        int[][] turn = [.. _clipsOfClass];
        for (int i = 0; i < count; i++)
        {
            int position = i % turn.Length;
            if (position == 0)
            {
                random.Shuffle(turn);
            }

            indices[i] = turn[position][random.Next(turn[position].Length)];
        }

        return indices;
    }
}
