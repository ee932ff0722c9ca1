using System.Globalization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Pretrained;

/// <summary>Loader of a model from a file of weights: a transformer that needs no training.</summary>
/// <param name="host">Host: log, and device.</param>
/// <param name="path">Path of the file, of an index, or of a folder.</param>
/// <param name="options">Checked copy of the caller's options.</param>
internal sealed class AudioCheckpointLoader(IHost host, string path, AudioCheckpointOptions options)
{
    /// <summary>Opens a file; where there is none, the message says where to get it.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static Checkpoint Open(string path)
    {
        try
        {
            return Checkpoint.Open(path);
        }
        catch (FileNotFoundException exception)
        {
            throw new FileNotFoundException(
                $"{exception.Message} {PublishedCheckpoints.WhereToGet(path)}", exception.FileName, exception);
        }
    }

    /// <summary>Loads the model.</summary>
    /// <exception cref="InvalidDataException">
    /// The file fits no known layout, scores no sounds, does not tell what the options leave open, or lacks weights.
    /// </exception>
    public AudioModelTransformer Load()
    {
        using IChannel channel = host.Start("Checkpoint");
        using Checkpoint checkpoint = Open(path);
        (CheckpointDescription described, _) = AudioCheckpointReader.Describe(checkpoint, options.Adaptation.Prefix);
        CheckComplete(described);
        AudioModelConfig config = options.Config ?? described.Config;
        LogMelOptions frontEnd = options.FrontEnd ?? described.FrontEnd!;
        LabelKeys labels = Labels(described, channel);
        FeatureShape shape = new WaveformReader(frontEnd).Shape;
        AudioModel network = Build(described.Family, config, shape, labels.Count);
        try
        {
            CheckpointReport report = described.Family.LoadCheckpoint(checkpoint, network, options.Adaptation);
            CheckWhole(network, report);
            channel.Info(MessageSensitivity.None, $"{described.Layout.Name}. {report}");
            foreach (string line in described.Assumed)
            {
                channel.Info(MessageSensitivity.None, $"Taken for granted: {line}");
            }

            var description = new ModelDescription
            {
                Architecture = config,
                Shape = shape,
                FrontEnd = frontEnd,
                FeatureColumnName = options.FeatureColumnName,
                ScoringBatchSize = options.ScoringBatchSize,
                Precision = options.ScoringPrecision,
            };
            description = SavedWeightsDescription.ScoreAs(checkpoint, description, options.ScoringTimeShifts);
            description.Check(labels.Count);
            Device device = TorchDevice.Choose(host);
            network.to(device);
            return Create(network, description, labels, device, options.Task ?? TaskOf(described));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static AudioCheckpointTask TaskOf(CheckpointDescription described) =>
        described.IsSingleLabel == true ? AudioCheckpointTask.Classification : AudioCheckpointTask.Tagging;

    /// <summary>Checks that file and options together tell everything.</summary>
    private void CheckComplete(CheckpointDescription described)
    {
        if (described.Classes == 0)
        {
            throw new InvalidDataException(
                $"'{path}' ({described.Layout.Name}) has no layer that scores classes of sounds: it is where a training starts from. "
                + $"Set {nameof(AudioTrainerOptions.PretrainedWeights)} of a trainer's options to its path.");
        }

        if (options.Config is { } config && config.GetType() != described.Family.ConfigType)
        {
            throw new InvalidDataException(
                $"'{path}' is of {described.Family.Name}; option Config is a {config.GetType().Name}; expected a "
                + $"{described.Family.ConfigType.Name}.");
        }

        string[] open = [.. described.Missing.Where(IsOpen)];
        if (open.Length > 0)
        {
            throw new InvalidDataException(
                $"'{path}' ({described.Layout.Name}) does not tell all that is needed. Set these options of "
                + $"{nameof(AudioCheckpointOptions)}:{string.Concat(open.Select(line => Environment.NewLine + line))}");
        }
    }

    /// <summary>Whether the options leave open what a line begins with.</summary>
    private bool IsOpen(string line)
    {
        string names = line.Split(':')[0];
        return (names.Contains("Config.", StringComparison.Ordinal) && options.Config is null)
            || (names.Contains("FrontEnd", StringComparison.Ordinal) && options.FrontEnd is null);
    }

    /// <summary>Names of the classes: the file's, or the caller's in the file's order, else numbers from 1.</summary>
    private LabelKeys Labels(CheckpointDescription described, IChannel channel)
    {
        if (described.Labels is { } known && known.Count != described.Classes)
        {
            throw new InvalidDataException($"'{path}' has {described.Classes} classes, and names {known.Count}.");
        }

        if (options.Labels is { } given)
        {
            CheckLabels(given, described);
            return new LabelKeys("Text", [.. given]);
        }

        if (described.Labels is { } labels)
        {
            return new LabelKeys("Text", labels);
        }

        channel.Warning(
            MessageSensitivity.None,
            $"'{path}' does not name its {described.Classes} classes, and is no published file of that name: they are numbers from "
            + $"1. Set {nameof(AudioCheckpointOptions.Labels)} to their names in the order of its scores.");
        return new LabelKeys(
            "Text", [.. Enumerable.Range(1, described.Classes).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
    }

    private void CheckLabels(IReadOnlyList<string> given, CheckpointDescription described)
    {
        if (given.Count != described.Classes)
        {
            throw new InvalidDataException(
                $"Option {nameof(AudioCheckpointOptions.Labels)} has {given.Count} names; '{path}' has {described.Classes} classes, "
                + "and each needs its own, in the order of its scores.");
        }

        if (described.Labels is { } known)
        {
            int different = Enumerable.Range(0, given.Count).FirstOrDefault(i => given[i] != known[i], -1);
            if (different >= 0)
            {
                throw new InvalidDataException(
                    $"Option {nameof(AudioCheckpointOptions.Labels)} names class {different} '{given[different]}'; '{path}' names "
                    + $"it '{known[different]}'. Leave the option null for the file's own names.");
            }
        }
    }

    private AudioModel Build(ModelFamily family, AudioModelConfig config, FeatureShape shape, int classes)
    {
        try
        {
            return family.Build(config, shape, [classes], seed: 0);
        }
        catch (ArgumentOutOfRangeException exception) when (options.Config is null)
        {
            throw new InvalidDataException(
                $"The sizes of '{path}' are not those of a {family.Name}: {exception.Message}", exception);
        }
    }

    /// <summary>Checks that every weight which a score depends on came from the file.</summary>
    private void CheckWhole(AudioModel network, CheckpointReport report)
    {
        // Batch normalization counts its batches in training only.
        string[] missing =
        [
            .. report.Missing.Where(name =>
                !network.IsUnused(name) && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)),
        ];
        if (missing.Length > 0)
        {
            string names = string.Join(", ", missing.Take(5)) + (missing.Length > 5 ? " and others" : "");
            string others = string.Join("; ", report.LeftOut.Take(3).Select(item => $"{item.Name}: {item.Reason}"));
            throw new InvalidDataException(
                $"'{path}' lacks {missing.Length} weights of a {network.GetName()} of its sizes: {names}."
                + (others.Length > 0 ? $" It was not used for them: {others}." : ""));
        }
    }

    private AudioModelTransformer Create(
        AudioModel network, ModelDescription description, LabelKeys labels, Device device, AudioCheckpointTask task)
    {
        AudioModelParameters Parameters(ScoredTask scored) => new(network, description, scored, device);
        return task == AudioCheckpointTask.Classification
            ? new AudioClassificationTransformer(host, Parameters(new ClassificationTask
            {
                Labels = labels,
                ScoreColumnName = options.ScoreColumnName,
                PredictedLabelColumnName = options.PredictedLabelColumnName,
                Top = new TopClasses(),
            }))
            : new AudioTaggingTransformer(host, Parameters(new TaggingTask
            {
                Labels = labels,
                ScoreColumnName = options.ScoreColumnName,
                PredictedLabelColumnName = options.PredictedLabelColumnName,
                Top = new TopClasses(),
            }));
    }
}
