namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Sampling weights that let rare classes be heard as often as frequent ones: a row weighs the more, the rarer its
/// labels are.
/// </summary>
internal static class BalancedSampling
{
    /// <summary>
    /// The weight of each row: 1000 / (offset + rows with the label), summed over the row's labels or the greatest of
    /// them. A row without labels weighs 0.
    /// </summary>
    /// <param name="labels">The labels of each row, as class indices, each at most once.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="offset">What is added to every class's count, 0 or more.</param>
    /// <param name="sum">Whether a row's labels add up (PaSST, AST); otherwise its rarest label counts.</param>
    /// <exception cref="ArgumentException">A row has a class outside 0 to <paramref name="classCount"/> - 1.
    /// </exception>
    public static double[] Weights(
        IReadOnlyList<int[]> labels, int classCount, double offset, bool sum = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var counts = new long[classCount];
        for (int row = 0; row < labels.Count; row++)
        {
            foreach (int label in labels[row])
            {
                if ((uint)label >= (uint)classCount)
                {
                    throw new ArgumentException(
                        $"Row {row} has the class {label}; expected 0 to {classCount - 1}.", nameof(labels));
                }

                counts[label]++;
            }
        }

        var weights = new double[labels.Count];
        for (int row = 0; row < weights.Length; row++)
        {
            foreach (int label in labels[row])
            {
                double weight = 1000 / (offset + counts[label]);
                weights[row] = sum ? weights[row] + weight : Math.Max(weights[row], weight);
            }
        }

        return weights;
    }
}
