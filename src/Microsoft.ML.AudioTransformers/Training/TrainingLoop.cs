using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Training loop: epochs of steps, validation, early stopping, checkpoints and metrics, for all models and tasks.
/// </summary>
/// <remarks>
/// Random numbers depend only on the seed, the epoch and the step, so that an interrupted and resumed run ends with the same
/// weights as an uninterrupted one.
/// </remarks>
internal sealed class TrainingLoop
{
    private readonly AudioModel _model;
    private readonly TrainingSetup _setup;
    private readonly Device _device;
    private readonly ProcessGroup? _group;
    private readonly Replicas? _replicas;

    /// <param name="model">Model on <paramref name="device"/>.</param>
    /// <param name="setup">Options, task and seed.</param>
    /// <param name="device">Device.</param>
    public TrainingLoop(AudioModel model, TrainingSetup setup, Device device)
    {
        _model = model;
        _setup = setup;
        _device = device;
        _group = setup.Group;
        _replicas = _group is null ? null : new Replicas(_group);
        Forward = features => model.call(model.FromFeatures(features));
    }

    /// <summary>
    /// Forward pass, from the features of a data loader's batch (B, frames, mels) to logits (B, classes). Default: that of the
    /// model. With a <see cref="FrozenBackbone"/>, only its head.
    /// </summary>
    public Func<Tensor, Tensor> Forward { get; init; }

    /// <summary>Cancellation check, called before each step. Default: never canceled.</summary>
    public Func<bool> IsCanceled { get; init; } = static () => false;

    /// <summary>Callback after each epoch.</summary>
    public Action<AudioTrainingMetrics> EpochEnded { get; init; } = static _ => { };

    /// <summary>
    /// Callback after each step, with the epoch, counted from 1, the number of its clips so far, clips a second in it, and an
    /// estimate of the time that is left.
    /// </summary>
    public Action<int, int, double, TimeSpan> StepEnded { get; init; } = static (_, _, _, _) => { };

    /// <summary>Callback within an epoch, every <see cref="MetricsEverySteps"/> steps.</summary>
    public Action<AudioTrainingMetrics> StepsMeasured { get; init; } = static _ => { };

    /// <summary>Steps between calls of <see cref="StepsMeasured"/>; 0 for never.</summary>
    public int MetricsEverySteps { get; init; }

    /// <summary>Workspace for checkpoints and the log; null for none.</summary>
    public TrainingWorkspace? Workspace { get; init; }

    /// <summary>
    /// Callback before the first step of a run that the workspace's checkpoint resumes, with the state in it.
    /// </summary>
    public Action<TrainingState> Resumed { get; init; } = static _ => { };

    /// <summary>Fingerprint of the run, which must equal that of the workspace's checkpoint.</summary>
    public RunFingerprint Fingerprint { get; init; } = new();

    /// <summary>Steps between checkpoints; 0 for one after each epoch only.</summary>
    public int CheckpointEverySteps { get; init; }

    /// <summary>
    /// Trains until the last epoch, early stopping or cancellation. After the last epoch, the model has its final weights, or the
    /// averaged ones; after early stopping or cancellation, those of the best epoch if there is one.
    /// </summary>
    /// <param name="training">Data loader of the training set.</param>
    /// <param name="validation">Data loader of the validation set, or null.</param>
    /// <returns>Why the run ended, and its state.</returns>
    /// <exception cref="InvalidOperationException">The training loss is not finite, or the weights are not.</exception>
    /// <exception cref="InvalidDataException">The workspace's checkpoint is damaged or of another run.</exception>
    public (TrainingEnd End, TrainingState State) Run(BatchLoader training, BatchLoader? validation)
    {
        using var step = new TrainingStep(_model, _setup, _device, Forward);
        TrainingState? resumed = Workspace?.Resume(_model, step, Fingerprint);
        if (_replicas is not null)
        {
            resumed = _replicas.Start(_model, step, resumed);
        }

        TrainingState state = resumed ?? new TrainingState();
        state.Check(_setup.Options.Epochs, StepsPerEpoch(training.Count, _setup.Options.BatchSize), Workspace?.LastPath);
        if (resumed is not null && Workspace is not null)
        {
            Resumed(state);
        }

        var best = new BestWeights(_model, _setup.Optimization.EarlyStoppingMetric, Workspace?.BestPath);
        TrainingEnd end = RunEpochs(training, validation, step, state, best);
        if ((end == TrainingEnd.Completed || !best.Restore(state)) && step.Average is { Count: > 0 } average)
        {
            average.Swap();
        }

        // Rank 0 alone has the workspace, and so the best epoch of a resumed run.
        _replicas?.CopyWeights(_model);
        CheckWeights(state);
        return (end, state);
    }

