using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The Hierarchical Token-Semantic Audio Transformer: Chen, Du, Zhu, Ma, Berg-Kirkpatrick and Dubnov, "HTS-AT: A
/// Hierarchical Token-Semantic Audio Transformer for Sound Classification and Detection", ICASSP 2022. Parameters have the
/// names of the official code's state dict (under <c>sed_model</c>), the section numbers below are the paper's.
/// </summary>
internal sealed class HtsAt : AudioModel
{
    // So far from 0 and 1 that the quotient of a pooling, logarithms and their gradients stay finite.
    internal const double PoolingMargin = 1e-6;

    private readonly BatchNormalization bn0;
    internal readonly NormalizedPatchEmbedding patch_embed;
    private readonly Parameter? absolute_pos_embed;
    internal readonly ModuleList<SwinStage> layers;
    internal readonly LayerNorm norm;
    private readonly Convolution2d? tscam_conv;

    // With the token-semantic layer it is unused, but official checkpoints hold it.
    private readonly Linear head;

    private readonly HtsAtImages _images;

    /// <param name="options">Configuration.</param>
    /// <param name="generator">
    /// Random generator of the initial weights and, in training, of dropped paths and the parts of longer clips; on the CPU.
    /// The network disposes it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public HtsAt(HtsAtConfig options, Generator generator)
        : base(nameof(HtsAt), generator)
    {
        options.Validate();
        Options = options;
        PresenceMap = options.PresenceMap;
        _images = new HtsAtImages(options, generator);
        bn0 = new BatchNormalization(options.MelBins);
        patch_embed = new NormalizedPatchEmbedding(
            options.EmbedDim, options.PatchSize, options.StrideFrequency, options.StrideTime, generator, options.PatchNorm);
        int height = options.ImageSize / options.StrideFrequency;
        int width = options.ImageSize / options.StrideTime;
        if (options.AbsolutePositions)
        {
            absolute_pos_embed = new Parameter(zeros(1, height * width, options.EmbedDim));
            Initialization.Normal(absolute_pos_embed, generator);
        }

        int depth = options.Depths.Sum();
        double[] dropPaths =
            [.. Enumerable.Range(0, depth).Select(block => options.DropPath * block / Math.Max(depth - 1, 1))];
        layers = new ModuleList<SwinStage>(
        [
            .. options.Depths.Select((blocks, stage) => new SwinStage(
                options.EmbedDim << stage, height >> stage, width >> stage, options.Heads[stage], options.WindowSize,
                options.MlpRatio, new ArraySegment<double>(dropPaths, options.Depths.Take(stage).Sum(), blocks),
                isMerged: stage < options.Depths.Count - 1, generator, options.QkvBias)),
        ]);
        norm = nn.LayerNorm(options.FinalDim, SwinBlock.NormEpsilon);
        if (options.TokenSemantic)
        {
            tscam_conv = new Convolution2d(
                options.FinalDim, options.Classes, (options.FinalHeight / options.TimeWindows, 3), (1, 1), (0, 1));
            Initialization.Uniform(tscam_conv, generator);
        }

        head = Initialization.Linear(options.TokenSemantic ? options.Classes : options.FinalDim, options.Classes);
        Initialization.Normal(head, generator);
        RegisterComponents();
    }

    /// <summary>Configuration.</summary>
    public HtsAtConfig Options { get; }

    public override AudioModelConfig Config => Options;

    /// <inheritdoc/>
    public override bool LearnsSteps { get; set; }

    public override PresenceMapGeometry PresenceMap { get; }

    public override int EmbeddingLength => Options.FinalDim;

    public override int? ShortestInput => Options.PatchSize;

    public override bool HasMixedPrecision => true;

    /// <summary>(B, time, mels) to (B, 1, time, mels)</summary>
    public override Tensor FromFeatures(Tensor features) => features.unsqueeze(1);

    /// <summary>
    /// Log-mel spectrograms in decibels (B, 1, time, mels) to logits (B, classes); of more images than one, their mean. See
    /// also <see cref="LearnsSteps"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();

