using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>What every trainer does with clips and options: builds the network, trains it, and tells of it.</summary>
/// <param name="host">The trainer's host.</param>
/// <param name="options">Checked options.</param>
/// <param name="channel">Where the run is told of.</param>
internal sealed class TrainingRun(IHost host, AudioTrainerOptions options, IChannel channel)
{
    /// <summary>The model that the options describe.</summary>
    public ModelArchitecture Architecture { get; init; } = options.CreateArchitecture();

    /// <summary>The classes of each head, where a clip has one class of each and its tags say which; null for one head.
    /// </summary>
    public IReadOnlyList<int>? HeadSizes { get; init; }

    /// <summary>Where the network is.</summary>
    public Device Device { get; } = TorchDevice.Choose(host);

    /// <summary>Trains a network; the caller disposes it.</summary>
    /// <param name="reader">Makes features of the clips.</param>
    /// <param name="classNames">The classes.</param>
    /// <param name="training">The clips to learn from.</param>
    /// <param name="validation">The clips to measure on, or null.</param>
    public AudioModel Train(
        FeatureReader reader, IReadOnlyList<string> classNames, ClipDataset training, ClipDataset? validation)
    {
        // A clip can have tags for every step in time.
        int targetCount = training.HasTags ? training.Tags(0).Length : classNames.Count;
        reader.Shape.CheckBatch(options.ScoringBatchSize, classNames.Count, nameof(options.ScoringBatchSize));
        reader.Shape.CheckBatch(Math.Min(options.BatchSize, training.Count), targetCount, nameof(options.BatchSize));
        using TrainingWorkspace? workspace = options.WorkspacePath is { } folder ? new TrainingWorkspace(folder) : null;
        int seed = options.Seed
            ?? MlNetInternals.GetSeed(host) ?? workspace?.SavedSeed() ?? Random.Shared.Next();
        AudioModel network = Architecture.Build(reader.Shape, classNames.Count, seed);
        try
        {
            CheckPrecision(network);
            LoadPretrainedWeights(network);
            network.to(Device);
            channel.Info(
                MessageSensitivity.None,
                $"{Architecture.Name}: {network.parameters().Sum(parameter => parameter.numel())} parameters, "
                + $"{training.Count} clips of {reader.Shape}, {classNames.Count} classes, on {Device}, seed {seed}.");
            AugmentationPlan plan = AugmentationPlan.Create(
                options.Augmentation, options.FrontEnd, options.TimeRollFrames);

            EpochSampler order = EpochSampler.Create(options.Sampling, training.LabelSets, targetCount, seed);
            BatchLoader source = BatchLoader.ForTraining(training, reader, order, plan, targetCount, seed);
            TrainingSettings settings = CreateSettings(seed, classNames.Count, targetCount);
            RunFingerprint fingerprint = new RunFingerprint()
                .With("Model", Architecture)
                .With("PretrainedWeights", workspace is null ? null : PretrainedContent())
                .With("PretrainedWeightsAdaptation", options.PretrainedWeightsAdaptation)
                .With("FrontEnd", options.FrontEnd)
                .With("Classes", classNames)
                .With("Settings", settings)
                .With("Augmentation", plan.ToString())
                .With("Sampling", options.Sampling)
                .With("TrainingSet", workspace is null ? "" : training.Hash())
                .With("ValidationSet", workspace is null ? null : validation?.Hash())
                .With(
                    settings.Schedule, settings.LearningRate,
                    TrainingLoop.StepsPerEpoch(source.Count, settings.BatchSize), settings.Epochs);
            Func<Tensor, Tensor>? forward = null;
            if (settings.FreezeBackbone && plan.IsEmpty
                && Freeze(network, reader, settings, training, validation) is { } frozen)
            {
                (reader, forward) = (frozen.Backbone.Reader, frozen.Backbone.Classify);
                validation = frozen.Validation;
                source = BatchLoader.ForTraining(frozen.Training, reader, order, plan, targetCount, seed);
            }

            Train(
                network, settings, source, validation is null ? null : BatchLoader.ForValidation(validation, reader),
                workspace, fingerprint, forward);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The file may be moved, but not changed, between a run and its resumption.</summary>
    private FileContent? PretrainedContent() =>
        options.PretrainedWeights is { } path ? FileContent.Of(path) : null;

    /// <summary>Has a frozen backbone see each clip once.</summary>
    /// <returns>Null when canceled.</returns>
    private (FrozenBackbone Backbone, ClipDataset Training, ClipDataset? Validation)? Freeze(
        AudioModel network,
        FeatureReader reader,
        TrainingSettings settings,
        ClipDataset training,
        ClipDataset? validation)
    {
        var backbone = new FrozenBackbone(network, Device);
        ClipDataset? Compute(ClipDataset clips) =>
            backbone.Compute(clips, reader, settings.BatchSize, CancellationCheck());
        ClipDataset? learned = Compute(training);
        ClipDataset? measured = validation is null ? null : Compute(validation);
        if (learned is null || (measured is null && validation is not null))
        {
            return null;
        }

        channel.Info(
            MessageSensitivity.None,
            $"The frozen backbone has seen {training.Count + (validation?.Count ?? 0)} clips, once for all epochs.");
        return (backbone, learned, measured);
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
            channel.Info(
                MessageSensitivity.None,
                Architecture.LoadCheckpoint(path, network, options.PretrainedWeightsAdaptation).ToString());
        }
    }

    private void CheckPrecision(AudioModel network)
    {
        if (options.Optimization.Precision == AudioTrainingPrecision.Full)
        {
            return;
        }

        OptionCheck.That(
            network.HasMixedPrecision, options.Optimization.Precision,
            $"{nameof(options.Optimization)}.{nameof(AudioOptimizationOptions.Precision)}",
            $"{AudioTrainingPrecision.Full}, in which alone {Architecture.Name} computes");
        if (Device.type == DeviceType.CPU && !MixedPrecision.IsFastOnCpu)
        {
            channel.Warning(
                MessageSensitivity.None,
                "This processor is not known to have bfloat16: training in it may be slower than in float32.");
        }
    }

    private TrainingSettings CreateSettings(int seed, int classCount, int targetCount)
    {
        AudioOptimizationOptions optimization = options.Optimization;
        float[]? weights = optimization.ClassWeights;
        OptionCheck.That(
            weights is null || weights.Length == classCount,
            $"of {weights?.Length} numbers", nameof(optimization.ClassWeights),
            $"one for each of the {classCount} classes");
        return new TrainingSettings
        {
            Epochs = options.Epochs,
            BatchSize = options.BatchSize,
            LearningRate = options.LearningRate,
            Schedule = options.LearningRateSchedule ?? options.CreateDefaultSchedule(),
            WeightDecay = options.WeightDecay,
            Seed = seed,
            ClassCount = targetCount,
            HeadSizes = HeadSizes,
            Loss = optimization.Loss,
            LabelSmoothing = optimization.LabelSmoothing,
            ClassWeights = weights is null
                ? null
                : [.. Enumerable.Range(0, targetCount).Select(target => weights[target % classCount])],
            AccumulationSteps = optimization.AccumulationSteps,
            GradientClipNorm = optimization.GradientClipNorm,
            WeightDecayExclusions = optimization.WeightDecayExclusions,
            LayerDecay = optimization.LayerDecay,
            FreezeBackbone = optimization.FreezeBackbone,
            ExponentialAverageDecay = optimization.ExponentialAverageDecay,
            WeightAveragingFirstEpoch = optimization.WeightAveragingFirstEpoch,
            WeightAveragingEveryEpochs = optimization.WeightAveragingEveryEpochs,
            Precision = optimization.Precision,
            GradientCheckpointing = optimization.GradientCheckpointing,
            EarlyStoppingPatience = optimization.EarlyStoppingPatience,
            EarlyStoppingMetric = optimization.EarlyStoppingMetric,
        };
    }

    private void Train(
        AudioModel network,
        TrainingSettings settings,
        BatchLoader training,
        BatchLoader? validation,
        TrainingWorkspace? workspace,
        RunFingerprint fingerprint,
        Func<Tensor, Tensor>? forward)
    {
        using var progress = new TrainingProgress(host, settings.Epochs, training.Count);
        var loop = new TrainingLoop(network, settings, Device)
        {
            Forward = forward ?? (features => network.call(network.FromFeatures(features))),
            IsCanceled = CancellationCheck(),
            StepEnded = progress.StepEnded,
            StepsMeasured = metrics =>
            {
                channel.Info(MessageSensitivity.None, metrics.ToString());
                options.MetricsCallback?.Invoke(metrics);
            },
            MetricsEverySteps = options.MetricsEverySteps,
            EpochEnded = metrics =>
            {
                progress.EpochEnded(metrics);
                channel.Info(MessageSensitivity.None, metrics.ToString());
                options.MetricsCallback?.Invoke(metrics);
            },
            Workspace = workspace,
            Fingerprint = fingerprint,
            CheckpointEverySteps = options.CheckpointEverySteps,
        };
        switch (loop.Run(training, validation))
        {
            case TrainingEnd.Canceled:
                channel.Warning(MessageSensitivity.None, "Training was canceled: the model is the best so far.");
                break;
            case TrainingEnd.StoppedEarly:
                channel.Info(
                    MessageSensitivity.None,
                    $"Training stopped: {settings.EarlyStoppingPatience} epochs without a better {settings.EarlyStoppingMetric}.");
                break;
        }
    }
}
