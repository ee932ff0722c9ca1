using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// The Patchout faSt Spectrogram Transformer: Koutini, Schlüter, Eghbal-zadeh and Widmer, "Efficient Training of Audio
/// Transformers with Patchout", Interspeech 2022. Parameters have the names of the official code's state dict. The
/// section, table and step numbers below are the paper's; the steps are those of its figure 2.
/// </summary>
internal sealed class Passt : AudioModel
{
    // The body's normalizations have timm's epsilon, the head's has PyTorch's.
    internal const double BodyEpsilon = 1e-6;
    internal const double HeadEpsilon = 1e-5;

    internal readonly PatchEmbedding patch_embed;
    private readonly Parameter cls_token;
    private readonly Parameter? dist_token;
    private readonly Parameter new_pos_embed;
    private readonly Parameter freq_new_pos_embed;
    private readonly Parameter time_new_pos_embed;
    internal readonly ModuleList<AttentionBlock> blocks;
    internal readonly LayerNorm norm;
    private readonly Sequential? pre_logits;
    internal readonly Sequential head;

    // Official checkpoints hold it; the forward pass of neither code uses it.
    private readonly Linear? head_dist;

    private bool _hasWarned;

    /// <param name="options">Configuration.</param>
    /// <param name="generator">
    /// Random generator of the initial weights and, in training, of patchout and dropped paths; on the CPU. The network
    /// disposes it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public Passt(PasstConfig options, Generator generator)
        : base(nameof(Passt), generator)
    {
        options.Validate();
        Options = options;
        int dim = options.EmbedDim;
        patch_embed = new PatchEmbedding(
            dim, options.PatchSize, options.StrideFrequency, options.StrideTime, generator);
        cls_token = Encoding(1, 1, dim);
        dist_token = options.Distilled ? Encoding(1, 1, dim) : null;
        new_pos_embed = Encoding(1, options.ExtraTokens, dim);
        freq_new_pos_embed = Encoding(1, dim, options.FrequencyPatches, 1);
        time_new_pos_embed = Encoding(1, dim, 1, options.TimePositions);
        int depth = options.KeptBlocks().Count;
        blocks = new ModuleList<AttentionBlock>(
        [
            .. Enumerable.Range(0, depth).Select(block => new AttentionBlock(
                dim, options.Heads, options.MlpRatio, BodyEpsilon, options.DropPath * block / Math.Max(depth - 1, 1),
                generator, options.QkvBias)),
        ]);
        norm = nn.LayerNorm(dim, BodyEpsilon);
        if (options.RepresentationSize > 0)
        {
            Linear representation = Initialization.Linear(dim, options.RepresentationSize);
            Initialization.Normal(representation, generator);
            pre_logits = nn.Sequential(("fc", representation), ("act", nn.Tanh()));
        }

        Linear classifier = Initialization.Linear(options.FeatureDim, options.Classes);
        Initialization.Normal(classifier, generator);
        head = nn.Sequential(nn.LayerNorm(options.FeatureDim, HeadEpsilon), classifier);
        if (options.Distilled)
        {
            head_dist = Initialization.Linear(dim, options.Classes);
            Initialization.Normal(head_dist, generator);
        }

        RegisterComponents();
    }

    /// <summary>Configuration.</summary>
    public PasstConfig Options { get; }

    public override AudioModelConfig Config => Options;

    public override bool HasMixedPrecision => true;

    /// <summary>(B, time, frequency) to (B, 1, frequency, time)</summary>
    public override Tensor FromFeatures(Tensor features) => features.transpose(1, 2).unsqueeze(1);

    /// <summary>
    /// Log-mel spectrograms (B, 1, frequency, time) to logits (B, classes), with random patchout in training.
    /// </summary>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input) => Logits(input, training ? DrawPatchout(input) : PasstPatchout.None);

    public override (int Stage, int Block)? BlockOf(string parameterName) =>
        NumberAfter("blocks.", parameterName) is { } block ? (0, block) : null;

    public override bool IsHead(string parameterName) => IsOf(parameterName, nameof(head), nameof(head_dist));

    public override bool IsUnused(string parameterName) => IsOf(parameterName, nameof(head_dist));

