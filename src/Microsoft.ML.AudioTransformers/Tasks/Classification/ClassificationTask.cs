using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Classification: a clip has one of several classes (ESC-50, Speech Commands).</summary>
internal sealed record ClassificationTask : ScoredTask
{
    /// <summary>Classes.</summary>
    public required LabelKeys Labels { get; init; }

    public required string ScoreColumnName { get; init; }

    public required string PredictedLabelColumnName { get; init; }

    /// <summary>Columns of the best classes; null for none, and in files of versions that had none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TopClasses? Top { get; init; }

    public override IReadOnlyList<string> ClassNames => Labels.Names;

    private ClassColumns Columns => new()
    {
        Labels = Labels,
        ScoreColumnName = ScoreColumnName,
        PredictedLabelColumnName = PredictedLabelColumnName,
        Top = Top,
    };

    /// <summary>
    /// The option: cross-entropy of a softmax, or binary cross-entropies of sigmoids, as in AudioSet's recipes.
    /// </summary>
    public override AudioLossFunction LossFor(AudioLossFunction asked) => asked;

    public override bool? IsSingleLabel => true;

    /// <summary>Softmax: the probabilities of a clip add up to 1, whatever the loss was.</summary>
    public override Tensor Activate(Tensor logits) => logits.softmax(1);

    public override string ExportName => "classification";

    public override OnnxValue Activate(OnnxValue logits) => logits.Softmax(1);

    public override void Check()
    {
        Top?.Check();
        base.Check();
    }

    /// <inheritdoc cref="ClassColumns.CreateColumns"/>
    public override DataViewSchema.DetachedColumn[] CreateColumns() => Columns.CreateColumns();

    public override Delegate CreateGetter(int column, ClipScores scores) => Columns.CreateGetter(column, scores);
}
