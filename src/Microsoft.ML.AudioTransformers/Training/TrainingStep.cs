using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Takes one optimizer step after another: forward, loss, backward, AdamW.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly AudioModel _model;
    private readonly TrainingSettings _settings;
    private readonly Device _device;

    /// <param name="model">The model, on <paramref name="device"/>.</param>
    /// <param name="settings">How to train, already checked.</param>
    /// <param name="device">Where the model is.</param>
    public TrainingStep(AudioModel model, TrainingSettings settings, Device device)
    {
        _model = model;
        _settings = settings;
        _device = device;
        Parameters = [.. model.named_parameters()];
        Optimizer = optim.AdamW(
            Parameters.Select(item => item.Parameter), settings.LearningRate, weight_decay: settings.WeightDecay);
    }

    /// <summary>The trained parameters with their names, in the order in which the optimizer keeps their states.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    public AdamW Optimizer { get; }

    /// <summary>Makes the model ready for the steps of an epoch.</summary>
    public void BeginEpoch() => _model.train();

    /// <param name="batch">The clips of the step.</param>
    /// <param name="learningRate">What the schedule has for it.</param>
    /// <param name="step">Steps taken before it: what is random in it follows from that and the seed.</param>
    /// <param name="sums">Takes loss and right answers.</param>
    public void Take(ClipBatch batch, double learningRate, long step, ClipAccuracy sums)
    {
        foreach (optim.ILearningRateController group in Optimizer.ParamGroups)
        {
            group.LearningRate = learningRate;
        }

        _model.Generator.manual_seed(SeededRandom.SeedOfStep(_settings.Seed, step));
        using var scope = NewDisposeScope();
        (Tensor features, Tensor labels) = batch.ToTensors(_device);
        Optimizer.zero_grad();
        Tensor logits = _model.call(_model.FromFeatures(features));
        Tensor loss = functional.cross_entropy(logits, labels);
        loss.backward();
        Optimizer.step();
        sums.Add(loss, logits, labels);
    }

    public void Dispose() => Optimizer.Dispose();
}
