using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>
/// Task whose clips have one length and are scored in batches: activation of the logits, and output columns. Its properties are
/// saved with the model.
/// </summary>
internal abstract record ScoredTask : AudioTask, IClipColumns
{
    /// <summary>Whether a clip can have several classes, or none, and not one of each head.</summary>
    [JsonIgnore]
    public virtual bool IsMultiLabel => false;

    /// <summary>Activation: logits (B, classes) to probabilities (B, classes).</summary>
    public abstract Tensor Activate(Tensor logits);

    /// <summary>Whether a clip has one class only, of one head; null for a task with more heads than one.</summary>
    public virtual bool? IsSingleLabel => null;

    /// <summary>Name of the task in the metadata of exported models.</summary>
    [JsonIgnore]
    public abstract string ExportName { get; }

    /// <summary><see cref="Activate(Tensor)"/> in a graph.</summary>
    public abstract OnnxValue Activate(OnnxValue logits);

    /// <summary>
    /// Makes the probabilities (B, classes) outputs of an exported model, and adds what is the task's to its metadata.
    /// </summary>
    public virtual void Export(OnnxExport export, OnnxValue probabilities) => export.Output(
        probabilities, "scores", "Probability of each class, in the order of the metadata's labels.", ClassNames.Count);

    /// <summary>Creates the columns that a model adds, annotated as ML.NET's evaluators and mappers expect.</summary>
    public abstract DataViewSchema.DetachedColumn[] CreateColumns();

    /// <summary>Creates the getter of one of those columns.</summary>
    /// <param name="column">Index of the column in <see cref="CreateColumns"/>.</param>
    /// <param name="scores">Probabilities of the clip in the current row.</param>
    public abstract Delegate CreateGetter(int column, ClipScores scores);

    /// <summary>Checks a task that was read from a file.</summary>
    /// <exception cref="ArgumentException">
    /// There are no classes, a name is missing, or a value is outside its range.
    /// </exception>
    /// <exception cref="FormatException">The name of a class is not of the type of the label values.</exception>
    public virtual void Check()
    {
        OptionCheck.That(
            ClassNames.Count > 0 && ClassNames.All(name => name is not null), $"'{string.Join("', '", ClassNames)}'",
            nameof(ClassNames), "one name or more");

        // The columns hold the names, and the label values in their own type.
        CreateColumns();
    }
}
