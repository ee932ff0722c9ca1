using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Takes one optimizer step after another: forward, loss, backward, AdamW, mean of weights.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly AudioModel _model;
    private readonly TrainingSetup _setup;
    private readonly Device _device;
    private readonly Func<Tensor, Tensor> _forward;
    private readonly List<Parameter> _frozen = [];
    private readonly LossFunction _loss;

    /// <param name="model">The model, on <paramref name="device"/>.</param>
    /// <param name="setup">How to train.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="forward">Features of clips to logits; the model's own way if null.</param>
    public TrainingStep(
        AudioModel model, TrainingSetup setup, Device device, Func<Tensor, Tensor>? forward = null)
    {
        _forward = forward ?? (features => model.call(model.FromFeatures(features)));
        _model = model;
        _setup = setup;
        _device = device;
        if (setup.Optimization.FreezeBackbone)
        {
            _frozen.AddRange(model.named_parameters()
                .Where(item => !model.IsHead(item.name)).Select(item => item.parameter));
            _frozen.ForEach(parameter => parameter.requires_grad = false);
        }

        Optimizer = new AdamW(ParameterGroups.Of(
            model, model.named_parameters().Where(item => item.parameter.requires_grad),
            setup.Options.WeightDecay, setup.Optimization.WeightDecayExclusions, setup.Optimization.LayerDecay));
        _loss = new LossFunction(
            setup.Loss, setup.TargetCount, setup.Optimization.LabelSmoothing, setup.TargetWeights(), device,
            setup.HeadSizes);
        Average = setup.Optimization.ExponentialAverageDecay > 0 || setup.Optimization.WeightAveragingFirstEpoch > 0
            ? new AveragedWeights(model)
            : null;
    }

    public AdamW Optimizer { get; }

    /// <summary>The mean of the weights, where the options have one.</summary>
    public AveragedWeights? Average { get; }

    /// <summary>Makes the model ready for the steps of an epoch.</summary>
    public void BeginEpoch()
    {
        // A frozen backbone normalizes, and drops nothing, as it does in use.
        _model.train(!_setup.Optimization.FreezeBackbone);
    }

    /// <param name="batch">The clips of the step.</param>
    /// <param name="learningRate">What the schedule has for it.</param>
    /// <param name="step">Steps taken before it: what is random in it follows from that and the seed.</param>
    /// <param name="sums">Takes loss and right answers.</param>
    public void Take(ClipBatch batch, double learningRate, long step, RunningMetrics sums)
    {
        _model.Generator.manual_seed(SeededRandom.SeedOfStep(_setup.Seed, step));
        using var scope = NewDisposeScope();
        (Tensor features, Tensor labels) = batch.ToTensors(_device);
        Optimizer.ZeroGradients();
        Tensor targets = batch.TargetsToTensor(_device) ?? _loss.ToTargets(labels); // (B, classes)
        Tensor total = _loss.Total(targets);
        int parts = Math.Min(_setup.Optimization.AccumulationSteps, batch.Count);
        for (int part = 0; part < parts; part++)
        {
            using var partScope = NewDisposeScope();
            int start = batch.Count * part / parts;
            int count = (batch.Count * (part + 1) / parts) - start;
            using ActivationCheckpoints? checkpoints =
                _setup.Optimization.GradientCheckpointing ? ActivationCheckpoints.Begin(_model.Generator) : null;
            Tensor logits = Forward(features.narrow(0, start, count));
            Tensor loss = _loss.Sum(logits, targets.narrow(0, start, count)) / total;
            if (checkpoints is null)
            {
                loss.backward();
            }
            else
            {
                checkpoints.Backward(loss);
            }

            Tensor? own = batch.HasTargets ? targets.narrow(0, start, count) : null;
            sums.Add(loss.Times(batch.Count), logits, labels.narrow(0, start, count), own);
        }

        Step(learningRate);
    }

    /// <summary>Lets the weights of an epoch's end enter their mean, where it is that epoch's turn.</summary>
    /// <param name="epoch">The epoch, counted from 1.</param>
    public void EndEpoch(int epoch)
    {
        int since = epoch - _setup.Optimization.WeightAveragingFirstEpoch;
        if (_setup.Optimization.WeightAveragingFirstEpoch > 0 && since >= 0 && since % _setup.Optimization.WeightAveragingEveryEpochs == 0)
        {
            Average!.Add(1.0 / (Average.Count + 1));
        }
    }

    public void Dispose()
    {
        _frozen.ForEach(parameter => parameter.requires_grad = true);
        Optimizer.Dispose();
        _loss.Dispose();
        Average?.Dispose();
    }

    /// <summary>(B, frames, mels) to (B, classes)</summary>
    private Tensor Forward(Tensor features)
    {
        bool isMixed = _setup.Optimization.Precision == AudioTrainingPrecision.MixedBFloat16;
        using MixedPrecision.Section section = MixedPrecision.Begin(isMixed);
        return _forward(features);
    }

    private void Step(double learningRate)
    {
        if (_setup.Optimization.GradientClipNorm > 0)
        {
            nn.utils.clip_grad_norm_(Optimizer.States.Select(own => own.Parameter), _setup.Optimization.GradientClipNorm);
        }

        Optimizer.Step(learningRate);
        if (_setup.Optimization.ExponentialAverageDecay > 0)
        {
            Average!.Add(1 - _setup.Optimization.ExponentialAverageDecay);
        }
    }
}
