using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Activation checkpointing (gradient checkpointing): each block keeps only its input in the forward pass, and its
/// activations are computed again in the backward pass. It takes the memory of one block's activations in place of all
/// blocks', and a second forward pass. The gradients are the same.
/// </summary>
/// <remarks>
/// Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016), section 3. TorchSharp has no
/// <c>torch.utils.checkpoint</c>: here the graph is cut at each block's output, and <see cref="Backward"/> goes
/// through the cuts from the last to the first.
/// </remarks>
internal sealed class ActivationCheckpoints : IDisposable
{
    [ThreadStatic]
    private static ActivationCheckpoints? s_current;

    private readonly Generator _generator;
    private readonly Stack<Segment> _segments = [];

    private ActivationCheckpoints(Generator generator) => _generator = generator;

    /// <summary>Begins checkpointing of this thread's blocks, until <see cref="Backward"/>.</summary>
    /// <param name="generator">
    /// Random generator of all draws in the blocks, which are repeated when they are computed again.
    /// </param>
    public static ActivationCheckpoints Begin(Generator generator) => s_current = new ActivationCheckpoints(generator);

    /// <summary>Calls a block, with checkpointing if it has begun, else as <see cref="BlockGradients.Call"/> does.</summary>
    public static Tensor Call(Func<Tensor, Tensor> block, Tensor input) =>
        s_current is { } current && is_grad_enabled()
            ? current.Record(block, input)
            : BlockGradients.Call(block, input);

    /// <summary>Backward pass: adds the gradients of a loss to those of all parameters that it depends on.</summary>
    /// <param name="loss">Scalar loss, computed since checkpointing began.</param>
    public void Backward(Tensor loss)
    {
        s_current = null;
        loss.backward();
        using Tensor state = _generator.get_state();
        while (_segments.TryPop(out Segment? segment))
        {
            using (segment)
            {
                Recompute(segment);
            }
        }

        _generator.set_state(state);
    }

    public void Dispose()
    {
        s_current = null;
        while (_segments.TryPop(out Segment? segment))
        {
            segment.Dispose();
        }
    }

    private Tensor Record(Func<Tensor, Tensor> block, Tensor input)
    {
        Tensor state = _generator.get_state().DetachFromDisposeScope();
        Tensor output;
        using (no_grad())
        {
            output = block(input).DetachFromDisposeScope();
        }

        // A leaf of the graph, like a parameter; this block's backward pass starts with its gradient.
        output.requires_grad = true;
        _segments.Push(new Segment(block, input.alias().DetachFromDisposeScope(), output, state, MixedPrecision.IsOn));
        return output.alias();
    }

    private void Recompute(Segment segment)
    {
        using DisposeScope scope = NewDisposeScope();
        _generator.set_state(segment.State);
        Tensor input = segment.Input.detach();
        input.requires_grad = true;
        using BlockGradients? gradients = segment.IsMixed ? BlockGradients.Begin() : null;
        using (MixedPrecision.Begin(segment.IsMixed))
        {
            Tensor output = segment.Block(input);
            if (gradients is null)
            {
                autograd.backward(output, segment.Output.grad!);
            }
            else
            {
                gradients.Backward(output, segment.Output.grad!);
            }
        }

        // On to the block before, or to the model's input, through what lies between.
        if (segment.Input.requires_grad)
        {
            autograd.backward(segment.Input, input.grad!);
        }
    }

    /// <summary>Checkpoint of a block: its input and output, and the state of the generator before it.</summary>
    private sealed record Segment(
        Func<Tensor, Tensor> Block, Tensor Input, Tensor Output, Tensor State, bool IsMixed) : IDisposable
    {
        public void Dispose()
        {
            Input.Dispose();
            Output.Dispose();
            State.Dispose();
        }
    }
}