    /// <summary>Optimizer steps of an epoch; the last one may have fewer clips.</summary>
    public static int StepsPerEpoch(int clips, int batchSize) => (int)(((long)clips + batchSize - 1) / batchSize);

    private TrainingEnd RunEpochs(
        BatchLoader training, BatchLoader? validation, TrainingStep step, TrainingState state, BestWeights best)
    {
        var speed = new TrainingSpeed(state.Seconds);
        int stepsPerEpoch = StepsPerEpoch(training.Count, _setup.Options.BatchSize);
        while (state.Epoch < _setup.Options.Epochs)
        {
            if (IsOutOfPatience(state))
            {
                return TrainingEnd.StoppedEarly;
            }

            if (!RunEpoch(training, stepsPerEpoch, step, state, speed))
            {
                Save(step, state, speed);
                return TrainingEnd.Canceled;
            }

            // Equal already where the library sums alike on all ranks, which MPI only recommends.
            _replicas?.CopyWeights(_model);
            step.EndEpoch(state.Epoch + 1);
            AveragedWeights? average = step.Average is { Count: > 0 } some ? some : null;
            average?.Swap();
            ValidationResult? result = validation is null ? null : Validate(validation, step.IsBFloat16);
            AudioTrainingMetrics metrics = CreateMetrics(state, stepsPerEpoch, speed, result, isEpochEnd: true);
            best.Update(metrics, state);
            average?.Swap();
            state.History.Add(metrics);
            state.Epoch++;
            state.StepOfEpoch = 0;
            (state.LossSum, state.CorrectCount, state.ClipCount) = (0, 0, 0);
            Save(step, state, speed);
            Workspace?.WriteLog(state.History);
            EpochEnded(metrics);
        }

        return IsOutOfPatience(state) ? TrainingEnd.StoppedEarly : TrainingEnd.Completed;
    }

    private bool IsOutOfPatience(TrainingState state)
    {
        int patience = _setup.Optimization.EarlyStoppingPatience;
        return patience > 0 && state.Epoch - state.BestEpoch >= patience;
    }

    /// <returns>False if canceled.</returns>
    private bool RunEpoch(
        BatchLoader training, int stepsPerEpoch, TrainingStep step, TrainingState state, TrainingSpeed speed)
    {
        using RunningMetrics running = _group is null or { IsFirst: true }
            ? new RunningMetrics(_device, state.LossSum, state.CorrectCount, state.ClipCount, _setup.HeadSizes)
            : new RunningMetrics(_device, headSizes: _setup.HeadSizes);
        step.BeginEpoch();
        speed.BeginEpoch();

        // What several ranks know of each other is a step old: it comes with the step's gradients.
        bool isCanceled = _group is not null && _group.IsAny(IsCanceled());
        IEnumerable<ClipBatch> batches = training.Batches(_setup.Options.BatchSize, state.Epoch, state.StepOfEpoch);
        foreach (ClipBatch batch in speed.Measure(batches))
        {
            if (_group is null ? IsCanceled() : isCanceled)
            {
                Store(running, state);
                return false;
            }

            isCanceled = step.Run(
                batch, _setup.LearningRate(state.Step, stepsPerEpoch), state.Step, running, _group is not null && IsCanceled());
            state.Step++;
            state.StepOfEpoch++;
            speed.StepEnded(batch.Shard.Total);
            long stepsLeft = ((long)stepsPerEpoch * _setup.Options.Epochs) - state.Step;
            long clipsDone = Math.Min((long)state.StepOfEpoch * _setup.Options.BatchSize, training.Count);
            StepEnded(state.Epoch + 1, (int)clipsDone, speed.ClipsPerSecond, speed.Remaining(stepsLeft));
            bool isLast = state.StepOfEpoch == stepsPerEpoch;
            if (!isLast && IsDue(state.Step, CheckpointEverySteps))
            {
                Store(running, state);
                Save(step, state, speed);
            }

            if (!isLast && IsDue(state.Step, MetricsEverySteps))
            {
                Store(running, state);
                StepsMeasured(CreateMetrics(state, stepsPerEpoch, speed, validation: null, isEpochEnd: false));
            }
        }

        speed.EndEpoch();
        Store(running, state);
        if (!double.IsFinite(state.LossSum))
        {
            throw new InvalidOperationException(
                $"The training loss of epoch {state.Epoch + 1} is {state.LossSum / state.ClipCount}; expected a finite "
                + $"number. A LearningRate below {_setup.Options.LearningRate} may help.");
        }

        CheckWeights(state);
        return true;
    }

