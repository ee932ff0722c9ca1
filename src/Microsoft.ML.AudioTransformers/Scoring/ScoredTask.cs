using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>Scores of one clip, one for each of a model's classes, as <see cref="ScoredTask.Activate"/> gives them.</summary>
internal delegate ReadOnlySpan<float> ClipScores();

/// <summary>
/// A task of clips of one length, which are scored in batches: what becomes of a model's outputs. The properties are saved with
/// the model.
/// </summary>
internal abstract record ScoredTask : AudioTask
{
    /// <summary>Logits (B, classes) to probabilities (B, classes).</summary>
    public abstract Tensor Activate(Tensor logits);

    /// <summary>The columns that a model of the task adds, annotated as ML.NET's evaluators and mappers expect.</summary>
    public abstract DataViewSchema.DetachedColumn[] CreateColumns();

    /// <summary>The getter of one of those columns.</summary>
    /// <param name="column">Its place among them.</param>
    /// <param name="scores">The scores of the clip whose row is read.</param>
    public abstract Delegate CreateGetter(int column, ClipScores scores);
}
