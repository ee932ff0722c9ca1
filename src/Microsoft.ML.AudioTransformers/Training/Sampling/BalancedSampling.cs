namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Sampling weights for class balance: the rarer the labels of a clip, the greater its weight.
/// </summary>
internal static class BalancedSampling
{
    /// <summary>
    /// Computes the weight of each clip: 1000 / (offset + clips with the label), the sum or the maximum over its labels. A clip
    /// without labels has weight 0.
    /// </summary>
    /// <param name="labels">Class indices of each clip, each at most once.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="offset">Number that is added to the clips of each class, 0 or more.</param>
    /// <param name="sum">Whether to sum over a clip's labels (PaSST, AST); otherwise the maximum is used.</param>
    /// <exception cref="ArgumentException">A clip has a class outside 0 to <paramref name="classCount"/> - 1.
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
