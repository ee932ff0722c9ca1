using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Tagging (multi-label classification): a clip has any number of classes (AudioSet, OpenMIC).</summary>
internal sealed record TaggingTask : ScoredTask
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
        IsMultiLabel = true,
    };

    public override bool IsMultiLabel => true;

    /// <summary>Binary cross-entropy of each class; the option is not used.</summary>
    public override AudioLossFunction LossFor(AudioLossFunction asked) => AudioLossFunction.BinaryCrossEntropy;

    public override bool? IsSingleLabel => false;

    /// <summary>Sigmoid: the probabilities of a clip do not add up to 1.</summary>
    public override Tensor Activate(Tensor logits) => logits.sigmoid();

    public override string ExportName => "tagging";

    public override OnnxValue Activate(OnnxValue logits) => logits.Apply("Sigmoid");

    public override void Export(OnnxExport export, OnnxValue probabilities)
    {
        base.Export(export, probabilities);
        export.Describe(OnnxMetadata.Thresholds, Enumerable.Repeat(ScoreColumns.TagThreshold, Labels.Count));
    }

    public override void Check()
    {
        Top?.Check();
        base.Check();
    }

    /// <inheritdoc cref="ClassColumns.CreateColumns"/>
    public override DataViewSchema.DetachedColumn[] CreateColumns() => Columns.CreateColumns();

    public override Delegate CreateGetter(int column, ClipScores scores) => Columns.CreateGetter(column, scores);

    public override ValidationMetric CreateValidationMetric() => new MeanAveragePrecisionMetric();
}

/// <summary>Mean average precision over the classes with positive clips.</summary>
internal sealed class MeanAveragePrecisionMetric : ValidationMetric
{
    private readonly AudioTaggingCollector _clips = new(classNames: null);

    public override void Add(ReadOnlySpan<float> targets, ReadOnlySpan<float> scores) => _clips.Add(targets, scores);

    public override double Compute() => _clips.ToMetrics().MeanAveragePrecisionOfPresentClasses;
}