    /// <summary>
    /// Checks that the weights are finite, which a loss that was measured before the last steps does not tell: neither a
    /// checkpoint nor a model that no file could be loaded from may take their place.
    /// </summary>
    private void CheckWeights(TrainingState state)
    {
        if (ModuleWeights.FirstNotFinite(_model) is { } name)
        {
            throw new InvalidOperationException(
                $"The weights '{name}' are not finite after step {state.Step}; expected finite numbers. A LearningRate below "
                + $"{_setup.Options.LearningRate} may help.");
        }
    }

    private static bool IsDue(long step, int every) => every > 0 && step % every == 0;

    private void Store(RunningMetrics running, TrainingState state) =>
        (state.LossSum, state.CorrectCount, state.ClipCount) = running.Sums(_group);

    private void Save(TrainingStep step, TrainingState state, TrainingSpeed speed)
    {
        state.Seconds = speed.Seconds;

        // Of weights that are not finite, no training goes on: keep the last checkpoint.
        if (double.IsFinite(state.LossSum) && ModuleWeights.FirstNotFinite(_model) is null)
        {
            Workspace?.Save(_model, step, state, Fingerprint);
        }
    }

    private AudioTrainingMetrics CreateMetrics(
        TrainingState state,
        int stepsPerEpoch,
        TrainingSpeed speed,
        ValidationResult? validation,
        bool isEpochEnd)
    {
        long stepCount = (long)stepsPerEpoch * _setup.Options.Epochs;
        return new AudioTrainingMetrics
        {
            Epoch = state.Epoch + 1,
            EpochCount = _setup.Options.Epochs,
            IsEpochEnd = isEpochEnd,
            Step = state.Step,
            StepCount = stepCount,
            LearningRate = _setup.LearningRate(state.Step - 1, stepsPerEpoch),
            Loss = state.LossSum / state.ClipCount,
            Accuracy = state.CorrectCount / state.ClipCount,
            ValidationLoss = validation?.Loss,
            ValidationAccuracy = validation?.Accuracy,
            ValidationMeanAveragePrecision = validation?.MeanAveragePrecision,
            ClipsPerSecond = speed.ClipsPerSecond,
            WaitingShare = speed.WaitingShare,
            Elapsed = TimeSpan.FromSeconds(speed.Seconds),
            Remaining = speed.Remaining(stepCount - state.Step),
        };
    }

    private ValidationResult Validate(BatchLoader validation, bool isBFloat16)
    {
        ValidationMetric? metric = _setup.Task.CreateValidationMetric();
        using var gradientsOff = no_grad();
        using MixedPrecision.Section precision = MixedPrecision.Begin(isBFloat16);
        using var running = new RunningMetrics(_device, headSizes: _setup.HeadSizes);
        using var loss = new LossFunction(
            _setup.Loss, _setup.TargetCount, labelSmoothing: 0, classWeights: null, _device, _setup.HeadSizes);
        _model.eval();
        foreach (ClipBatch batch in validation.Batches(_setup.Options.BatchSize, epoch: 0))
        {
            using var scope = NewDisposeScope();
            (Tensor features, Tensor labels) = batch.ToTensors(_device);
            Tensor logits = Forward(features);
            Tensor targets = batch.TargetsToTensor(_device) ?? loss.ToTargets(labels); // (B, classes)
            bool isShard = _group is not null && !batch.Shard.IsWhole;
            if (isShard || _group is null or { IsFirst: true })
            {
                running.Add(loss.Sum(logits, targets), logits, labels, batch.HasTargets ? targets : null);
            }

            if (metric is not null)
            {
                Tensor all = isShard ? _group!.Gather(logits, batch.Shard.First, batch.Shard.Total) : logits;
                Tensor allTargets = isShard ? _group!.Gather(targets, batch.Shard.First, batch.Shard.Total) : targets;
                Add(metric, allTargets, all);
            }
        }

        (double lossSum, double correct, long count) = running.Sums(_group);
        return new ValidationResult(lossSum / count, correct / count, metric?.Compute());
    }

    private static void Add(ValidationMetric metric, Tensor targets, Tensor logits)
    {
        using DisposeScope scope = NewDisposeScope();
        ReadOnlySpan<float> scores = TensorData.Read<float>(logits.cpu().contiguous());
        ReadOnlySpan<float> expected = TensorData.Read<float>(targets.cpu().contiguous());
        int classes = (int)logits.shape[1];
        for (int start = 0; start < scores.Length; start += classes)
        {
            metric.Add(expected.Slice(start, classes), scores.Slice(start, classes));
        }
    }

    /// <summary>Metrics of the validation set.</summary>
    private readonly record struct ValidationResult(double Loss, double Accuracy, double? MeanAveragePrecision);
}

/// <summary>Reason why a training run ended.</summary>
internal enum TrainingEnd
{
    /// <summary>All epochs were completed.</summary>
    Completed,

    /// <summary>Early stopping.</summary>
    StoppedEarly,

    /// <summary>Cancellation.</summary>
    Canceled,
}
