using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
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
    public HtsAtOptions Model = new() { FrontEnd = LogMelOptions.HtsAt };

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

    /// <summary>
    /// The settings with which HTS-AT's official code finds the events of DESED, ten classes of household sounds, by a model
    /// that was trained on AudioSet and not on DESED; every value can be changed.
    /// </summary>
    /// <param name="pretrainedWeights">A file of weights of AudioSet, such as the authors publish.</param>
    /// <param name="audioSetClassNames">
    /// AudioSet's 527 classes in the order of its <c>class_labels_indices.csv</c>, for the score column; null names them by
    /// their numbers there, from 0.
    /// </param>
    /// <returns>New options, for a column of waveforms at 32 kHz.</returns>
    /// <remarks>
    /// Source: HTS-AT section 3.3 and the official code: <c>config.py</c> for the classes (<c>fl_audioset_mapping</c>),
    /// <c>fl_evaluate.py</c> for the thresholds (<c>thres</c> of the token-semantic layer) and for no median filter,
    /// <c>sed_model.py</c> for no shifts of time. DESED is for testing alone there; to train on it, see
    /// <see cref="SoundEventDetectionTrainer"/>.
    /// </remarks>
    public static SoundEventDetectionOptions Desed(string pretrainedWeights, string[]? audioSetClassNames = null) => new()
    {
        Model = new HtsAtOptions { FrontEnd = LogMelOptions.HtsAt, PretrainedWeights = pretrainedWeights },
        ClassNames = audioSetClassNames
            ?? [.. Enumerable.Range(0, 527).Select(label => label.ToString(CultureInfo.InvariantCulture))],
        Decoding = EventDecodingOptions.Desed(),
    };

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
