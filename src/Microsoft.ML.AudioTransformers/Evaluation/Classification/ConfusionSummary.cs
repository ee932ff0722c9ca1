namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>
/// Confusion table of few classes: those with the most mistakes, in their order, and all others counted together, so that no
/// clip is lost.
/// </summary>
internal sealed class ConfusionSummary
{
    private readonly int[] _counts;

    private ConfusionSummary(int[] counts, IReadOnlyList<int> labels, bool hasOthers)
    {
        _counts = counts;
        Labels = labels;
        HasOthers = hasOthers;
    }

    /// <summary>Indices of the classes that have a row and a column of their own.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Whether a last row and column stand for all other classes.</summary>
    public bool HasOthers { get; }

    /// <summary>Rows and columns: the classes, and one more for the others.</summary>
    public int Size => Labels.Count + (HasOthers ? 1 : 0);

    /// <summary>Clips of a row's class that were predicted to be of a column's.</summary>
    public int this[int row, int column] => _counts[(row * Size) + column];

    /// <summary>Clips of a row.</summary>
    public int RowTotal(int row) => _counts.AsSpan(row * Size, Size).ToArray().Sum();

    /// <summary>Summary of at most so many rows and columns.</summary>
    /// <param name="table">Table of all classes.</param>
    /// <param name="maximumSize">Rows and columns at most, 2 or more.</param>
    public static ConfusionSummary Of(ConfusionTable table, int maximumSize)
    {
        int count = table.ClassNames.Count;
        bool hasOthers = count > maximumSize;
        var mistakes = new int[count];
        for (int actual = 0; actual < count && hasOthers; actual++)
        {
            for (int predicted = 0; predicted < count; predicted++)
            {
                int clips = actual == predicted ? 0 : table[actual, predicted];
                mistakes[actual] += clips;
                mistakes[predicted] += clips;
            }
        }

        int[] labels =
        [
            .. Enumerable.Range(0, count).OrderByDescending(label => mistakes[label])
                .Take(hasOthers ? maximumSize - 1 : count).Order(),
        ];
        int size = labels.Length + (hasOthers ? 1 : 0);
        int[] places = [.. Enumerable.Repeat(labels.Length, count)];
        for (int place = 0; place < labels.Length; place++)
        {
            places[labels[place]] = place;
        }

        var counts = new int[size * size];
        for (int actual = 0; actual < count; actual++)
        {
            for (int predicted = 0; predicted < count; predicted++)
            {
                counts[(places[actual] * size) + places[predicted]] += table[actual, predicted];
            }
        }

        return new ConfusionSummary(counts, labels, hasOthers);
    }
}
