using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// HTS-AT's balanced sampling, without weights: in turns, one random row of every class, the classes in random order.
/// </summary>
internal sealed class ClassQueueSampler
{
    private readonly int[][] _rowsOfClass;
    private readonly int _seed;

    /// <summary>Creates a sampler.</summary>
    /// <param name="labels">The labels of each row, as class indices.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="seed">The seed of all draws.</param>
    /// <exception cref="ArgumentException">A label is outside the classes, or no row has a label.</exception>
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

        // A class without rows has no turn.
        _rowsOfClass = [.. rows.Where(list => list is not null).Select(list => list.ToArray())];
        _seed = seed;
        if (_rowsOfClass.Length == 0)
        {
            throw new ArgumentException("No row has a label.", nameof(labels));
        }
    }

    /// <summary>Draws the rows of an epoch.</summary>
    /// <param name="count">How many rows to draw, 0 or more.</param>
    /// <param name="epoch">Which epoch the draw is for.</param>
    /// <returns>The rows, in the order drawn; a row may come more than once.</returns>
    public int[] Draw(int count, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Random random = SeededRandom.ForEpoch(_seed, epoch);
        var drawn = new int[count];
        int[][] turn = [.. _rowsOfClass];
        for (int i = 0; i < count; i++)
        {
            int place = i % turn.Length;
            if (place == 0)
            {
                random.Shuffle(turn);
            }

            drawn[i] = turn[place][random.Next(turn[place].Length)];
        }

        return drawn;
    }
}
