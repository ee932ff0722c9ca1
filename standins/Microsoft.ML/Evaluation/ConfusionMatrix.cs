using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How often each class was predicted as each.</summary>
public sealed class ConfusionMatrix
{
    private readonly string[] _classNames;

    internal ConfusionMatrix(double[][] counts, string[] classNames)
    {
        _classNames = classNames;
        Counts = counts.Select(row => (IReadOnlyList<double>)Array.AsReadOnly(row)).ToArray();
        NumberOfClasses = counts.Length;
        PerClassRecall = counts.Select((row, c) => Ratio(row[c], row.Sum())).ToArray();
        PerClassPrecision = counts.Select((row, c) => Ratio(row[c], counts.Sum(other => other[c]))).ToArray();
    }

    /// <summary>Of the rows that were predicted as a class, the part that belongs to it; 0 if there are none.</summary>
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>Of the rows of a class, the part that was predicted as it; 0 if there are none.</summary>
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>The number of rows of a class (first index) that were predicted as a class (second index).</summary>
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    public int NumberOfClasses { get; }

    public string GetFormattedConfusionTable() => ConfusionTable.Format(this, _classNames);

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        CheckIndex(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        CheckIndex(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;

    private void CheckIndex(int index, string paramName)
        => Contracts.CheckParam(
            index >= 0 && index < NumberOfClasses,
            paramName,
            "Invalid index. Should be non-negative, less than the number of classes.");
}
