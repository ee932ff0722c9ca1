using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>
/// Columns of the classes with the highest scores of a clip, best first: their names, a vector of text, and their scores, a
/// vector of Single. It is saved with a task.
/// </summary>
internal sealed record TopClasses
{
    /// <summary>Number of classes, 1 or more; there are at most as many as the task has.</summary>
    public int Count { get; init; } = 5;

    /// <summary>Name of the column of the names.</summary>
    public string LabelsColumnName { get; init; } = "TopLabels";

    /// <summary>Name of the column of the scores.</summary>
    public string ScoresColumnName { get; init; } = "TopScores";

    /// <summary>Checks what was read from a file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Check()
    {
        OptionCheck.AtLeast(1, Count, nameof(Count));
        OptionCheck.ColumnName(LabelsColumnName, nameof(LabelsColumnName));
        OptionCheck.ColumnName(ScoresColumnName, nameof(ScoresColumnName));
    }

    /// <summary>Creates the two columns for a task's classes.</summary>
    public DataViewSchema.DetachedColumn[] CreateColumns(LabelKeys labels)
    {
        int count = Math.Min(Count, labels.Count);
        return
        [
            new(LabelsColumnName, new VectorDataViewType(TextDataViewType.Instance, count)),
            new(ScoresColumnName, new VectorDataViewType(NumberDataViewType.Single, count)),
        ];
    }

    /// <summary>Creates the getter of one of the columns.</summary>
    /// <param name="column">Index in <see cref="CreateColumns"/>.</param>
    /// <param name="labels">The task's classes.</param>
    /// <param name="scores">Probabilities of the clip in the current row.</param>
    public Delegate CreateGetter(int column, LabelKeys labels, ClipScores scores)
    {
        int count = Math.Min(Count, labels.Count);
        if (column == 0)
        {
            ValueGetter<VBuffer<ReadOnlyMemory<char>>> names = (ref VBuffer<ReadOnlyMemory<char>> value) =>
                AnnotationKinds.Fill<ReadOnlyMemory<char>>(
                    ref value, [.. Best(scores(), count).Select(label => labels.Names[label].AsMemory())]);
            return names;
        }

        ValueGetter<VBuffer<float>> best = (ref VBuffer<float> value) =>
        {
            float[] all = scores().ToArray();
            AnnotationKinds.Fill<float>(ref value, [.. Best(all, count).Select(label => all[label])]);
        };
        return best;
    }

    /// <summary>Indices of the highest scores, best first; equal ones in the order of the classes.</summary>
    private static int[] Best(ReadOnlySpan<float> scores, int count)
    {
        float[] all = scores.ToArray();
        return [.. Enumerable.Range(0, all.Length).OrderByDescending(label => all[label]).Take(count)];
    }
}
