using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The Deformable Audio Transformer: Zhu, "DATAR: Deformable Audio Transformer for Audio Event Recognition", 2024, on the
/// deformable attention transformer of Xia et al., "Vision Transformer with Deformable Attention", CVPR 2022, or of its
/// successor DAT++. Section, equation and table numbers are those of DATAR's paper; parameters have the names of the
/// official DAT code's state dict.
/// </summary>
/// <remarks>
/// The spectrogram may have any size. Patches and halved maps drop what does not fill them, as in the official code, and
/// an input smaller than one of them is filled up with zeros.
/// </remarks>
internal sealed class Datar : AudioModel
{
    // Standard deviation of position bias tables in the official code.
    private const double TableDeviation = 0.01;

    internal readonly InputAdaptor? adaptor;
    internal readonly Sequential patch_proj;
    internal readonly ModuleList<DatarStage> stages;
    internal readonly ModuleList<Sequential> down_projs;
    internal readonly LayerNorm2d cls_norm;
    private readonly Linear cls_head;
    private readonly Linear? noun_head;

    /// <param name="options">Configuration.</param>
    /// <param name="generator">
    /// Random generator of the initial weights and, in training, of dropped paths and perturbations; on the CPU. The network
    /// disposes it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Datar(DatarConfig options, Generator generator)
        : base(nameof(Datar), generator)
    {
        options.Validate();
        Options = options;
        adaptor = options.Adaptor == DatarAdaptor.Learnable
            ? new InputAdaptor(options.InputChannels, options.AdaptorStrength)
            : null;
        patch_proj = Stem(options);
        stages = [];
        down_projs = [];
        IReadOnlyList<MapSize> maps = options.Maps();
        int blocks = options.Stages.Sum(stage => stage.Blocks.Length);
        int block = 0;
        for (int stage = 0; stage < options.Stages.Count; stage++)
        {
            DatarStageConfig current = options.Stages[stage];
            int inputDim = stage == 0 ? options.StemDim : current.Dim;
            double[] dropPaths = [.. current.Blocks.Select(_ => options.DropPath * block++ / Math.Max(blocks - 1, 1))];
            stages.Add(new DatarStage(
                current, options.Version, inputDim, options.Expansion, maps[stage], dropPaths, generator));
            if (stage > 0)
            {
                int finer = options.Stages[stage - 1].Dim;
                Convolution2d halving = options.ConvolutionalPatches
                    ? new Convolution2d(finer, current.Dim, 3, 2, 1, hasBias: false)
                    : new Convolution2d(finer, current.Dim, 2, 2, hasBias: false);
                down_projs.Add(nn.Sequential(halving, new LayerNorm2d(current.Dim)));
            }
        }

        int width = options.Stages[^1].Dim;
        cls_norm = new LayerNorm2d(width);
        cls_head = Initialization.UniformLinear(width, options.Classes);
        noun_head = options.NounClasses > 0 ? Initialization.UniformLinear(width, options.NounClasses) : null;
        RegisterComponents();
        Initialize();
    }

    /// <summary>Configuration.</summary>
    public DatarConfig Options { get; }

    public override AudioModelConfig Config => Options;

    /// <summary>(B, time, frequency) to (B, 1, frequency, time)</summary>
    public override Tensor FromFeatures(Tensor features) => features.transpose(1, 2).unsqueeze(1);

