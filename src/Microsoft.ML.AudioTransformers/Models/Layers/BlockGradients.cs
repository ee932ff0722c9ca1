using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Backward pass of attention in bfloat16 on the processor by <see cref="AttentionOperators"/>, in less time than LibTorch's
/// kernel takes: that multiplies 32 queries at a time.
/// </summary>
/// <remarks>
/// A function of its own with a gradient would have LibTorch call managed code, whose exceptions end the process. Here the
/// graph is cut at the mixed values of each block's attention, and at the block's input, which the residual connection leads
/// around them; <see cref="Backward"/> goes through the cuts from the last to the first.
/// </remarks>
internal sealed class BlockGradients : IDisposable
{
    /// <summary>
    /// Most tokens N of one sequence: <see cref="AttentionOperators"/> holds some matrices N x N of a head at a time, 15 MB
    /// then, where LibTorch's kernel holds rows; and for 1,190 tokens it is no faster.
    /// </summary>
    public const int MaximumTokens = 1024;

    [ThreadStatic]
    private static BlockGradients? s_current;

    private readonly Stack<Cut> _cuts = [];

    private BlockGradients()
    {
    }

    /// <summary>Begins cutting the graph of this thread's blocks, until <see cref="Backward"/>.</summary>
    public static BlockGradients Begin() => s_current = new BlockGradients();

    /// <summary>Calls a block, whose input is a cut if cutting has begun.</summary>
    public static Tensor Call(Func<Tensor, Tensor> block, Tensor input)
    {
        if (s_current is not { } current || !is_grad_enabled() || !input.requires_grad)
        {
            return block(input);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor leaf = input.detach().DetachFromDisposeScope();
        leaf.requires_grad = true;
        current._cuts.Push(new Cut(input.alias().DetachFromDisposeScope(), leaf, 0));
        return block(leaf).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Multi-head self-attention of projections side by side, (B, N, 3 D) to (B, N, D), with a cut after it; without one, in
    /// float32, if the script computes wrong numbers here; null where none is wanted or N is above
    /// <see cref="MaximumTokens"/>.
    /// </summary>
    /// <param name="projected">Queries, keys and values.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="attend">Computes it.</param>
    public static Tensor? Attend(Tensor projected, int heads, Func<Tensor, Tensor> attend)
    {
        if (s_current is not { } current || !is_grad_enabled() || !projected.requires_grad
            || projected.dtype != ScalarType.BFloat16 || projected.device_type != DeviceType.CPU
            || projected.shape[1] > MaximumTokens)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        if (!NativeSelfTest.Default.IsAttentionGradientRight)
        {
            // LibTorch's own gradient is compared in float32 only.
            return attend(projected.to(ScalarType.Float32)).to(ScalarType.BFloat16).MoveToOuterDisposeScope();
        }

        Tensor mixed;
        using (no_grad())
        {
            mixed = attend(projected).DetachFromDisposeScope();
        }

        mixed.requires_grad = true;
        current._cuts.Push(new Cut(projected.alias().DetachFromDisposeScope(), mixed, heads));
        return mixed.alias().MoveToOuterDisposeScope();
    }

    /// <summary>Backward pass: adds gradients to those of all parameters that a result depends on.</summary>
    /// <param name="result">Result, computed since cutting began.</param>
    /// <param name="direction">Its gradient; null for a scalar loss.</param>
    public void Backward(Tensor result, Tensor? direction = null)
    {
        s_current = null;
        if (direction is null)
        {
            result.backward();
        }
        else
        {
            autograd.backward(result, direction);
        }

        while (_cuts.TryPop(out Cut? cut))
        {
            using (cut)
            {
                using DisposeScope scope = NewDisposeScope();
                if (cut.After.grad is { } gradient)
                {
                    autograd.backward(
                        cut.Before,
                        cut.Heads > 0 ? AttentionOperators.Backward(cut.Before.detach(), gradient, cut.Heads) : gradient);
                }
            }
        }
    }

    public void Dispose()
    {
        s_current = null;
        while (_cuts.TryPop(out Cut? cut))
        {
            cut.Dispose();
        }
    }

    /// <summary>
    /// Cut: the tensor before it, and the leaf of the graph after it; attention of so many heads lies between.
    /// </summary>
    private sealed record Cut(Tensor Before, Tensor After, int Heads) : IDisposable
    {
        public void Dispose()
        {
            Before.Dispose();
            After.Dispose();
        }
    }
}