        // Sections 2.1 and 2.2; numbers beside are the paper's, of 1024 frames x 64 mel bins and 527 classes.
        Func<Tensor, Tensor> logits = LearnsSteps && training
            ? tokens => StepLogits(tokens).flatten(1)                         // (B, steps classes) 32 x 527
            : Logits;                                                         // (B, classes)       527
        IEnumerable<Tensor> parts = Images(input)                             // (B, 1, S, S) each  256 x 256
            .Select(Encode)                                                   // (B, N, D)          8 x 8, 768
            .Select(logits);
        return Mean(parts).MoveToOuterDisposeScope();
    }

    /// <summary>Log-mel spectrograms (B, 1, time, mels) to the last stage's tokens, (B, images, N, D).</summary>
    public override Tensor Backbone(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return stack(Images(input).Select(Encode).ToList(), 1).MoveToOuterDisposeScope(); // (B, images, N, D)
    }

    /// <summary>Tokens (B, images, N, D) to logits (B, classes); of more images than one, their mean.</summary>
    public override Tensor Classify(Tensor backbone)
    {
        using DisposeScope scope = NewDisposeScope();
        return Mean(backbone.unbind(1).Select(Logits)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Embedding of clips: log-mel spectrograms in decibels (B, 1, time, mels) to the mean of the last stage's tokens, (B, D);
    /// of more images than one, their mean.
    /// </summary>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor Embed(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return Mean(Images(input).Select(image => Encode(image).mean([1])))
            .to(ScalarType.Float32)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Detection: log-mel spectrograms (B, 1, time, mels) to scores, presence map and embedding, outside of training. The
    /// scores of more images than one are averaged.
    /// </summary>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override PresenceDetection Detect(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(Tensor Scores, Tensor Presence, Tensor Embedding)> found = [.. Images(input).Select(DetectImage)];
        int frames = (int)input.shape[2];
        bool isJoined = frames > Options.Frames && Options.LongClips == HtsAtLongClips.Windows;
        IEnumerable<Tensor> maps = found.Select(part => part.Presence);
        Tensor presence = isJoined ? PresenceMap.Join([.. maps], frames) : Mean(maps);
        return new PresenceDetection(
            Mean(found.Select(part => part.Scores)).MoveToOuterDisposeScope(),
            presence.MoveToOuterDisposeScope(),
            Mean(found.Select(part => part.Embedding)).MoveToOuterDisposeScope(),
            isJoined ? PresenceMap.FramesPerStep : PresenceMap.StepLength(frames));
    }

    /// <summary>Stage and block; a stage's patch merging comes after its blocks.</summary>
    public override (int Stage, int Block)? BlockOf(string parameterName) =>
        NumberAfter("layers.", parameterName) is { } stage
            ? (stage, NumberAfter($"layers.{stage}.blocks.", parameterName) ?? int.MaxValue)
            : null;

    public override bool IsHead(string parameterName) => IsOf(parameterName, nameof(head), nameof(tscam_conv));

    public override bool IsUnused(string parameterName) => Options.TokenSemantic && IsOf(parameterName, nameof(head));

    public override bool IsAfterBlocks(string parameterName) => IsHead(parameterName) || IsOf(parameterName, nameof(norm));

    public override WeightDecayExclusions KindOf(string parameterName, int dimensions) =>
        parameterName == nameof(absolute_pos_embed)
        || parameterName.EndsWith(".relative_position_bias_table", StringComparison.Ordinal)
            ? WeightDecayExclusions.Positions
            : base.KindOf(parameterName, dimensions);

    /// <summary>Section 2.1: an image (B, 1, S, S) to the tokens of the last stage (B, N, D), normalized.</summary>
    public Tensor Encode(Tensor image)
    {
        using DisposeScope scope = NewDisposeScope();

        // Section 2.1.1, patch embedding.
        Tensor x = Tokens(image);                                             // (B, N, D)          64 x 64, 96

        // Section 2.1.2, four groups of Swin blocks, each but the last with a patch merging.
        foreach (SwinStage stage in layers)
        {
            using Tensor before = x;
            x = stage.call(before);                                           // (B, N / 4, 2 D)    32 x 32, 192; ...
        }

        return norm.call(x).MoveToOuterDisposeScope();                        // (B, N, D)          8 x 8, 768
    }

    /// <summary>
    /// Section 2.1.1: an image (B, 1, S, S) to tokens (B, N, D), along time, then frequency, then window of time.
    /// </summary>
    public Tensor Tokens(Tensor image)
    {
        Tensor tokens = patch_embed.call(image);                              // (B, N, D)
        if (absolute_pos_embed is null)
        {
            return tokens;
        }

        using (tokens)
        {
            return tokens.Plus(absolute_pos_embed);
        }
    }

    /// <summary>
    /// Section 2.2, the token-semantic layer, or a linear layer where there is none: the last stage's tokens (B, N, D) to the
    /// logits of each step in time, (B, steps, classes).
    /// </summary>
    public Tensor StepLogits(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor map = Map(tokens);                                             // (B, D, F', steps)  768, 2 x 32
        Tensor logits = tscam_conv is null                                    // (B, steps, classes)
            ? head.call(map.sum(2).transpose(1, 2))                           // of (B, steps, D)
            : tscam_conv.call(map).squeeze(2).transpose(1, 2);                // of (B, classes, 1, steps)
        return logits.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Images: spectrograms of any length (B, 1, time, mels), normalized, as one or more (B, 1, S, S).</summary>
    public IReadOnlyList<Tensor> Images(Tensor input)
    {
        if (input.dim() != 4 || input.shape[1] != 1 || input.shape[2] < 1 || input.shape[3] != Options.MelBins)
        {
            throw new ArgumentException(
                $"HTS-AT takes (batch, 1, frames, {Options.MelBins}), not ({string.Join(", ", input.shape)}).",
                nameof(input));
        }

        using DisposeScope scope = NewDisposeScope();

        // Each mel bin is normalized over the batch and time.
        Tensor bins = input.transpose(1, 3).to(bn0.weight!.dtype);            // (B, F, T, 1)
        Tensor x = bn0.call(bins).transpose(1, 3);                            // (B, 1, T, F)
        return [.. _images.Of(x, training).Select(image => image.MoveToOuterDisposeScope())]; // (B, 1, S, S) each
    }

    /// <summary>Map (B, D, F', steps) of the last stage's tokens (B, N, D), the windows of time side by side again.</summary>
    private Tensor Map(Tensor tokens)
    {
        (long batch, long windows, long dim) = (tokens.shape[0], Options.TimeWindows, tokens.shape[2]);
        return tokens.view(batch, windows, Options.FinalHeight / windows, Options.FinalWidth, dim)
            .permute(0, 4, 2, 1, 3)                                           // (B, D, F', windows, T')
            .reshape(batch, dim, Options.FinalHeight / windows, Options.Steps);
    }

    /// <summary>Logits of a clip (B, classes), from the last stage's tokens (B, N, D).</summary>
    private Tensor Logits(Tensor tokens) => tscam_conv is null
        ? head.call(tokens.mean([1])).to(ScalarType.Float32)
        : Pool(StepLogits(tokens));

    /// <summary>Pooling of the logits of steps (B, steps, classes) to those of a clip (B, classes).</summary>
    private Tensor Pool(Tensor steps)
    {
        if (Options.Pooling == HtsAtPooling.Mean)
        {
            return steps.mean([1]);
        }

        Tensor presence = steps.sigmoid().Clamp(PoolingMargin, 1 - PoolingMargin); // (B, steps, classes)
        Tensor clip = (presence * presence).sum(1) / presence.sum(1);         // (B, classes)
        return clip.log() - clip.neg().Plus(1).log();
    }

    private (Tensor Scores, Tensor Presence, Tensor Embedding) DetectImage(Tensor image)
    {
        (Tensor tokens, Tensor? heat) = Options is { AttentionHeatmap: true, TokenSemantic: true }
            ? EncodeWithHeat(image)
            : (Encode(image), null);
        Tensor steps = StepLogits(tokens);                                    // (B, steps, classes)
        Tensor logits = tscam_conv is null ? Logits(tokens) : Pool(steps);
        Tensor presence = steps.sigmoid();
        return (logits.sigmoid(), heat is null ? presence : presence * heat, tokens.mean([1]));
    }

    /// <summary>
    /// Tokens, and the attention heat map: the attention that each step in time gets in the last stage, (B, steps, 1). As in
    /// the official code, the attention's windows are laid out as if they were one, which at the paper's size they are.
    /// </summary>
    private (Tensor Tokens, Tensor Heat) EncodeWithHeat(Tensor image)
    {
        Tensor x = Tokens(image);
        foreach (SwinStage stage in layers.Take(layers.Count - 1))
        {
            x = stage.call(x);
        }

        (x, Tensor weights) = layers[^1].Attend(x);                           // weights: (B windows, heads, N, N)
        Tensor attention = weights.mean([1, 2]).view(x.shape[0], -1, 1);      // (B, F' T', 1)
        Tensor heat = Map(attention).to(ScalarType.Float32).mean([1, 2]);     // (B, steps)
        Tensor most = heat.amax([1], keepdim: true);
        Tensor least = heat.amin([1], keepdim: true);
        heat = heat.Times(0.15).Plus(most.Times(0.85) - least) / (most - least);
        return (norm.call(x), heat.unsqueeze(2));
    }

    private static Tensor Mean(IEnumerable<Tensor> parts)
    {
        List<Tensor> all = [.. parts];
        return all.Count == 1 ? all[0] : stack(all).mean([0]);
    }
}