    /// <summary>
    /// Spectrograms (B, channels, frequency, time) to logits (B, classes), or (B, verbs + nouns) where there are two heads.
    /// </summary>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        using Tensor features = Features(input);
        return Classify(features);
    }

    /// <summary>Features (B, D) to logits (B, classes), or (B, verbs + nouns).</summary>
    public override Tensor Classify(Tensor backbone)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = cls_head.call(backbone);                           // (B, classes)
        return (noun_head is null ? logits : cat([logits, noun_head.call(backbone)], 1)).MoveToOuterDisposeScope();
    }

    public override bool HasMixedPrecision => true;

    public override int EmbeddingLength => Options.Stages[^1].Dim;

    public override Tensor Embed(Tensor input) => Features(input);

    /// <summary>
    /// Stage, which counts as one block, since its modules are not named block by block; the convolution that halves its map is
    /// part of it.
    /// </summary>
    public override (int Stage, int Block)? BlockOf(string parameterName) =>
        (NumberAfter("stages.", parameterName) ?? NumberAfter("down_projs.", parameterName)) is { } stage
            ? (stage, 0)
            : null;

    public override bool IsHead(string parameterName) => IsOf(parameterName, nameof(cls_head), nameof(noun_head));

    public override bool IsAfterBlocks(string parameterName) =>
        IsHead(parameterName) || IsOf(parameterName, nameof(cls_norm));

    public override WeightDecayExclusions KindOf(string parameterName, int dimensions) =>
        parameterName.EndsWith(".rpe_table", StringComparison.Ordinal)
        || parameterName.EndsWith(".relative_position_bias_table", StringComparison.Ordinal)
            ? WeightDecayExclusions.Positions
            : base.KindOf(parameterName, dimensions);

    /// <summary>Embedding of a clip, the classifiers' input: the mean of the last map, (B, D).</summary>
    /// <param name="input">Spectrograms, (B, channels, frequency, time).</param>
    /// <param name="sampled">
    /// Callback for each deformable block, with its stage and its index in the stage; the tensors are disposed after the call.
    /// </param>
    public Tensor Features(Tensor input, Action<int, int, DeformableSamples>? sampled = null)
    {
        Check(input);
        using DisposeScope scope = NewDisposeScope();

        // Section 3.2, the input adaptor; numbers beside are those of the tiny size, of 128 x 1024.
        Tensor x = Adapt(input);                                           // (B, channels, F, T)        1, 128 x 1024

        // Section 3.1, patch embedding.
        int patch = Options.ConvolutionalPatches ? 1 : Options.PatchSize;
        x = patch_proj.call(AtLeast(x, patch));                            // (B, C, F / 4, T / 4)       96, 32 x 256

        // Four stages of local, shifted-window and deformable attention, with half the map and twice the channels from one to
        // the next.
        for (int stage = 0; stage < stages.Count; stage++)
        {
            using Tensor before = x;
            using Tensor halved = stage == 0 ? before.alias() : Halve(stage, before);
            int current = stage;
            x = stages[stage].Run(                                         // (B, 2^s C, F / 2^(2+s), T / 2^(2+s))
                halved, sampled is null ? null : (block, samples) => sampled(current, block, samples));
        }

        x = cls_norm.call(x);                                              // (B, D, F / 32, T / 32)     768, 4 x 32
        return x.mean([2, 3]).MoveToOuterDisposeScope();                   // (B, D)
    }

    /// <summary>Deformable points of a block, where its attention samples clips: figure 1.</summary>
    /// <param name="input">Spectrograms, (B, channels, frequency, time).</param>
    /// <param name="stage">Stage, counted from 0.</param>
    /// <param name="block">Block in the stage, counted from 0; null for the last deformable one.</param>
    /// <returns>Points and weights on the CPU.</returns>
    /// <exception cref="ArgumentException">There is no such deformable block, or the input has another shape.</exception>
    public DeformablePoints SampledPoints(Tensor input, int stage, int? block = null)
    {
        int chosen = block ?? Options.Stages.ElementAtOrDefault(stage)?.Blocks.LastIndexOf('D') ?? -1;
        if (Options.Stages.ElementAtOrDefault(stage)?.Blocks.ElementAtOrDefault(chosen) != 'D')
        {
            throw new ArgumentException($"Block {chosen} of stage {stage} is not a deformable one.", nameof(stage));
        }

        using IDisposable guard = no_grad();
        DeformablePoints? points = null;
        Features(input, (sampledStage, sampledBlock, samples) =>
        {
            if (sampledStage == stage && sampledBlock == chosen)
            {
                points = DeformablePoints.Of(samples);
            }
        }).Dispose();
        return points!;
    }

    /// <summary>
    /// Section 3.2, the input adaptor, or in training one of Table 4's perturbations: (B, channels, F, T) to the same.
    /// </summary>
    public Tensor Adapt(Tensor input)
    {
        if (adaptor is not null)
        {
            return adaptor.call(input);
        }

        if (!training || Options.Adaptor is not (DatarAdaptor.Gaussian or DatarAdaptor.Laplacian))
        {
            return input.alias();
        }

        using DisposeScope scope = NewDisposeScope();
        // The difference of two exponential numbers follows a Laplace distribution.
        Tensor noise = ShardedSection.Draw(input.shape[0], rows => Options.Adaptor == DatarAdaptor.Gaussian
            ? empty([rows, .. input.shape[1..]]).normal_(0, 1, Generator)
            : empty([rows, .. input.shape[1..]]).exponential_(1, Generator)
                - empty([rows, .. input.shape[1..]]).exponential_(1, Generator));
        return input.Plus(noise.Times(Options.AdaptorStrength).to(input.dtype, input.device)).MoveToOuterDisposeScope();
    }

    /// <summary>Input of a stage, from the output of the stage before: (B, C, H, W) to (B, C', H / 2, W / 2).</summary>
    public Tensor Halve(int stage, Tensor finer)
    {
        using Tensor padded = AtLeast(finer, Options.ConvolutionalPatches ? 1 : 2);
        return down_projs[stage - 1].call(padded);
    }

    /// <summary>
    /// Patch embedding, (B, channels, F, T) to (B, C, F / 4, T / 4): a plain grid, or overlapping patches, which DAT++ takes in
    /// two steps.
    /// </summary>
    private static Sequential Stem(DatarConfig options)
    {
        (int channels, int dim, int patch) = (options.InputChannels, options.StemDim, options.PatchSize);
        return (options.ConvolutionalPatches, options.Version) switch
        {
            (false, _) => nn.Sequential(new Convolution2d(channels, dim, patch, patch), new LayerNorm2d(dim)),
            (true, DatVersion.Dat) => nn.Sequential(new Convolution2d(channels, dim, 7, patch, 3), new LayerNorm2d(dim)),
            _ => nn.Sequential(
                new Convolution2d(channels, dim / 2, 3, patch / 2, 1), new LayerNorm2d(dim / 2), nn.GELU(),
                new Convolution2d(dim / 2, dim, 3, patch / 2, 1), new LayerNorm2d(dim)),
        };
    }

    /// <summary>Map padded with zeros at its end where it is smaller than the kernel of a convolution.</summary>
    private static Tensor AtLeast(Tensor map, int kernel)
    {
        long down = Math.Max(0, kernel - map.shape[2]);
        long right = Math.Max(0, kernel - map.shape[3]);
        return down == 0 && right == 0 ? map.alias() : nn.functional.pad(map, (0, right, 0, down));
    }

    /// <summary>
    /// Initial weights as in the official code: PyTorch's defaults for layers, a narrow normal distribution for tables.
    /// </summary>
    private void Initialize()
    {
        foreach (nn.Module module in modules())
        {
            switch (module)
            {
                case Linear linear:
                    Initialization.Uniform(linear, Generator);
                    break;
                case Convolution2d convolution:
                    Initialization.Uniform(convolution, Generator);
                    break;
            }
        }

        foreach (DatarStage stage in stages)
        {
            foreach (SlideAttention slide in stage.attns.OfType<SlideAttention>())
            {
                slide.FixShifts();
            }
        }

        using IDisposable guard = no_grad();
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            if (name.EndsWith("_table", StringComparison.Ordinal) || name.EndsWith(".rpb", StringComparison.Ordinal))
            {
                parameter.normal_(0, TableDeviation, Generator);
            }
        }
    }

    private void Check(Tensor input)
    {
        long[] expected = [Options.InputChannels, Options.InputFrequency, Options.InputTime];
        if (input.dim() != 4 || !input.shape.AsSpan(1).SequenceEqual(expected))
        {
            throw new ArgumentException(
                $"This DATAR takes (batch, {string.Join(", ", expected)}), not ({string.Join(", ", input.shape)}).",
                nameof(input));
        }
    }
}

/// <summary>Input adaptor (section 3.2): a learned signal added to the input, x + alpha conv2d(x) (equation 5).</summary>
internal sealed class InputAdaptor : nn.Module<Tensor, Tensor>
{
    private readonly Convolution2d conv;
    private readonly Parameter alpha;

    public InputAdaptor(int channels, double strength)
        : base(nameof(InputAdaptor))
    {
        conv = new Convolution2d(channels, channels, 3, 1, 1);
        alpha = new Parameter(TensorArithmetic.Full([1], strength));
        RegisterComponents();
    }

    /// <summary>(B, channels, F, T) to (B, channels, F, T)</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return input.Plus(alpha * conv.call(input)).MoveToOuterDisposeScope();
    }
}
