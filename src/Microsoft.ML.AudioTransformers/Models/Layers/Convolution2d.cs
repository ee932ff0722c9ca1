using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Two-dimensional convolution with the parameters of PyTorch's <c>Conv2d</c>, <c>weight</c> (out, in / groups, height,
/// width) and <c>bias</c> (out); dense, or depthwise where each group is a channel. The only place of this library that
/// calls LibTorch's own convolutions.
/// </summary>
/// <remarks>
/// On some processors the oneDNN of LibTorch 2.10 gives wrong numbers, in silence, where it fills up the channels of a map
/// that it is handed channel by channel: forward and backward, in float32 and more often in bfloat16. Maps whose channels
/// lie last are right, but a map of one channel is the same in both orders. And a convolution of float32 that oneDNN leaves
/// alone asks for NNPACK, which warns on the console wherever it does not know the processor. So most convolutions here are
/// matrix products of patches, and oneDNN is handed those alone that it is much faster at, which it takes for sure, with the
/// channels last: large maps of many channels under overlapping kernels, and depthwise ones.
/// </remarks>
internal sealed class Convolution2d : nn.Module<Tensor, Tensor>
{
    // Below, products of patches are as fast. The number of elements is also above the 20,480 from which on ATen hands even
    // a batch of one map to oneDNN.
    private const int ManyChannels = 16;
    private const int LargeInput = 1 << 15;

    public readonly Parameter weight;
    public readonly Parameter? bias;
    private readonly (int Height, int Width) _kernel;
    private readonly (int Height, int Width) _stride;
    private readonly (int Height, int Width) _padding;
    private readonly int _groups;

    /// <summary>Convolution with a square kernel.</summary>
    /// <inheritdoc cref="Convolution2d(int, int, ValueTuple{int, int}, ValueTuple{int, int}, ValueTuple{int, int}, int,
    /// bool)"/>
    public Convolution2d(
        int inputs, int outputs, int kernel, int stride = 1, int padding = 0, int groups = 1, bool hasBias = true)
        : this(inputs, outputs, (kernel, kernel), (stride, stride), (padding, padding), groups, hasBias)
    {
    }

    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="kernel">Kernel size, in rows and columns.</param>
    /// <param name="stride">Stride, in rows and columns.</param>
    /// <param name="padding">Padding with zeros at each border, in rows and columns.</param>
    /// <param name="groups">1, or as many as <paramref name="inputs"/> for a depthwise convolution.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public Convolution2d(
        int inputs, int outputs, (int Height, int Width) kernel, (int Height, int Width) stride,
        (int Height, int Width) padding, int groups = 1, bool hasBias = true)
        : base(nameof(Convolution2d))
    {
        if ((groups != 1 && groups != inputs) || outputs % groups != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"Expected 1 or {inputs}.");
        }

        (_kernel, _stride, _padding, _groups) = (kernel, stride, padding, groups);
        weight = new Parameter(empty(outputs, inputs / groups, kernel.Height, kernel.Width));
        bias = hasBias ? new Parameter(empty(outputs)) : null;
        RegisterComponents();
        Initialization.Uniform(this, null);
    }

    /// <summary>What is known of this process's convolutions. Default: the self-test of LibTorch's own.</summary>
    public NativeSelfTest SelfTest { get; init; } = NativeSelfTest.Default;

    /// <summary>(B, in, H, W) to (B, out, H', W')</summary>
    public override Tensor forward(Tensor input) => Apply(input, weight, bias);

    /// <summary>Convolution with other weights of the same shapes.</summary>
    public Tensor Apply(Tensor input, Tensor kernels, Tensor? offsets)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input.permute(0, 2, 3, 1);                                          // (B, H, W, in)
        Tensor output = _groups > 1 ? Depthwise(x, kernels, offsets)
            : IsFasterByOneDnn(x) ? ByOneDnn(x, kernels, offsets)
            : _stride == (1, 1) && x.shape[3] < ManyChannels && _kernel != (1, 1) ? ByShiftedMaps(x, kernels, offsets)
            : ByPatches(x, kernels, offsets);
        return output.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    private bool IsOverlapping => _kernel.Height > _stride.Height || _kernel.Width > _stride.Width;

    private bool IsFasterByOneDnn(Tensor x) =>
        IsOverlapping && Math.Min(weight.shape[0], weight.shape[1]) >= ManyChannels && x.NumberOfElements >= LargeInput
        && IsOfOneDnn(x) && !SelfTest.IsKnownWrong(NativeOperator.Convolution, x);

    private static bool IsOfOneDnn(Tensor x) => x.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>Depthwise convolution, (B, H, W, in) to (B, H', W', out): an output channel sees one of the input.</summary>
    private Tensor Depthwise(Tensor x, Tensor kernels, Tensor? offsets)
    {
        long outputs = kernels.shape[0];
        if (outputs > _groups)
        {
            x = x.unsqueeze(4).expand(-1, -1, -1, -1, outputs / _groups).flatten(3);   // (B, H, W, out)
        }

        if (_kernel != (1, 1) && IsOfOneDnn(x) && !SelfTest.IsKnownWrong(NativeOperator.DepthwiseConvolution, x))
        {
            // Its strided gradients in bfloat16 are slower than those of float32, by four.
            return x.dtype == ScalarType.BFloat16 && _stride != (1, 1)
                ? ByOneDnn(
                    x.to(ScalarType.Float32), kernels.to(ScalarType.Float32), offsets?.to(ScalarType.Float32)).to(x.dtype)
                : ByOneDnn(x, kernels, offsets);
        }

        Tensor output = (Patches(x) * kernels.permute(2, 3, 1, 0).squeeze(2)).sum([3, 4]);
        return offsets is null ? output : output.Plus(offsets);
    }

