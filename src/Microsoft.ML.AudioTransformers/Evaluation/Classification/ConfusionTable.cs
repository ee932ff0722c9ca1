using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Confusion table: clips by actual and predicted class.</summary>
public sealed class ConfusionTable
{
    private readonly int[] _counts;

    internal ConfusionTable(int[] counts, IReadOnlyList<string> classNames)
    {
        _counts = counts;
        ClassNames = classNames;
    }

    /// <summary>Names of the classes, in the order of rows and columns.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Clips of class <paramref name="actual"/> that were predicted to be of class <paramref name="predicted"/>.
    /// </summary>
    /// <param name="actual">Index of the actual class, counted from 0.</param>
    /// <param name="predicted">Index of the predicted class, counted from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public int this[int actual, int predicted]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)actual, (uint)ClassNames.Count, nameof(actual));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)predicted, (uint)ClassNames.Count, nameof(predicted));
            return _counts[actual * ClassNames.Count + predicted];
        }
    }

    /// <summary>Clips of a class.</summary>
    /// <param name="label">Index of the class, counted from 0.</param>
    public int ActualCount(int label)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)ClassNames.Count, nameof(label));
        int sum = 0;
        foreach (int clips in _counts.AsSpan(label * ClassNames.Count, ClassNames.Count))
        {
            sum += clips;
        }

        return sum;
    }

    /// <summary>Clips that were predicted to be of a class.</summary>
    /// <param name="label">Index of the class, counted from 0.</param>
    public int PredictedCount(int label) => Enumerable.Range(0, ClassNames.Count).Sum(other => this[other, label]);

    /// <summary>The table in plain text: a row for each actual class, a column for each predicted one, then the recall.</summary>
    public string GetFormattedTable()
    {
        var table = new TextTable(["actual \\ predicted", .. ClassNames, "recall"]);
        for (int actual = 0; actual < ClassNames.Count; actual++)
        {
            table.Add(
            [
                ClassNames[actual],
                .. Enumerable.Range(0, ClassNames.Count).Select(predicted => TextTable.Number(this[actual, predicted])),
                TextTable.Number(this[actual, actual] / (double)ActualCount(actual)),
            ]);
        }

        return table.ToString();
    }

    /// <inheritdoc cref="GetFormattedTable"/>
    public override string ToString() => GetFormattedTable();
}