    public override bool IsAfterBlocks(string parameterName) => IsHead(parameterName) || IsOf(parameterName, nameof(norm), nameof(pre_logits));

    /// <summary>With what the official code's <c>no_weight_decay</c> names.</summary>
    public override WeightDecayExclusions KindOf(string parameterName, int dimensions) => parameterName switch
    {
        nameof(new_pos_embed) or nameof(freq_new_pos_embed) or nameof(time_new_pos_embed) => WeightDecayExclusions.Positions,
        nameof(cls_token) or nameof(dist_token) => WeightDecayExclusions.Tokens,
        _ => base.KindOf(parameterName, dimensions),
    };

    public override int EmbeddingLength => Options.FeatureDim;

    public override int? ShortestInput => Options.PatchSize;

    public override Tensor Embed(Tensor input) => Features(input, PasstPatchout.None);

    /// <summary>Forward pass with a given patchout: spectrograms to logits, (B, classes).</summary>
    public Tensor Logits(Tensor input, PasstPatchout patchout)
    {
        using Tensor features = Features(input, patchout);
        return Classify(features);
    }

    /// <summary>Features (B, D) to logits (B, classes).</summary>
    public override Tensor Classify(Tensor backbone)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = head.call(backbone);                             // (B, classes)
        return logits.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Embedding of a clip, the classifier's input: the mean of the C and D tokens, (B, D); with a representation layer, its
    /// output, (B, R).
    /// </summary>
    /// <param name="input">Log-mel spectrograms, (B, 1, frequency, time).</param>
    /// <param name="patchout">What patchout keeps.</param>
    public Tensor Features(Tensor input, PasstPatchout patchout)
    {
        Check(input);
        using DisposeScope scope = NewDisposeScope();

        // (1) Patches, projected; numbers beside are PaSST-B's and, of ten seconds, 128 x 998.
        Tensor x = patch_embed.call(input);                              // (B, D, F', T')           768, 12 x 99

        // (2) to (4) Position encodings, patchout, flattening, and the C and D tokens.
        x = Tokens(x, patchout);                                         // (B, N, D)                1190; PaSST-S 474

        // The classifier operates on the mean of the transformed C and D tokens; the others end before the last block.
        x = AttentionBlock.FirstTokens(blocks, x, Options.ExtraTokens);  // (B, 2 or 1, D)
        x = norm.call(x);                                                // (B, 2 or 1, D)
        Tensor classToken = x.select(1, 0);                              // (B, D)
        Tensor features = Options.Distilled ? classToken.Plus(x.select(1, 1)).Over(2) : classToken; // (B, D)
        return (pre_logits is null ? features : pre_logits.call(features)).MoveToOuterDisposeScope(); // (B, D or R)
    }

    /// <summary>Steps 2 to 4: patches (B, D, F', T') to a sequence of tokens (B, N, D), C and D first.</summary>
    public Tensor Tokens(Tensor patches, PasstPatchout patchout)
    {
        using DisposeScope scope = NewDisposeScope();
        long times = Math.Min(patches.shape[3], Options.TimePositions);
        Tensor x = patches.narrow(3, 0, times);                          // (B, D, F', T')

        // (2) A frequency and a time encoding; a shorter clip takes a part of the time positions (section 2).
        x = x.Plus(time_new_pos_embed.narrow(3, patchout.TimeOffset, times)); // and (1, D, 1, T')
        x = x.Plus(freq_new_pos_embed);                                  // and (1, D, F', 1)

        // (3) Structured patchout: whole columns and rows are dropped (section 2.2).
        x = Keep(x, 3, patchout.Times);                                  // (B, D, F', T'')
        x = Keep(x, 2, patchout.Frequencies);                            // (B, D, F'', T'')

        // (4) Flattened along time, then frequency.
        x = x.flatten(2).transpose(1, 2);                                // (B, F'' T'', D)

        // Unstructured patchout: patches are dropped regardless of their position (section 2.2).
        x = Keep(x, 1, patchout.Tokens);                                 // (B, P, D)

        // The C and D tokens, with position encodings of their own.
        long batch = x.shape[0];
        List<Tensor> tokens = [cls_token.Plus(new_pos_embed.narrow(1, 0, 1)).expand(batch, 1, Options.EmbedDim)];
        if (dist_token is not null)
        {
            tokens.Add(dist_token.Plus(new_pos_embed.narrow(1, 1, 1)).expand(batch, 1, Options.EmbedDim));
        }

        tokens.Add(x);
        return cat(tokens, 1).MoveToOuterDisposeScope();                 // (B, N, D), N = P + 2 or 1
    }

