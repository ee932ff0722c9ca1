using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Blocks that keep their input alone in the forward pass, and are computed again in the backward pass: memory for one
/// block's intermediate values in place of all blocks', at the price of a second forward pass. The gradients are the same.
/// </summary>
/// <remarks>
/// Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016), section 3. TorchSharp has no
/// <c>torch.utils.checkpoint</c>: here the graph is cut at each block's output, and <see cref="Backward"/> goes through
/// the cuts from the last to the first.
/// </remarks>
internal sealed class ActivationCheckpoints : IDisposable
{
    [ThreadStatic]
    private static ActivationCheckpoints? s_current;

    private readonly Generator _generator;
    private readonly Stack<Segment> _segments = [];

    private ActivationCheckpoints(Generator generator) => _generator = generator;

    /// <summary>From here to <see cref="Backward"/>, this thread's blocks keep nothing but their input.</summary>
    /// <param name="generator">Draws all that is random in the blocks; they draw the same when computed again.</param>
    public static ActivationCheckpoints Begin(Generator generator) => s_current = new ActivationCheckpoints(generator);

    /// <summary>A block's output, which is kept in the usual way unless checkpointing has begun.</summary>
    public static Tensor Call(Func<Tensor, Tensor> block, Tensor input) =>
        s_current is { } current && is_grad_enabled() ? current.Record(block, input) : block(input);

    /// <summary>Adds the gradients of a loss to all parameters that it was computed from.</summary>
    /// <param name="loss">A scalar, computed since checkpointing began.</param>
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

        // The graph goes on from here as from a parameter, whose gradient this block's backward pass starts with.
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
        using (MixedPrecision.Begin(segment.IsMixed))
        {
            autograd.backward(segment.Block(input), segment.Output.grad!);
        }

        // What is between the block before, or the model's input, and this block's input.
        if (segment.Input.requires_grad)
        {
            autograd.backward(segment.Input, input.grad!);
        }
    }

    /// <summary>A block, what goes in, what comes out, and the state of the generator before it.</summary>
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
