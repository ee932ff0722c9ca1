using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Trains a classifier epoch by epoch; the same for every model.</summary>
/// <remarks>
/// What is random in a step follows from the seed, the epoch and the step alone, never from what ran before it: so a run
/// that was killed and resumed ends with the same weights as one that was not.
/// </remarks>
internal sealed class TrainingLoop
{
    private readonly AudioModel _model;
    private readonly TrainingSetup _setup;
    private readonly Device _device;

    /// <param name="model">The model, on <paramref name="device"/>.</param>
    /// <param name="setup">How to train.</param>
    /// <param name="device">Where the model is.</param>
    public TrainingLoop(AudioModel model, TrainingSetup setup, Device device)
    {
        _model = model;
        _setup = setup;
        _device = device;
        Forward = features => model.call(model.FromFeatures(features));
    }

    /// <summary>
    /// What sources give of clips, (B, frames, mels), to logits (B, classes): the model's forward pass, unless the sources
    /// give what a <see cref="FrozenBackbone"/> computed.
    /// </summary>
    public Func<Tensor, Tensor> Forward { get; init; }

    /// <summary>Whether the next step may be taken; asked before each.</summary>
    public Func<bool> IsCanceled { get; init; } = static () => false;

    /// <summary>Called after each epoch.</summary>
    public Action<AudioTrainingMetrics> EpochEnded { get; init; } = static _ => { };

    /// <summary>Called after each step with the epoch, counted from 1, and the clips of it that are done.</summary>
    public Action<int, int> StepEnded { get; init; } = static (_, _) => { };

    /// <summary>Called within an epoch, every <see cref="MetricsEverySteps"/> steps.</summary>
    public Action<AudioTrainingMetrics> StepsMeasured { get; init; } = static _ => { };

    /// <summary>Steps between calls of <see cref="StepsMeasured"/>; 0 for never.</summary>
    public int MetricsEverySteps { get; init; }

    /// <summary>Where checkpoints are kept, or null for nowhere.</summary>
    public TrainingWorkspace? Workspace { get; init; }

    /// <summary>What the run follows from: the workspace may hold this run's checkpoint, and no other's.</summary>
    public RunFingerprint Fingerprint { get; init; } = new();

    /// <summary>Steps between checkpoints; 0 for one after each epoch only.</summary>
    public int CheckpointEverySteps { get; init; }

    /// <summary>
    /// Trains until the last epoch has ended, no better epoch is expected, or training is canceled. The model then has
    /// the weights, or the mean of weights, of the end; in the latter two cases those of the best epoch, if one is known.
    /// </summary>
    /// <returns>How the run ended, and its state then.</returns>
    public (TrainingEnd End, TrainingState State) Run(BatchLoader training, BatchLoader? validation)
    {
        using var step = new TrainingStep(_model, _setup, _device, Forward);
        TrainingState state = Workspace?.Resume(_model, step, Fingerprint) ?? new TrainingState();
        state.Check(_setup.Options.Epochs, StepsPerEpoch(training.Count, _setup.Options.BatchSize), Workspace?.LastPath);
        var best = new BestWeights(_model, _setup.Optimization.EarlyStoppingMetric, Workspace?.BestPath);
        TrainingEnd end = RunEpochs(training, validation, step, state, best);
        if ((end == TrainingEnd.Completed || !best.Restore(state)) && step.Average is { Count: > 0 } average)
        {
            average.Swap();
        }

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
            if (HasLostPatience(state))
            {
                return TrainingEnd.StoppedEarly;
            }

            if (!RunEpoch(training, stepsPerEpoch, step, state, speed))
            {
                Save(step, state, speed);
                return TrainingEnd.Canceled;
            }

            step.EndEpoch(state.Epoch + 1);
            AveragedWeights? average = step.Average is { Count: > 0 } some ? some : null;
            average?.Swap();
            Validated? validated = validation is null ? null : Validate(validation);
            AudioTrainingMetrics metrics = Measure(state, stepsPerEpoch, speed, validated, isEpochEnd: true);
            best.Consider(metrics, state);
            average?.Swap();
            state.History.Add(metrics);
            state.Epoch++;
            state.StepOfEpoch = 0;
            (state.LossSum, state.RightCount, state.ClipCount) = (0, 0, 0);
            Save(step, state, speed);
            Workspace?.WriteLog(state.History);
            EpochEnded(metrics);
        }