    /// <summary>
    /// Random patchout of a training step, the same for all of the batch, as in the official code.
    /// </summary>
    /// <param name="input">Log-mel spectrograms, (B, 1, frequency, time).</param>
    /// <exception cref="ArgumentException">The input is so short that patchout leaves nothing of it.</exception>
    public PasstPatchout DrawPatchout(Tensor input)
    {
        Check(input);
        int times = Math.Min(
            PatchEmbedding.Count(input.shape[3], Options.PatchSize, Options.StrideTime), Options.TimePositions);
        int keptTimes = times - Options.PatchoutTime;
        int keptFrequencies = Options.FrequencyPatches - Options.PatchoutFrequency;
        int keptTokens = (keptTimes * keptFrequencies) - Options.PatchoutUnstructured;
        if (keptTimes < 1 || keptTokens < 1)
        {
            throw new ArgumentException(
                $"An input of {input.shape[3]} frames has {times} columns of patches; {nameof(Options.PatchoutTime)} "
                + $"{Options.PatchoutTime} and {nameof(Options.PatchoutUnstructured)} {Options.PatchoutUnstructured} "
                + "leave nothing of it.",
                nameof(input));
        }

        // A shorter clip takes the time positions from a random one on.
        int offsets = Options.TimePositions - times + 1;
        return new PasstPatchout(
            offsets > 1 ? (int)Choose(offsets, 1)[0] : 0,
            Options.PatchoutTime > 0 ? Choose(times, keptTimes) : null,
            Options.PatchoutFrequency > 0 ? Choose(Options.FrequencyPatches, keptFrequencies) : null,
            Options.PatchoutUnstructured > 0 ? Choose(keptTimes * keptFrequencies, keptTokens) : null);
    }

    private static Tensor Keep(Tensor x, int axis, long[]? indices) =>
        indices == null ? x : x.index_select(axis, tensor(indices, device: x.device));

    /// <summary>Random numbers below <paramref name="total"/>, all different and in order.</summary>
    private long[] Choose(int total, int count)
    {
        using Tensor permutation = randperm(total, generator: Generator);
        long[] chosen = permutation.data<long>().ToArray()[..count];
        Array.Sort(chosen);
        return chosen;
    }

    private Parameter Encoding(params long[] shape)
    {
        Parameter encoding = new(zeros(shape));
        Initialization.Normal(encoding, Generator);
        return encoding;
    }

    private void Check(Tensor input)
    {
        if (input.dim() != 4 || input.shape[1] != 1 ||
            input.shape[2] != Options.InputFrequency || input.shape[3] < Options.PatchSize)
        {
            throw new ArgumentException(
                $"PaSST takes (batch, 1, {Options.InputFrequency}, at least {Options.PatchSize} frames), "
                + $"not ({string.Join(", ", input.shape)}).",
                nameof(input));
        }

        int times = PatchEmbedding.Count(input.shape[3], Options.PatchSize, Options.StrideTime);
        if (times > Options.TimePositions && !_hasWarned)
        {
            _hasWarned = true;
            Warning?.Invoke(
                $"An input of {input.shape[3]} frames is longer than the {Options.InputTime} that the model knows positions "
                + "for; its end is cut off.");
        }
    }
}

/// <summary>Patchout of a training step: what it keeps, and where the time positions of a shorter clip start.</summary>
/// <param name="TimeOffset">First time position.</param>
/// <param name="Times">Kept columns of patches, in order; null for all.</param>
/// <param name="Frequencies">Kept rows of patches, in order; null for all.</param>
/// <param name="Tokens">Kept patches, of those that columns and rows leave, in order; null for all.</param>
internal sealed record PasstPatchout(int TimeOffset, long[]? Times, long[]? Frequencies, long[]? Tokens)
{
    /// <summary>No patchout, and the first time position: outside of training.</summary>
    public static PasstPatchout None { get; } = new(0, null, null, null);
}
