using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Which pretrained model detects sound events, and how events are read off what it hears.</summary>
public sealed class SoundEventDetectionOptions
{
    /// <summary>
    /// The model: its sizes, its <see cref="AudioTrainerOptions.PretrainedWeights"/>, which must be set, and its
    /// <see cref="AudioTrainerOptions.FrontEnd"/>, with a target length, or null where the column holds features. What
    /// concerns training is not used. Default: HTS-AT as the paper has it, without weights.
    /// </summary>
    public HtsAtTrainer.Options Model = new() { FrontEnd = LogMelOptions.HtsAt };

    /// <summary>The model's classes, in the order of its outputs. Default: none, which has to be changed.</summary>
    public string[] ClassNames = [];

    /// <summary>
    /// How events are read. Default: a class is heard where its presence is above 0.5. For DESED's classes by a model of
    /// AudioSet's: <see cref="EventDecodingOptions.Desed"/>.
    /// </summary>
    public EventDecodingOptions Decoding = new();

    /// <summary>Milliseconds from one frame of the features to the next, above 0; a front end says so itself. Default: 10.
    /// </summary>
    public double FrameMilliseconds = 10;

    /// <summary>
    /// What the names of the columns with events begin with: Labels, Onsets, Offsets and Scores follow. Default: "Event".
    /// </summary>
    public string EventColumnPrefix = "Event";

    /// <summary>Checks every value but <see cref="Decoding"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names the option.
    /// </exception>
    internal void Check()
    {
        OptionCheck.That(Model is not null, "null", nameof(Model), "a trainer's options");
        Model.Check();
        OptionCheck.That(
            Model.PretrainedWeights is not null, "null",
            $"{nameof(Model)}.{nameof(AudioTrainerOptions.PretrainedWeights)}", "a file of weights");
        OptionCheck.That(ClassNames is { Length: > 0 }, "empty", nameof(ClassNames), "the names of the model's classes");
        OptionCheck.That(
            ClassNames.Distinct().Count() == ClassNames.Length, "of names some of which are the same", nameof(ClassNames),
            "different ones");
        OptionCheck.That(Decoding is not null, "null", nameof(Decoding), $"an {nameof(EventDecodingOptions)}");
        OptionCheck.Positive(FrameMilliseconds, nameof(FrameMilliseconds));
        OptionCheck.ColumnName(EventColumnPrefix, nameof(EventColumnPrefix));
    }
}