#pragma warning disable RS0030 // The only call, for maps that it convolves correctly, see the remarks.
    private Tensor ByOneDnn(Tensor x, Tensor kernels, Tensor? offsets) => nn.functional.conv2d(
            x.contiguous().permute(0, 3, 1, 2), kernels, offsets!, [_stride.Height, _stride.Width],
            [_padding.Height, _padding.Width], [1, 1], _groups == 1 ? 1 : kernels.shape[0])
        .permute(0, 2, 3, 1);
#pragma warning restore RS0030

    /// <summary>
    /// A matrix product of patches: either these are copied in the order of the kernels, or the kernels in theirs.
    /// </summary>
    private Tensor ByPatches(Tensor x, Tensor kernels, Tensor? offsets)
    {
        Tensor patches = Patches(x);                                                   // (B, H', W', h, w, in)
        return patches.shape[1] * patches.shape[2] < kernels.shape[0]
            ? nn.functional.linear(
                patches.permute(0, 1, 2, 5, 3, 4).flatten(3).to(x.dtype), kernels.flatten(1), offsets!)
            : nn.functional.linear(patches.flatten(3).to(x.dtype), kernels.permute(0, 2, 3, 1).flatten(1), offsets!);
    }

    // For few channels, one shifted map for each element of the kernel: whole rows are copied at once, and not a few numbers
    // for each output.
    private Tensor ByShiftedMaps(Tensor x, Tensor kernels, Tensor? offsets)
    {
        Tensor padded = Padded(x).permute(0, 3, 1, 2);                                 // (B, in, H + 2 p, W + 2 p)
        long rows = padded.shape[2] - _kernel.Height + 1;
        long columns = padded.shape[3] - _kernel.Width + 1;
        Tensor shifted = cat(
            [
                .. Enumerable.Range(0, _kernel.Height * _kernel.Width).Select(place => padded
                    .narrow(2, place / _kernel.Width, rows)
                    .narrow(3, place % _kernel.Width, columns)),
            ],
            1).flatten(2).to(x.dtype);                                                 // (B, h w in, H' W')
        Tensor output = kernels.permute(0, 2, 3, 1).flatten(1)                         // (out, h w in)
            .expand(x.shape[0], -1, -1)
            .bmm(shifted);
        output = offsets is null ? output : output.Plus(offsets.unsqueeze(1));
        return output.transpose(1, 2).view(x.shape[0], rows, columns, kernels.shape[0]);
    }

    /// <summary>Patches of maps, (B, H, W, C) to (B, H', W', kernel's height, kernel's width, C).</summary>
    private Tensor Patches(Tensor x)
    {
        x = Padded(x);
        if (_kernel != _stride)
        {
            return x.unfold(1, _kernel.Height, _stride.Height)
                .unfold(2, _kernel.Width, _stride.Width)                               // (B, H', W', C, h, w)
                .permute(0, 1, 2, 4, 5, 3);
        }

        // The same for a grid, by views that have faster gradients.
        (long rows, long columns) = (x.shape[1] / _kernel.Height, x.shape[2] / _kernel.Width);
        return x.narrow(1, 0, rows * _kernel.Height)
            .narrow(2, 0, columns * _kernel.Width)
            .reshape(x.shape[0], rows, _kernel.Height, columns, _kernel.Width, x.shape[3])
            .permute(0, 1, 3, 2, 4, 5);
    }

    /// <summary>Map padded with zeros; in float32 where gradients of overlapping patches will be summed.</summary>
    private Tensor Padded(Tensor x)
    {
        Tensor wide = IsOverlapping && x.requires_grad ? MixedPrecision.Widened(x) : x;
        return _padding == (0, 0) ? wide
            : nn.functional.pad(wide, [0, 0, _padding.Width, _padding.Width, _padding.Height, _padding.Height]);
    }
}
