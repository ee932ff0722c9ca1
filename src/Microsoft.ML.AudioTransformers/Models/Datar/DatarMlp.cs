using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>A block's hidden layer, point by point.</summary>
internal sealed class DatarMlp : nn.Module<Tensor, Tensor>
{
    private readonly Sequential chunk;

    public DatarMlp(int dim, int hidden)
        : base(nameof(DatarMlp))
    {
        chunk = nn.Sequential(
            ("linear1", nn.Linear(dim, hidden)), ("act", nn.GELU()), ("linear2", nn.Linear(hidden, dim)));
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor channelsLast = input.permute(0, 2, 3, 1);      // (B, H, W, C)
        using Tensor hidden = MixedPrecision.Linear((Linear)chunk[0], channelsLast);
        using Tensor activated = chunk[1].call(hidden);             // (B, H, W, hidden)
        using Tensor output = MixedPrecision.Linear((Linear)chunk[2], activated);
        return output.permute(0, 3, 1, 2);
    }
}

/// <summary>A block's hidden layer with a depthwise convolution in it; DAT++ also passes by it.</summary>
internal sealed class ConvolutionalMlp : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> linear1;
    private readonly Convolution2d dwc;
    private readonly nn.Module<Tensor, Tensor> linear2;
    private readonly bool _isResidual;

    public ConvolutionalMlp(int dim, int hidden, DatVersion version)
        : base(nameof(ConvolutionalMlp))
    {
        _isResidual = version == DatVersion.DatPlusPlus;
        linear1 = Pointwise(dim, hidden);
        dwc = new Convolution2d(hidden, hidden, 3, 1, 1, groups: hidden);
        linear2 = Pointwise(hidden, dim);
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = linear1.call(input);                             // (B, hidden, H, W)
        x = _isResidual ? x.Plus(dwc.call(x)) : dwc.call(x);
        return linear2.call(nn.functional.gelu(x)).MoveToOuterDisposeScope();
    }

    // DAT++ has each in a sequence of one, which shows in the names of its parameters.
    private nn.Module<Tensor, Tensor> Pointwise(int inputs, int outputs) => _isResidual
        ? nn.Sequential(new Convolution2d(inputs, outputs, 1))
        : new Convolution2d(inputs, outputs, 1);
}

/// <summary>A learned scale for each channel of a branch (Touvron et al. 2021, "Going deeper with image transformers").</summary>
internal sealed class LayerScale : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;

    public LayerScale(int dim, double start)
        : base(nameof(LayerScale))
    {
        weight = new Parameter(TensorArithmetic.Full([dim], start));
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor scale = weight.view(-1, 1, 1);
        return input * scale;
    }
}
