using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Trainers;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Trains a network to say of a clip which of several classes it is; each model has a trainer of its own.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
public abstract class AudioClassificationTrainerBase<TOptions>
    : ITrainerEstimator<AudioClassificationTransformer, AudioClassificationModelParameters>
    where TOptions : AudioTrainerOptions
{
    private readonly IHost _host;

    private protected AudioClassificationTrainerBase(IHostEnvironment environment, string name, TOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register(name);
        TrainerOptions = options;
    }

    /// <summary>The trainer wants neither normalized features nor a cache: it keeps what it reads.</summary>
    public TrainerInfo Info { get; } = MlNetInternals.CreateTrainerInfo(
        normalization: false,
        calibration: false,
        caching: false,
        supportValid: true,
        supportIncrementalTrain: false,
        supportTest: false);

    private protected TOptions TrainerOptions { get; }

    /// <summary>Trains a model.</summary>
    /// <param name="input">Rows with the label and the features.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="FileNotFoundException">There are no pretrained weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows or one class only, a row holds what is not a number, the validation set has a class that the
    /// training set lacks, or nothing of the pretrained weights fits.
    /// </exception>
    public AudioClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TrainerOptions.CheckFiles();
        using IChannel channel = _host.Start("Training");
        DataViewSchema.Column labelColumn = SchemaChecks.GetColumn(input.Schema, TrainerOptions.LabelColumnName, "Label");
        DataViewSchema.Column featureColumn = SchemaChecks.GetColumn(input.Schema, TrainerOptions.FeatureColumnName, "Feature");
        LabelKeys labels = LabelKeys.Read(labelColumn);
        FeatureReader reader = TrainerOptions.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(featureColumn);
        var clips = new ClipReader(TrainerOptions.LabelColumnName, TrainerOptions.FeatureColumnName, reader, labels, channel);
        LabeledClips training = clips.ReadTraining(input);
        LabeledClips? validation = TrainerOptions.ValidationSet is { } set ? clips.ReadValidation(set, training) : null;

        using TrainingWorkspace? workspace =
            TrainerOptions.WorkspacePath is { } folder ? new TrainingWorkspace(folder) : null;
        int seed = TrainerOptions.Seed
            ?? MlNetInternals.GetSeed(_host) ?? workspace?.SavedSeed() ?? Random.Shared.Next();
        ModelArchitecture architecture = TrainerOptions.CreateArchitecture();
        torch.Device device = TorchDevice.Choose(_host);
        AudioModel network = architecture.Build(reader.Shape, labels.Count, seed);
        try
        {
            CheckPrecision(network, architecture.Name, device, channel);
            LoadPretrainedWeights(architecture, network, channel);
            network.to(device);
            channel.Info(
                MessageSensitivity.None,
                $"{architecture.Name}: {network.parameters().Sum(parameter => parameter.numel())} parameters, "
                + $"{training.Count} clips of {reader.Shape}, {labels.Count} classes, on {device}, seed {seed}.");
            AugmentationPlan plan = AugmentationPlan.Create(
                TrainerOptions.Augmentation, TrainerOptions.FrontEnd?.TargetSamples ?? 0, TrainerOptions.TimeRollFrames);
            EpochOrder order = EpochOrder.Create(TrainerOptions.Sampling, training.Labels, labels.Count, seed);
            ClipSource trainingSource = ClipSource.ForTraining(training, reader, order, plan, labels.Count, seed);
            TrainingSettings settings = CreateSettings(seed, labels.Count);
            RunFingerprint fingerprint = new RunFingerprint()
                .With("Model", architecture)
                .With("PretrainedWeights", TrainerOptions.PretrainedWeights)
                .With("FrontEnd", TrainerOptions.FrontEnd)
                .With("Classes", labels.Names)
                .With("Settings", settings)
                .With("Augmentation", plan.ToString())
                .With("Sampling", TrainerOptions.Sampling)
                .With("TrainingSet", workspace is null ? "" : training.Hash())
                .With("ValidationSet", workspace is null ? null : validation?.Hash())
                .With(
                    settings.Schedule, settings.LearningRate,
                    TrainingLoop.StepsPerEpoch(trainingSource.Count, settings.BatchSize), settings.Epochs);
            Train(
                network, device, settings, trainingSource,
                validation is null ? null : ClipSource.ForValidation(validation, reader), workspace, fingerprint, channel);
            var description = new ModelDescription
            {
                Architecture = architecture,
                Shape = reader.Shape,
                FrontEnd = TrainerOptions.FrontEnd,
                Labels = labels,
                FeatureColumnName = TrainerOptions.FeatureColumnName,
                ScoreColumnName = TrainerOptions.ScoreColumnName,
                PredictedLabelColumnName = TrainerOptions.PredictedLabelColumnName,
                ScoringBatchSize = TrainerOptions.ScoringBatchSize,
                TimeShifts = TrainerOptions.ScoringTimeShifts,
            };
            return new AudioClassificationTransformer(
                _host, new AudioClassificationModelParameters(network, description, device));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The input's columns with score and predicted label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column label = SchemaChecks.GetColumn(inputSchema, TrainerOptions.LabelColumnName, "Label");
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !label.IsKey)
        {
            throw SchemaChecks.WrongType(
                label.Name, "Label", "a key, as MapValueToKey makes of text or numbers", SchemaChecks.Describe(label));
        }

        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, TrainerOptions.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }

        // A shape knows that there are slot names and key values, not how many.
        var anyLabels = new LabelKeys("Text", ["", ""]);
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(ClassificationColumns.Create(
            anyLabels, TrainerOptions.ScoreColumnName, TrainerOptions.PredictedLabelColumnName)));
    }

    /// <summary>The trainer's schedule where the options have none.</summary>
    private protected abstract LearningRateSchedule CreateDefaultSchedule();

    private void LoadPretrainedWeights(ModelArchitecture architecture, AudioModel network, IChannel channel)
    {
        if (TrainerOptions.PretrainedWeights is { } path)
        {
            channel.Info(
                MessageSensitivity.None,
                architecture.LoadCheckpoint(path, network, TrainerOptions.PretrainedWeightsAdaptation).ToString());
        }
    }

    private void CheckPrecision(AudioModel network, string name, torch.Device device, IChannel channel)
    {
        if (TrainerOptions.Optimization.Precision == AudioTrainingPrecision.Full)
        {
            return;
        }

        OptionCheck.That(
            network.HasMixedPrecision, TrainerOptions.Optimization.Precision,
            $"{nameof(TrainerOptions.Optimization)}.{nameof(AudioOptimizationOptions.Precision)}",
            $"{AudioTrainingPrecision.Full}, in which alone {name} computes");
        if (device.type == DeviceType.CPU && !MixedPrecision.IsFastOnCpu)
        {
            channel.Warning(
                MessageSensitivity.None,
                "This processor is not known to have bfloat16: training in it may be slower than in float32.");
        }
    }

    private TrainingSettings CreateSettings(int seed, int classCount)
    {
        AudioOptimizationOptions optimization = TrainerOptions.Optimization;
        float[]? weights = optimization.ClassWeights;
        OptionCheck.That(
            weights is null || weights.Length == classCount,
            $"of {weights?.Length} numbers", nameof(optimization.ClassWeights),
            $"one for each of the {classCount} classes");
        return new TrainingSettings
        {
            Epochs = TrainerOptions.Epochs,
            BatchSize = TrainerOptions.BatchSize,
            LearningRate = TrainerOptions.LearningRate,
            Schedule = TrainerOptions.LearningRateSchedule ?? CreateDefaultSchedule(),
            WeightDecay = TrainerOptions.WeightDecay,
            Seed = seed,
            ClassCount = classCount,
            Loss = optimization.Loss,
            LabelSmoothing = optimization.LabelSmoothing,
            ClassWeights = weights,
            AccumulationSteps = optimization.AccumulationSteps,
            GradientClipNorm = optimization.GradientClipNorm,
            WeightDecayExclusions = optimization.WeightDecayExclusions,
            LayerDecay = optimization.LayerDecay,
            FreezeBackbone = optimization.FreezeBackbone,
            ExponentialAverageDecay = optimization.ExponentialAverageDecay,
            WeightAveragingFirstEpoch = optimization.WeightAveragingFirstEpoch,
            WeightAveragingEveryEpochs = optimization.WeightAveragingEveryEpochs,
            Precision = optimization.Precision,
            EarlyStoppingPatience = optimization.EarlyStoppingPatience,
            BestMetric = optimization.BestMetric,
        };
    }

    private void Train(
        AudioModel network,
        torch.Device device,
        TrainingSettings settings,
        ClipSource training,
        ClipSource? validation,
        TrainingWorkspace? workspace,
        RunFingerprint fingerprint,
        IChannel channel)
    {
        Func<bool> hostCanceled = MlNetInternals.GetCancellationCheck(_host);
        using var progress = new TrainingProgress(_host, settings.Epochs, training.Count);
        var loop = new TrainingLoop(network, settings, device)
        {
            IsCanceled = () => TrainerOptions.CancellationToken.IsCancellationRequested || hostCanceled(),
            StepEnded = progress.StepEnded,
            StepsMeasured = metrics =>
            {
                channel.Info(MessageSensitivity.None, metrics.ToString());
                TrainerOptions.MetricsCallback?.Invoke(metrics);
            },
            MetricsEverySteps = TrainerOptions.MetricsEverySteps,
            EpochEnded = metrics =>
            {
                progress.EpochEnded(metrics);
                channel.Info(MessageSensitivity.None, metrics.ToString());
                TrainerOptions.MetricsCallback?.Invoke(metrics);
            },
            Workspace = workspace,
            Fingerprint = fingerprint,
            CheckpointEverySteps = TrainerOptions.CheckpointEverySteps,
        };
        switch (loop.Run(training, validation))
        {
            case TrainingEnd.Canceled:
                channel.Warning(MessageSensitivity.None, "Training was canceled: the model is the best so far.");
                break;
            case TrainingEnd.StoppedEarly:
                channel.Info(
                    MessageSensitivity.None,
                    $"Training stopped: {settings.EarlyStoppingPatience} epochs without a better {settings.BestMetric}.");
                break;
        }
    }
}
