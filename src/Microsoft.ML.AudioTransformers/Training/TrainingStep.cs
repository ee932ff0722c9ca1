using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Training step: forward pass, loss, backward pass, AdamW update, weight averaging.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly AudioModel _model;
    private readonly TrainingSetup _setup;
    private readonly Device _device;
    private readonly Func<Tensor, Tensor> _forward;
    private readonly List<Parameter> _frozen = [];
    private readonly LossFunction _loss;

    /// <param name="model">Model on <paramref name="device"/>.</param>
    /// <param name="setup">Options, task and seed.</param>
    /// <param name="device">Device.</param>
    /// <param name="forward">Forward pass, from a batch's features to logits; null for that of the model.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of class weights is not that of the classes.</exception>
    public TrainingStep(
        AudioModel model, TrainingSetup setup, Device device, Func<Tensor, Tensor>? forward = null)
    {
        _forward = forward ?? (features => model.call(model.FromFeatures(features)));
        _model = model;
        IsBFloat16 = PrecisionChoice.Of(setup.Optimization.Precision, model, device).IsBFloat16;
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

    /// <summary>Whether layers multiply in bfloat16.</summary>
    public bool IsBFloat16 { get; }

    /// <summary>Optimizer of the trainable parameters.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Averaged weights (EMA or SWA); null if the options have none.</summary>
    public AveragedWeights? Average { get; }

    /// <summary>Sets the model's training mode for the steps of an epoch.</summary>
    public void BeginEpoch()
    {
        // A frozen backbone stays in evaluation mode: no dropout or patchout, and running statistics in normalizations.
        _model.train(!_setup.Optimization.FreezeBackbone);
    }

    /// <summary>Runs a step.</summary>
    /// <param name="batch">Batch.</param>
    /// <param name="learningRate">Learning rate.</param>
    /// <param name="step">Steps already taken, which with the seed determine the random numbers of the step.</param>
    /// <param name="metrics">Receives the loss and the number of correct predictions.</param>
    /// <param name="isCanceled">Whether this rank of several is to end. Default: false.</param>
    /// <returns>Whether any rank is.</returns>
    public bool Run(ClipBatch batch, double learningRate, long step, RunningMetrics metrics, bool isCanceled = false)
    {
        _model.Generator.manual_seed(SeededRandom.SeedOfStep(_setup.Seed, step));
        using var scope = NewDisposeScope();
        (Tensor features, Tensor labels) = batch.ToTensors(_device);
        if (_setup.Optimization.GradientCheckpointing)
        {
            // New gradients would lie between what the blocks compute again, one after the other, and the heap would grow.
            Optimizer.ZeroGradients();
        }
        else
        {
            Optimizer.ClearGradients();
        }

        Tensor targets = batch.TargetsToTensor(_device) ?? _loss.ToTargets(labels); // (B, classes)

        // A batch that is too small to be divided is computed by each rank, as by one process.
        ProcessGroup? group = batch.Shard.IsWhole ? null : _setup.Group;
        Tensor normalizer = Normalizer(targets, batch.Shard, group);
        bool isCounted = group is not null || _setup.Group is null or { IsFirst: true };
        int parts = Math.Min(
            _setup.Optimization.AccumulationSteps, group is null ? batch.Count : batch.Shard.Total / group.Size);
        for (int part = 0; part < parts; part++)
        {
            using var partScope = NewDisposeScope();
            int start = batch.Count * part / parts;
            int count = (batch.Count * (part + 1) / parts) - start;
            // Both set state of this thread until Backward or Dispose, for blocks that call ActivationCheckpoints.Call: the
            // forward pass has to run on this thread.
            using ActivationCheckpoints? checkpoints =
                _setup.Optimization.GradientCheckpointing ? ActivationCheckpoints.Begin(_model.Generator) : null;
            using BlockGradients? gradients = checkpoints is null && IsBFloat16 && _device.type == DeviceType.CPU
                ? BlockGradients.Begin()
                : null;
            using ShardedSection? sharded = group is null
                ? null
                : ShardedSection.Begin(group, BatchShard.OfPart(batch.Shard.Total, part, parts, group));
            Tensor logits = Forward(features.narrow(0, start, count));
            Tensor loss = _loss.Sum(logits, targets.narrow(0, start, count)) / normalizer;
            Backward(loss, checkpoints, gradients);

            Tensor? partTargets = batch.HasTargets ? targets.narrow(0, start, count) : null;
            if (isCounted)
            {
                metrics.Add(loss.Times(batch.Shard.Total), logits, labels.narrow(0, start, count), partTargets);
            }
        }

        bool isAnyCanceled = group is not null
            ? Optimizer.SumGradients(group, isCanceled)
            : _setup.Group is { } all ? all.IsAny(isCanceled) : isCanceled;
        UpdateWeights(learningRate);
        return isAnyCanceled;
    }

    // The number of all clips is known without a word of the other ranks; what they weigh is not.
    private Tensor Normalizer(Tensor targets, BatchShard shard, ProcessGroup? group)
    {
        if (group is not null && !_loss.IsWeighted)
        {
            return TensorArithmetic.Full([], shard.Total, device: targets.device);
        }

        Tensor normalizer = _loss.Normalizer(targets);
        group?.AllReduce([normalizer]);
        return normalizer;
    }

    /// <summary>Stochastic weight averaging: adds the weights to the average if it is updated after this epoch.</summary>
    /// <param name="epoch">The epoch, counted from 1.</param>
    public void EndEpoch(int epoch)
    {
        AudioOptimizationOptions options = _setup.Optimization;
        int sinceFirst = epoch - options.WeightAveragingFirstEpoch;
        if (options.WeightAveragingFirstEpoch > 0 && sinceFirst >= 0 && sinceFirst % options.WeightAveragingEveryEpochs == 0)
        {
            Average!.Update(1.0 / (Average.Count + 1));
        }
    }

    public void Dispose()
    {
        _frozen.ForEach(parameter => parameter.requires_grad = true);
        Optimizer.Dispose();
        _loss.Dispose();
        Average?.Dispose();
    }

    /// <summary>Features (B, frames, mels) to logits (B, classes).</summary>
    private Tensor Forward(Tensor features)
    {
        // Autocast: until the section is disposed, this thread's linear layers and attention compute in bfloat16.
        using MixedPrecision.Section section = MixedPrecision.Begin(IsBFloat16);
        return _forward(features);
    }

    private static void Backward(Tensor loss, ActivationCheckpoints? checkpoints, BlockGradients? gradients)
    {
        if (checkpoints is not null)
        {
            checkpoints.Backward(loss);
        }
        else if (gradients is not null)
        {
            gradients.Backward(loss);
        }
        else
        {
            loss.backward();
        }
    }

    private void UpdateWeights(double learningRate)
    {
        if (_setup.Optimization.GradientClipNorm > 0)
        {
            Optimizer.ClipGradientNorm(_setup.Optimization.GradientClipNorm);
        }

        Optimizer.Step(learningRate);
        if (_setup.Optimization.ExponentialAverageDecay > 0)
        {
            Average!.Update(1 - _setup.Optimization.ExponentialAverageDecay);
        }
    }
}