        return HasLostPatience(state) ? TrainingEnd.StoppedEarly : TrainingEnd.Completed;
    }

    private bool HasLostPatience(TrainingState state) =>
        _setup.Optimization.EarlyStoppingPatience > 0 && state.Epoch - state.BestEpoch >= _setup.Optimization.EarlyStoppingPatience;

    /// <returns>False when canceled.</returns>
    private bool RunEpoch(
        BatchLoader training, int stepsPerEpoch, TrainingStep step, TrainingState state, TrainingSpeed speed)
    {
        using var sums = new RunningMetrics(
            _device, state.LossSum, state.RightCount, state.ClipCount, _setup.HeadSizes);
        step.BeginEpoch();
        speed.BeginEpoch();
        IEnumerable<ClipBatch> batches = training.Batches(_setup.Options.BatchSize, state.Epoch, state.StepOfEpoch);
        foreach (ClipBatch batch in speed.Measure(batches))
        {
            if (IsCanceled())
            {
                TakeOver(sums, state);
                return false;
            }

            step.Take(batch, _setup.LearningRate(state.Step, stepsPerEpoch), state.Step, sums);
            state.Step++;
            state.StepOfEpoch++;
            speed.StepEnded(batch.Count);
            StepEnded(state.Epoch + 1, (int)sums.Count);
            bool isLast = state.StepOfEpoch == stepsPerEpoch;
            if (!isLast && IsDue(state.Step, CheckpointEverySteps))
            {
                TakeOver(sums, state);
                Save(step, state, speed);
            }

            if (!isLast && IsDue(state.Step, MetricsEverySteps))
            {
                TakeOver(sums, state);
                StepsMeasured(Measure(state, stepsPerEpoch, speed, validated: null, isEpochEnd: false));
            }
        }

        speed.EndEpoch();
        TakeOver(sums, state);
        if (!double.IsFinite(state.LossSum))
        {
            throw new InvalidOperationException(
                $"The training loss of epoch {state.Epoch + 1} is {state.LossSum / state.ClipCount}; expected a finite "
                + $"number. A LearningRate below {_setup.Options.LearningRate} may help.");
        }

        return true;
    }

    private static bool IsDue(long step, int every) => every > 0 && step % every == 0;

    private static void TakeOver(RunningMetrics sums, TrainingState state)
    {
        (state.LossSum, state.RightCount) = sums.Sums();
        state.ClipCount = sums.Count;
    }

    private void Save(TrainingStep step, TrainingState state, TrainingSpeed speed)
    {
        state.Seconds = speed.Seconds;

        // A loss that is no longer a number has spoilt the weights: what was saved before is better.
        if (double.IsFinite(state.LossSum))
        {
            Workspace?.Save(_model, step, state, Fingerprint);
        }
    }

    private AudioTrainingMetrics Measure(
        TrainingState state,
        int stepsPerEpoch,
        TrainingSpeed speed,
        Validated? validated,
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
            Accuracy = state.RightCount / state.ClipCount,
            ValidationLoss = validated?.Loss,
            ValidationAccuracy = validated?.Accuracy,
            ValidationMeanAveragePrecision = validated?.MeanAveragePrecision,
            ClipsPerSecond = speed.ClipsPerSecond,
            WaitingShare = speed.WaitingShare,
            Elapsed = TimeSpan.FromSeconds(speed.Seconds),
            Remaining = speed.Remaining(stepCount - state.Step),
        };
    }

    private Validated Validate(BatchLoader validation)
    {
        ValidationMetric? metric = _setup.Task.CreateValidationMetric();
        using var gradientsOff = no_grad();
        using var sums = new RunningMetrics(_device, headSizes: _setup.HeadSizes);
        using var loss = new LossFunction(
            _setup.Loss, _setup.TargetCount, labelSmoothing: 0, classWeights: null, _device, _setup.HeadSizes);
        _model.eval();
        foreach (ClipBatch batch in validation.Batches(_setup.Options.BatchSize, epoch: 0))
        {
            using var scope = NewDisposeScope();
            (Tensor features, Tensor labels) = batch.ToTensors(_device);
            Tensor logits = Forward(features);
            Tensor targets = batch.TargetsToTensor(_device) ?? loss.ToTargets(labels); // (B, classes)
            sums.Add(loss.Sum(logits, targets), logits, labels, batch.HasTargets ? targets : null);
            if (metric is not null)
            {
                Add(metric, batch.Targets!, logits);
            }
        }

        (double meanLoss, double accuracy) = sums.Compute();
        return new Validated(meanLoss, accuracy, metric?.Compute());
    }

    private static void Add(ValidationMetric metric, float[] targets, Tensor logits)
    {
        using Tensor onCpu = logits.cpu();
        using Tensor inOrder = onCpu.contiguous();
        ReadOnlySpan<float> scores = TensorData.Read<float>(inOrder);
        int classes = (int)logits.shape[1];
        for (int start = 0; start < scores.Length; start += classes)
        {
            metric.Add(targets.AsSpan(start, classes), scores.Slice(start, classes));
        }
    }

    /// <summary>What a validation set comes to.</summary>
    private readonly record struct Validated(double Loss, double Accuracy, double? MeanAveragePrecision);
}

/// <summary>How a training run ended.</summary>
internal enum TrainingEnd
{
    /// <summary>After its last epoch.</summary>
    Completed,

    /// <summary>Because no better epoch came.</summary>
    StoppedEarly,

    /// <summary>Because it was asked to.</summary>
    Canceled,
}
