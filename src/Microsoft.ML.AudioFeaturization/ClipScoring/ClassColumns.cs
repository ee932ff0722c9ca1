using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Columns of classification and of tagging: scores of the classes, and the label or labels predicted by them.</summary>
internal sealed record ClassColumns : IClipColumns
{
    /// <summary>Classes.</summary>
    public required LabelKeys Labels { get; init; }

    public required string ScoreColumnName { get; init; }

    public required string PredictedLabelColumnName { get; init; }

    /// <summary>Whether a clip has any number of classes (tagging), and not one (classification).</summary>
    [JsonIgnore]
    public bool IsMultiLabel { get; init; }

    /// <summary>Columns of the best classes; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TopClasses? Top { get; init; }

    public IReadOnlyList<string> ClassNames => Labels.Names;

    public IReadOnlyList<int> HeadSizes => [Labels.Count];

    /// <summary>
    /// Score, a vector of Single with one named slot a class; and predicted label: a key with the values of the label column, or
    /// for tagging a vector of keys, the classes with a probability of 0.5 or more; then those of <see cref="Top"/>.
    /// </summary>
    public DataViewSchema.DetachedColumn[] CreateColumns() =>
    [
        .. ScoreColumns.Create(Labels, ScoreColumnName, PredictedLabelColumnName, IsMultiLabel),
        .. Top?.CreateColumns(Labels) ?? [],
    ];

    public Delegate CreateGetter(int column, ClipScores scores) => column switch
    {
        0 => ScoreColumns.ScoreGetter(scores, 0, Labels.Count),
        1 when IsMultiLabel => ScoreColumns.KeysGetter(scores),
        1 => ScoreColumns.BestKeyGetter(scores, 0, Labels.Count),
        _ => Top!.CreateGetter(column - 2, Labels, scores),
    };
}
