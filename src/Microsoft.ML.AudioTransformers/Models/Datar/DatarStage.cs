using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Stage of the pyramid: transformer blocks over maps of one size.</summary>
internal sealed class DatarStage : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> proj;
    private readonly BlockNorms ln_cnvnxt;
    private readonly ModuleList<nn.Module<Tensor, Tensor>> layer_norms;
    private readonly ModuleList<nn.Module<Tensor, Tensor>> mlps;
    internal readonly ModuleList<nn.Module<Tensor, Tensor>> attns;
    private readonly ModuleList<DropPath> drop_path;
    private readonly ModuleList<nn.Module<Tensor, Tensor>> layer_scales;
    private readonly ModuleList<nn.Module<Tensor, Tensor>> local_perception_units;
    private readonly DatarStageConfig _options;

    /// <param name="options">Configuration of the stage.</param>
    /// <param name="version">Version of DAT that the attention is of.</param>
    /// <param name="inputDim">Channels of the input.</param>
    /// <param name="expansion">Width of hidden layers, as a multiple of the channels.</param>
    /// <param name="map">Size of the maps.</param>
    /// <param name="dropPaths">Rate of stochastic depth of each block.</param>
    /// <param name="generator">Random generator of dropped paths.</param>
    public DatarStage(
        DatarStageConfig options, DatVersion version, int inputDim, int expansion, MapSize map, double[] dropPaths,
        Generator generator)
        : base(nameof(DatarStage))
    {
        _options = options;
        (int dim, string blocks) = (options.Dim, options.Blocks);
        proj = inputDim == dim ? nn.Identity() : new Convolution2d(inputDim, dim, 1);
        ln_cnvnxt = new BlockNorms();
        layer_norms = [];
        mlps = [];
        attns = [];
        drop_path = [];
        layer_scales = [];
        local_perception_units = [];
        for (int block = 0; block < blocks.Length; block++)
        {
            bool isConvNext = blocks[block] == 'X';
            if (isConvNext)
            {
                ln_cnvnxt.Add(block, new LayerNorm2d(dim));
            }

            for (int branch = 0; branch < 2; branch++)
            {
                layer_norms.Add(isConvNext ? nn.Identity() : new LayerNorm2d(dim));
                layer_scales.Add(options.LayerScale > 0 ? new LayerScale(dim, options.LayerScale) : nn.Identity());
            }

            mlps.Add(options.ConvolutionalMlp
                ? new ConvolutionalMlp(dim, dim * expansion, version)
                : new DatarMlp(dim, dim * expansion));
            attns.Add(Attention(blocks[block], options, version, map));
            drop_path.Add(new DropPath(dropPaths[block], generator));
            local_perception_units.Add(
                options.LocalPerception ? new Convolution2d(dim, dim, 3, 1, 1, groups: dim) : nn.Identity());
        }

        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C', H, W)</summary>
    public override Tensor forward(Tensor input) => Run(input, null);

    /// <summary>Forward pass, with a callback for the samples of each deformable block.</summary>
    /// <param name="input">Maps, (B, C, H, W).</param>
    /// <param name="sampled">Callback, with the index of the block; the tensors are disposed after the call.</param>
    public Tensor Run(Tensor input, Action<int, DeformableSamples>? sampled)
    {
        Tensor x = proj.call(input);                                      // (B, C', H, W)
        for (int block = 0; block < attns.Count; block++)
        {
            using Tensor before = x;
            int current = block;
            x = ActivationCheckpoints.Call(map => Block(current, map, sampled), before); // (B, C', H, W)
        }

        return x;
    }

    private Tensor Block(int block, Tensor x, Action<int, DeformableSamples>? sampled)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_options.LocalPerception)
        {
            x = local_perception_units[block].call(x).Plus(x);           // (B, C, H, W)
        }

        if (_options.Blocks[block] == 'X')
        {
            Tensor hidden = ln_cnvnxt.Of(block).call(attns[block].call(x));
            return drop_path[block].call(mlps[block].call(hidden)).Plus(x).MoveToOuterDisposeScope();
        }

        // Equation 1: attention, then an MLP, each with a normalization before it and a residual connection.
        Tensor attended = Attend(block, layer_norms[2 * block].call(x), sampled); // (B, C, H, W)
        x = drop_path[block].call(layer_scales[2 * block].call(attended)).Plus(x);
        Tensor mixed = mlps[block].call(layer_norms[(2 * block) + 1].call(x)); // (B, C, H, W)
        return drop_path[block].call(layer_scales[(2 * block) + 1].call(mixed)).Plus(x).MoveToOuterDisposeScope();
    }

    private Tensor Attend(int block, Tensor x, Action<int, DeformableSamples>? sampled)
    {
        if (sampled is null || attns[block] is not DeformableAttention deformable)
        {
            return attns[block].call(x);
        }

        DeformableSamples samples = deformable.Attend(x);
        sampled(block, samples);
        return samples.Output;
    }

    private static nn.Module<Tensor, Tensor> Attention(
        char kind, DatarStageConfig options, DatVersion version, MapSize map) => kind switch
    {
        'L' or 'S' => new LocalAttention(options.Dim, options.Heads, options.WindowSize, map, kind == 'S'),
        'D' => new DeformableAttention(options, version, map),
        'N' => new NeighborhoodAttention(options.Dim, options.Heads, options.NeighborhoodKernel, map),
        'P' => new PyramidAttention(options.Dim, options.Heads, options.ReductionRatio, map),
        'E' => new SlideAttention(options.Dim, options.Heads),
        'X' => new Convolution2d(options.Dim, options.Dim, options.WindowSize, 1, options.WindowSize / 2, groups: options.Dim),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No attention has this letter."),
    };

    /// <summary>
    /// Normalizations of ConvNeXt blocks by the block's index. (TorchSharp's ModuleDict cannot be converted to another type.)
    /// </summary>
    private sealed class BlockNorms() : nn.Module(nameof(BlockNorms))
    {
        private readonly Dictionary<int, LayerNorm2d> _norms = [];

        public LayerNorm2d Of(int block) => _norms[block];

        public void Add(int block, LayerNorm2d norm)
        {
            _norms.Add(block, norm);
            register_module($"{block}", norm);
        }
    }
}

