using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>One stage of the pyramid: transformer blocks over maps of one size.</summary>
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

    /// <param name="options">The stage.</param>
    /// <param name="version">Whose attention it has.</param>
    /// <param name="inputDim">Channels of its input.</param>
    /// <param name="expansion">Width of hidden layers, in channels.</param>
    /// <param name="map">Height and width of its maps.</param>
    /// <param name="dropPaths">Stochastic depth's rate of each block.</param>
    /// <param name="generator">Draws dropped paths.</param>
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

    /// <summary>The forward pass, telling of each deformable block what it looked at.</summary>
    /// <param name="input">(B, C, H, W)</param>
    /// <param name="sampled">Called with the block's index; what it is given ends after the call.</param>
    public Tensor Run(Tensor input, Action<int, DeformableSamples>? sampled)
    {
        Tensor x = proj.call(input);                                      // (B, C', H, W)
        for (int block = 0; block < attns.Count; block++)
        {
            using Tensor before = x;
            int current = block;
            x = ActivationCheckpoints.Call(map => Block(current, map, sampled), before);
        }

        return x;
    }

    private Tensor Block(int block, Tensor x, Action<int, DeformableSamples>? sampled)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_options.LocalPerception)
        {
            x = local_perception_units[block].call(x).Plus(x);
        }

        if (_options.Blocks[block] == 'X')
        {
            Tensor hidden = ln_cnvnxt.Of(block).call(attns[block].call(x));
            return drop_path[block].call(mlps[block].call(hidden)).Plus(x).MoveToOuterDisposeScope();
        }

        // Equation 1: attention and hidden layer, each normalised first and added after.
        Tensor attended = Attend(block, layer_norms[2 * block].call(x), sampled);
        x = drop_path[block].call(layer_scales[2 * block].call(attended)).Plus(x);
        Tensor mixed = mlps[block].call(layer_norms[(2 * block) + 1].call(x));
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

    /// <summary>The norms of those blocks that have one, by their number. (TorchSharp's ModuleDict cannot be converted.)</summary>
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
