using System.Diagnostics;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Trains a classifier epoch by epoch; the same for every model.</summary>
/// <remarks>
/// What is random in an epoch follows from the seed and the epoch's number alone, never from what ran before it.
/// </remarks>
internal sealed class TrainingLoop
{
    private readonly AudioModel _model;
    private readonly TrainingSettings _settings;
    private readonly Device _device;

    /// <param name="model">The model, on <paramref name="device"/>.</param>
    /// <param name="settings">How to train, already checked.</param>
    /// <param name="device">Where the model is.</param>
    public TrainingLoop(AudioModel model, TrainingSettings settings, Device device)
    {
        _model = model;
        _settings = settings;
        _device = device;
    }

    /// <summary>Whether the next step may be taken; asked before each.</summary>
    public Func<bool> IsCanceled { get; init; } = static () => false;

    /// <summary>Called after each epoch.</summary>
    public Action<AudioTrainingMetrics> EpochEnded { get; init; } = static _ => { };

    /// <summary>Called after each step with the epoch, counted from 1, and the clips of it that are done.</summary>
    public Action<int, int> StepEnded { get; init; } = static (_, _) => { };

    /// <summary>Trains until the last epoch has ended or training is canceled.</summary>
    /// <returns>False when canceled.</returns>
    public bool Run(ClipSource training, ClipSource? validation)
    {
        var clock = Stopwatch.StartNew();
        int stepsPerEpoch = (training.Count + _settings.BatchSize - 1) / _settings.BatchSize;
        using var optimizer = optim.AdamW(
            _model.parameters(), _settings.LearningRate, weight_decay: _settings.WeightDecay);
        long step = 0;
        for (int epoch = 0; epoch < _settings.Epochs; epoch++)
        {
            long epochStart = clock.ElapsedTicks;
            double learningRate = _settings.LearningRate;
            int done = 0;
            using var sums = new ClipAccuracy(_device);
            _model.train();
            foreach (ClipBatch batch in training.Shuffled(_settings.BatchSize, epoch))
            {
                if (IsCanceled())
                {
                    return false;
                }

                var position = new TrainingPosition(step, stepsPerEpoch, _settings.Epochs);
                learningRate = _settings.Schedule.LearningRate(_settings.LearningRate, position);
                SetLearningRate(optimizer, learningRate);
                _model.Generator.manual_seed(SeededRandom.SeedOfStep(_settings.Seed, step));
                TakeStep(optimizer, batch, sums);
                step++;
                done += batch.Count;
                StepEnded(epoch + 1, done);
            }

            (double loss, double accuracy) = sums.Compute();
            if (!double.IsFinite(loss))
            {
                throw new InvalidOperationException(
                    $"The training loss of epoch {epoch + 1} is {loss}; expected a finite number. "
                    + $"A LearningRate below {_settings.LearningRate} may help.");
            }

            double seconds = (clock.ElapsedTicks - epochStart) / (double)Stopwatch.Frequency;
            (double Loss, double Accuracy)? validated = validation is null ? null : Validate(validation);
            EpochEnded(new AudioTrainingMetrics
            {
                Epoch = epoch + 1,
                EpochCount = _settings.Epochs,
                LearningRate = learningRate,
                Loss = loss,
                Accuracy = accuracy,
                ValidationLoss = validated?.Loss,
                ValidationAccuracy = validated?.Accuracy,
                ClipsPerSecond = training.Count / seconds,
                Elapsed = clock.Elapsed,
            });
        }

        return true;
    }

    private static void SetLearningRate(optim.Optimizer optimizer, double learningRate)
    {
        foreach (optim.ILearningRateController group in optimizer.ParamGroups)
        {
            group.LearningRate = learningRate;
        }
    }

    private void TakeStep(optim.Optimizer optimizer, ClipBatch batch, ClipAccuracy sums)
    {
        using var scope = NewDisposeScope();
        (Tensor features, Tensor labels) = batch.ToTensors(_device);
        optimizer.zero_grad();
        Tensor logits = _model.call(_model.FromFeatures(features));
        Tensor loss = functional.cross_entropy(logits, labels);
        loss.backward();
        optimizer.step();
        sums.Add(loss, logits, labels);
    }

    private (double Loss, double Accuracy) Validate(ClipSource validation)
    {
        using var gradientsOff = no_grad();
        using var sums = new ClipAccuracy(_device);
        _model.eval();
        foreach (ClipBatch batch in validation.InOrder(_settings.BatchSize))
        {
            using var scope = NewDisposeScope();
            (Tensor features, Tensor labels) = batch.ToTensors(_device);
            Tensor logits = _model.call(_model.FromFeatures(features));
            sums.Add(functional.cross_entropy(logits, labels), logits, labels);
        }

        return sums.Compute();
    }
}
