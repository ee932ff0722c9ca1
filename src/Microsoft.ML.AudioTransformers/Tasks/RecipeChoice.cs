using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Options;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Choice of a trainer's options by its training set: a recipe that learns from random weights or, with pretrained weights, the
/// one with which the authors fine-tuned theirs.
/// </summary>
/// <param name="family">Family of the model.</param>
/// <param name="change">Changes the options that were chosen; null for none.</param>
internal sealed class RecipeChoice(ModelFamily family, Action<AudioTrainerOptions>? change)
{
    private const double LongestSeconds = 10;

    /// <summary>Choice of options of a type.</summary>
    public static RecipeChoice Of<TOptions>(Action<TOptions>? change)
        where TOptions : AudioTrainerOptions => new(
            ModelFamilies.All.FirstOrDefault(family => family.OptionsType == typeof(TOptions))
            ?? throw new ArgumentException(
                $"{typeof(TOptions).Name} are the options of no model; expected one of "
                + $"{string.Join(", ", ModelFamilies.All.Select(family => family.OptionsType.Name))}."),
            change is null ? null : options => change((TOptions)options));

    /// <summary>Options before there is a training set: those that do not depend on it are as they will be.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public AudioTrainerOptions Draft()
    {
        AudioTrainerOptions draft = family.CreateSmall(16000);
        change?.Invoke(draft);

        // What fits together depends on the clips, and is checked for them.
        OptionCheck.Ranges(draft);
        return OptionCheck.Copy(draft);
    }

    /// <summary>Chooses the options for a training set.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="channel">Takes a line that tells what was chosen.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or an option does not fit the
    /// clips.</exception>
    /// <exception cref="FileNotFoundException">The file of pretrained weights does not exist.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or the weights cannot be read.</exception>
    public AudioTrainerOptions For(IDataView data, IChannel channel)
    {
        AudioTrainerOptions draft = Draft();
        draft.CheckFiles();
        DataViewSchema.Column column = FeatureColumns.Find(data.Schema, draft.FeatureColumnName, areWaveforms: null);
        ClipStatistics clips = ClipSurvey.Of(data, column);
        AudioTrainerOptions options = draft.PretrainedWeights is { } path
            ? FineTuning(clips, path, draft.PretrainedWeightsAdaptation.Prefix)
            : family.CreateFromScratch(new ScratchPlan(clips));
        change?.Invoke(options);
        options.FeatureColumnName = column.Name;
        OptionCheck.All(options);
        channel.Info(MessageSensitivity.None, Describe(options, clips));
        return options;
    }

    private AudioTrainerOptions FineTuning(ClipStatistics clips, string path, string? prefix)
    {
        CheckpointDescription? file;
        LogMelOptions? frontEnd;
        using (Checkpoint checkpoint = Checkpoint.Open(path))
        {
            file = family.Describe(checkpoint, prefix);
            frontEnd = WeightsMetadata.Read(checkpoint)?.FrontEnd;
        }

        double longest = clips.AreWaveforms ? clips.Seconds[^1] : LongestSeconds;
        double seconds = frontEnd is not { TargetLength: > 0 }
            ? Math.Clamp(Math.Ceiling(longest * 100) / 100, 0.2, LongestSeconds)
            : (double)frontEnd.TargetLength / frontEnd.SampleRate;
        AudioTrainerOptions options = family.CreateFineTuning(
            file is null ? null : OptionCheck.Copy(file.Config), seconds, clips.SampleRate);

        if (frontEnd is not null)
        {
            // Weights of this library know what made their features. The authors' augmentation is for features of theirs.
            if ((options.FrontEnd?.SampleRate, options.FrontEnd?.MelBins) != (frontEnd.SampleRate, frontEnd.MelBins))
            {
                options.Augmentation = family.CreateFromScratch(new ScratchPlan(clips)).Augmentation;
            }

            options.FrontEnd = frontEnd;
        }

        if (!clips.AreWaveforms)
        {
            options.FrontEnd = null;
            AudioAugmentationOptions augmentation = options.Augmentation;
            (augmentation.GainDecibels, augmentation.WaveformMixupProbability, augmentation.RollSamples) = (0, 0, 0);
            (augmentation.LowFrequencyRange, augmentation.HighFrequencyRange) = (0, 0);
        }
        else if (longest > seconds)
        {
            options.LongClips = LongClips.Windows;
            options.Sampling.LongClips = LongTrainingClips.RandomWindow;
        }

        return options;
    }

    /// <summary>What was chosen, in a line.</summary>
    public static string Describe(AudioTrainerOptions options, ClipStatistics clips)
    {
        string name = ModelFamilies.Of(options.ModelConfig).Name;
        string what = clips.AreWaveforms
            ? Text($"{clips.Seconds[0]:0.##} to {clips.Seconds[^1]:0.##} s at {clips.SampleRate} Hz")
            : Text($"{clips.Frames} frames x {clips.Mels} mel bins");
        string heard = options.FrontEnd is not { } frontEnd ? "" : Text(
            $"; {(double)frontEnd.TargetLength / frontEnd.SampleRate:0.##} s{(clips.Seconds[^1] * frontEnd.SampleRate
                >= frontEnd.TargetLength + frontEnd.HopLength ? " at a time" : "")} in {frontEnd.Bands} mel bins every ")
            + Text($"{1000.0 * frontEnd.HopLength / frontEnd.SampleRate:0.#} ms");
        string start = options.PretrainedWeights is { } path
            ? $"fine-tuning of '{Path.GetFileName(path)}' by {options.RecipeName}"
            : "a small model from random weights";
        return Text($"{name} for {clips.Count} clips of {what}{heard}: {start}, {options.Epochs} epochs in batches of ")
            + Text($"{options.BatchSize}, learning rate {options.LearningRate}. OptionsFor gives these options, to print and to ")
            + "change.";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
