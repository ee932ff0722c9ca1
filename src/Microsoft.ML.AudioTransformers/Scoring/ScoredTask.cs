using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>Probabilities of one clip, one for each of a model's classes; see <see cref="ScoredTask.Activate"/>.</summary>
internal delegate ReadOnlySpan<float> ClipScores();

/// <summary>
/// Task whose clips have one length and are scored in batches: activation of the logits, and output columns. Its properties are
/// saved with the model.
/// </summary>
internal abstract record ScoredTask : AudioTask
{
    /// <summary>Activation: logits (B, classes) to probabilities (B, classes).</summary>
    public abstract Tensor Activate(Tensor logits);

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
