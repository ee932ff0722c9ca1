using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>A training run: builds a network, loads pretrained weights into it, and trains it.</summary>
/// <param name="host">Host of the trainer, for the progress channel, the seed and cancellation.</param>
/// <param name="options">Checked options.</param>
/// <param name="task">Task.</param>
/// <param name="channel">Channel for messages.</param>
/// <param name="group">Process group of a data-parallel training; null for one process.</param>
internal sealed class TrainingRun(
    IHost host, AudioTrainerOptions options, AudioTask task, IChannel channel, ProcessGroup? group = null)
{
    private readonly Replicas? _replicas = group is null ? null : new Replicas(group);
    private readonly ModelFamily _family = ModelFamilies.Of(options.ModelConfig);

    /// <summary>Device of the network.</summary>
    public Device Device { get; } = TorchDevice.Choose(host);

    /// <summary>Record of the training, after it has ended.</summary>
    /// <exception cref="InvalidOperationException">Training has not ended.</exception>
    public AudioTrainingInfo Info => _info ?? throw new InvalidOperationException("Nothing has been trained yet.");

    private AudioTrainingInfo? _info;

    /// <summary>Checks the options against the features and the classes, which are known before any clip is read.</summary>
    /// <param name="shape">Shape of the features of a clip.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option does not fit them.</exception>
    public void Check(FeatureShape shape)
    {
        _family.Check(options.ModelConfig, shape, task.HeadSizes);
        shape.CheckBatch(options.ScoringBatchSize, task.ClassNames.Count, nameof(options.ScoringBatchSize));
        new TrainingSetup(options, task, Seed: 0).CheckClassWeights();
    }

    /// <summary>Trains a network; the caller disposes it.</summary>
    /// <param name="reader">Reader that converts the clips' values to features.</param>
    /// <param name="training">Training set.</param>
    /// <param name="validation">Validation set, or null.</param>
    /// <param name="workspace">Workspace of <see cref="AudioTrainerOptions.WorkspacePath"/>; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option does not fit the data.</exception>
    /// <exception cref="InvalidDataException">
    /// None of the pretrained weights fits, or the workspace's checkpoint is damaged or of another run.
    /// </exception>
    /// <exception cref="InvalidOperationException">The training loss is not finite.</exception>
    public AudioModel Train(
        FeatureReader reader, ClipDataset training, ClipDataset? validation, TrainingWorkspace? workspace)
    {
        int classCount = task.ClassNames.Count;
        int targetCount = training.TargetCount ?? classCount;
        reader.Shape.CheckBatch(Math.Min(options.BatchSize, training.Count), targetCount, nameof(options.BatchSize));
        int seed = options.Seed
            ?? MlNetInternals.GetSeed(host) ?? workspace?.SavedSeed() ?? Random.Shared.Next();
        seed = _replicas?.Seed(seed) ?? seed;
        group?.CheckDevice(Device);
        var setup = new TrainingSetup(options, task, seed) { TargetCount = targetCount, Group = group };
        if (options.Optimization.WeightAveragingFirstEpoch > options.Epochs)
        {
            channel.Warning(
                MessageSensitivity.None,
                "No weights are averaged: WeightAveragingFirstEpoch is "
                + $"{options.Optimization.WeightAveragingFirstEpoch}, and there are {options.Epochs} epochs.");
        }

        AudioModel network = _family.Build(options.ModelConfig, reader.Shape, task.HeadSizes, seed);
        try
        {
            network.LearnsSteps = targetCount > classCount;
            PrecisionChoice precision = ChoosePrecision(network);
            LoadPretrainedWeights(network);
            network.to(Device);
            channel.Info(
                MessageSensitivity.None,
                $"{_family.Name}: {network.parameters().Sum(parameter => parameter.numel())} parameters, "
                + $"{training.Count} clips of {reader.Shape}, {classCount} classes, on {Device}, seed {seed}.");
            AugmentationPlan plan = AugmentationPlan.Create(
                options.Augmentation, options.FrontEnd, options.Sampling.LongClips);
            EpochSampler sampler = EpochSampler.Create(options.Sampling, training.LabelSets, targetCount, seed);
            BatchLoader loader = BatchLoader.ForTraining(training, reader, sampler, plan, targetCount, seed, group);
            RunFingerprint fingerprint = Fingerprint(setup, loader, plan, training, validation, workspace)
                .With("BFloat16", precision.IsBFloat16);
            _replicas?.Check(fingerprint);
            Func<Tensor, Tensor>? forward = null;
            if (options.Optimization.FreezeBackbone && plan.IsEmpty
                && Freeze(network, reader, training, validation, precision) is { } frozen)
            {
                (reader, forward) = (frozen.Backbone.Reader, frozen.Backbone.Classify);
                validation = frozen.Validation;
                loader = BatchLoader.ForTraining(frozen.Training, reader, sampler, plan, targetCount, seed, group);
            }

            Train(
                network, setup, loader, validation is null ? null : BatchLoader.ForValidation(validation, reader, group),
                workspace, fingerprint, forward);
            _info = Info with { TrainingClipCount = training.Count, ValidationClipCount = validation?.Count ?? 0 };
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private RunFingerprint Fingerprint(
        TrainingSetup setup,
        BatchLoader loader,
        AugmentationPlan plan,
        ClipDataset training,
        ClipDataset? validation,
        TrainingWorkspace? workspace)
    {
        // Of a run that nothing compares, the data are not read for it.
        bool isHashed = workspace is not null || group is not null;
        return new RunFingerprint()
            .With("Model", _family.Name)
            .With("Config", options.ModelConfig)
            .With("PretrainedWeights", isHashed ? PretrainedChecksum() : null)
            .With("PretrainedWeightsAdaptation", options.PretrainedWeightsAdaptation)
            .With("FrontEnd", options.FrontEnd)
            .With("Classes", task.ClassNames)
            .With("Heads", task.HeadSizes)
            .With("Targets", setup.TargetCount)
            .With("Epochs", options.Epochs)
            .With("BatchSize", options.BatchSize)
            .With("LearningRate", options.LearningRate)
            .With("WeightDecay", options.WeightDecay)
            .With("Seed", setup.Seed)
            .With("Loss", setup.Loss)
            .With("Optimization", options.Optimization)
            .With("Augmentation", plan.ToString())
            .With("Sampling", options.Sampling)
            .With("TrainingSet", isHashed ? training.Hash() : "")
            .With("ValidationSet", isHashed ? validation?.Hash() : null)
            .With(
                setup.Schedule, options.LearningRate, TrainingLoop.StepsPerEpoch(loader.Count, options.BatchSize),
                options.Epochs);
    }

    /// <summary>
    /// Checksum of the pretrained weights: a resumed run may have the file at another path, but not with other content.
    /// </summary>
    private FileChecksum? PretrainedChecksum() =>
        options.PretrainedWeights is { } path ? FileChecksum.Of(CheckpointFolder.Parts(path)) : null;

    /// <summary>Computes the frozen backbone's output for each clip once.</summary>
    /// <returns>The backbone, and datasets with its output as values; null if canceled.</returns>
    private (FrozenBackbone Backbone, ClipDataset Training, ClipDataset? Validation)? Freeze(
        AudioModel network, FeatureReader reader, ClipDataset training, ClipDataset? validation, PrecisionChoice precision)
    {
        using MixedPrecision.Section section = MixedPrecision.Begin(precision.IsBFloat16);
        var backbone = new FrozenBackbone(network, Device);
        ClipDataset? Compute(ClipDataset clips) =>
            backbone.Compute(clips, reader, options.BatchSize, CancellationCheck());
        ClipDataset? trainingOutput = Compute(training);
        ClipDataset? validationOutput = validation is null || trainingOutput is null ? null : Compute(validation);
        if (trainingOutput is null || (validationOutput is null && validation is not null))
        {
            return null;
        }

        channel.Info(
            MessageSensitivity.None,
            $"The frozen backbone has seen {training.Count + (validation?.Count ?? 0)} clips, once for all epochs.");
        return (backbone, trainingOutput, validationOutput);
    }

    private Func<bool> CancellationCheck()
    {
        Func<bool> hostCanceled = MlNetInternals.GetCancellationCheck(host);
        return () => options.CancellationToken.IsCancellationRequested || hostCanceled();
    }

    private void LoadPretrainedWeights(AudioModel network)
    {
        if (options.PretrainedWeights is { } path)
        {
            CheckpointReport report = _family.LoadCheckpoint(path, network, options.PretrainedWeightsAdaptation);
            channel.Info(MessageSensitivity.None, report.ToString());
            foreach (string difference in report.Differences)
            {
                channel.Warning(MessageSensitivity.None, difference);
            }
        }
    }

    private PrecisionChoice ChoosePrecision(AudioModel network)
    {
        PrecisionChoice choice = PrecisionChoice.Of(options.Optimization.Precision, network, Device);
        channel.Info(MessageSensitivity.None, choice.Describe("Training"));
        if (options.Optimization.Precision != AudioPrecision.BFloat16)
        {
            return choice;
        }

        OptionCheck.That(
            network.HasMixedPrecision, options.Optimization.Precision,
            $"{nameof(options.Optimization)}.{nameof(AudioOptimizationOptions.Precision)}",
            $"{AudioPrecision.Float32}, in which alone {_family.Name} computes");
        if (NativeSelfTest.Default.Problem(Device, ScalarType.BFloat16) is { } problem)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                options.Optimization.Precision,
                $"Option {nameof(options.Optimization)}.{nameof(AudioOptimizationOptions.Precision)} is "
                + $"{options.Optimization.Precision}; expected {AudioPrecision.Float32}. {problem}");
        }

        if (Device.type == DeviceType.CPU && !MixedPrecision.IsFastOnCpu)
        {
            channel.Warning(
                MessageSensitivity.None,
                "This processor is not known to have bfloat16: training in it may be slower than in float32.");
        }

        return choice;
    }

    private void Train(
        AudioModel network,
        TrainingSetup setup,
        BatchLoader training,
        BatchLoader? validation,
        TrainingWorkspace? workspace,
        RunFingerprint fingerprint,
        Func<Tensor, Tensor>? forward)
    {
        using var progress = new TrainingProgress(host, channel, options.Epochs, training.Count);
        void Report(AudioTrainingMetrics metrics)
        {
            if (group is { IsFirst: false })
            {
                return;
            }

            channel.Info(MessageSensitivity.None, metrics.ToString());
            options.MetricsCallback?.Invoke(metrics);
        }

        var loop = new TrainingLoop(network, setup, Device)
        {
            Forward = forward ?? (features => network.call(network.FromFeatures(features))),
            IsCanceled = CancellationCheck(),
            StepEnded = progress.StepEnded,
            StepsMeasured = Report,
            MetricsEverySteps = options.MetricsEverySteps,
            EpochEnded = metrics =>
            {
                progress.EpochEnded(metrics);
                Report(metrics);
            },
            Workspace = workspace,
            Fingerprint = fingerprint,
            CheckpointEverySteps = options.CheckpointEverySteps,
            Resumed = state => channel.Info(
                MessageSensitivity.None,
                $"Resuming from '{workspace!.LastPath}': {state.Epoch} of {options.Epochs} epochs are done, and "
                + $"{state.StepOfEpoch} steps of the next."),
        };
        (TrainingEnd end, TrainingState state) = loop.Run(training, validation);
        AudioTrainingInfo info =
            AudioTrainingInfo.Of(options, setup.Seed, state.Epoch, state.BestEpoch == 0 ? null : state.BestEpoch);
        _info = info with
        {
            ModelName = _family.Name,
            ClassCount = task.ClassNames.Count,
            Machine = $"{info.Machine}, {Device}",
            History = [.. state.History],
        };
        switch (end)
        {
            case TrainingEnd.Canceled:
                channel.Warning(MessageSensitivity.None, "Training was canceled: the model is the best so far.");
                break;
            case TrainingEnd.StoppedEarly:
                channel.Info(
                    MessageSensitivity.None,
                    $"Training stopped: {options.Optimization.EarlyStoppingPatience} epochs without a better "
                    + $"{options.Optimization.EarlyStoppingMetric}.");
                break;
        }
    }
}