/// <summary>MLP of a block, point by point.</summary>
internal sealed class DatarMlp : nn.Module<Tensor, Tensor>
{
    private readonly Sequential chunk;

    public DatarMlp(int dim, int hidden)
        : base(nameof(DatarMlp))
    {
        chunk = nn.Sequential(
            ("linear1", Initialization.UniformLinear(dim, hidden)),
            ("act", nn.GELU()),
            ("linear2", Initialization.UniformLinear(hidden, dim)));
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

/// <summary>
/// MLP of a block with a depthwise convolution in its hidden layer; in DAT++ with a residual connection around that.
/// </summary>
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

    // DAT++ has a sequence of one, as the names of its parameters show.
    private nn.Module<Tensor, Tensor> Pointwise(int inputs, int outputs) => _isResidual
        ? nn.Sequential(new Convolution2d(inputs, outputs, 1))
        : new Convolution2d(inputs, outputs, 1);
}

/// <summary>
/// Layer scale: a learned factor for each channel of a branch (Touvron et al. 2021, "Going deeper with image transformers").
/// </summary>
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

/// <summary>Layer normalization of the channels at each point of a map.</summary>
internal sealed class LayerNorm2d : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5;

    private readonly LayerNorm norm;

    public LayerNorm2d(int dim)
        : base(nameof(LayerNorm2d))
    {
        norm = nn.LayerNorm(dim, Epsilon);
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor channelsLast = input.permute(0, 2, 3, 1);      // (B, H, W, C)
        using Tensor normalized = norm.call(channelsLast);
        return normalized.permute(0, 3, 1, 2);
    }
}
