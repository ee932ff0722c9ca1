using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Description of files of PaSST: the authors' releases, their training checkpoints, and ViT and DeiT of ImageNet.
/// </summary>
internal static class PasstDescription
{
    private const string Anchor = "patch_embed.proj.weight";
    private const int Mels = 128;

    // Of the published files; with 128 mel bins, each has another number of rows of patches.
    private static readonly int[] s_strides = [10, 12, 14, 16];

    // Ten seconds at a hop of 320 (998 in the authors' options) and 100, then thirty at 320.
    private static readonly (int Frames, int Hop, int Seconds)[] s_lengths = [(998, 320, 10), (3200, 100, 10), (3000, 320, 30)];
    private const int AmbiguousFrames = 2000;

    /// <summary>The authors' names.</summary>
    public static CheckpointLayout Authors { get; } = new(
        "PaSST, the authors' names",
        [
            "time_new_pos_embed", "freq_new_pos_embed", "new_pos_embed", "cls_token", "dist_token",
            "patch_embed.proj.weight", "patch_embed.proj.bias", "blocks.#.norm1.weight", "blocks.#.norm1.bias",
            "blocks.#.attn.qkv.weight", "blocks.#.attn.qkv.bias", "blocks.#.attn.proj.weight", "blocks.#.attn.proj.bias",
            "blocks.#.norm2.weight", "blocks.#.norm2.bias", "blocks.#.mlp.fc1.weight", "blocks.#.mlp.fc1.bias",
            "blocks.#.mlp.fc2.weight", "blocks.#.mlp.fc2.bias", "norm.weight", "norm.bias",
            "head.#.weight", "head.#.bias", "head_dist.weight", "head_dist.bias",
        ]);

    /// <summary>Names of ViT and DeiT in timm.</summary>
    public static CheckpointLayout Image { get; } = new(
        "ViT or DeiT of images, timm's names",
        [
            "pos_embed", "cls_token", "dist_token",
            .. Authors.Keys.Where(key => key.Split('.')[0] is "patch_embed" or "blocks" or "norm"),
            "head.weight", "head.bias", "head_dist.weight", "head_dist.bias",
        ]);

    /// <inheritdoc cref="ModelFamily.Describe"/>
    public static CheckpointDescription? Describe(ModelFamily family, Checkpoint checkpoint, string? prefix)
    {
        if (WeightNames.Find(checkpoint.StateDict, Anchor, prefix) is not { } names)
        {
            return null;
        }

        TransformerSizes sizes = new(names);
        if (sizes.Patches is not { } patches || sizes.Depth == 0)
        {
            return null;
        }

        bool isAudio = names.Weights.ContainsKey("time_new_pos_embed");
        if (!isAudio && (sizes.Shape("pos_embed") is null || sizes.Shape("blocks.0.norm1.weight") is null))
        {
            return null;
        }

        List<string> missing = [];
        if (TransformerSizes.HeadsOf(patches.EmbedDim) is not { } heads)
        {
            missing.Add(TransformerSizes.HeadsAreMissing(patches.EmbedDim));
        }

        PasstConfig config = new()
        {
            PatchSize = patches.PatchSize,
            EmbedDim = patches.EmbedDim,
            Depth = sizes.Depth,
            Heads = TransformerSizes.HeadsOf(patches.EmbedDim) ?? 1,
            MlpRatio = sizes.MlpRatio ?? 4,
            QkvBias = sizes.HasQkvBias,
            Distilled = sizes.Shape("dist_token") is not null,
            RepresentationSize = sizes.Shape("pre_logits.fc.weight") is [var width, _] ? (int)width : 0,
        };
        if (!isAudio)
        {
            // DeiT's distilled or not, PaSST starts with both tokens, as the paper's does.
            return new CheckpointDescription
            {
                Family = family,
                Layout = Image,
                Config = config with { Distilled = true, RepresentationSize = 0 },
                Missing = missing,
            };
        }

        return Complete(family, names, sizes, config, missing);
    }

    private static CheckpointDescription Complete(
        ModelFamily family, WeightNames names, TransformerSizes sizes, PasstConfig config, List<string> missing)
    {
        long rows = sizes.Shape("freq_new_pos_embed") is [_, _, var frequencies, _] ? frequencies : 0;
        long columns = sizes.Shape("time_new_pos_embed") is [_, _, _, var times] ? times : 0;
        int stride = config.PatchSize == 16 ? s_strides.FirstOrDefault(each => Mels / each == rows) : 0;
        LogMelOptions? frontEnd = null;
        List<string> assumed = [];
        if (stride == 0)
        {
            missing.Add(
                $"Config.StrideFrequency, Config.StrideTime and FrontEnd: {rows} rows and {columns} columns of patches of "
                + $"{config.PatchSize} are those of no published file, and no stride or number of mel bins is in the file.");
        }
        else
        {
            config = config with { StrideFrequency = stride, StrideTime = stride };
            assumed.Add($"Strides of {stride} and {Mels} mel bins: the published ones that make {rows} rows of patches.");
            frontEnd = FrontEnd(columns, stride, missing, assumed);
        }

        int classes = sizes.Shape("head.1.weight") is [var count, _] ? (int)count : 0;
        return new CheckpointDescription
        {
            Family = family,
            Layout = Authors,
            Prefixes = names.Prefixes,
            Config = config,
            Mels = stride > 0 ? Mels : null,
            FrontEnd = frontEnd,
            Classes = classes,
            Missing = missing,
            Assumed = assumed,
        };
    }

    /// <summary>Front end of a published number of time positions, with the upper edge of the authors' evaluation.</summary>
    private static LogMelOptions? FrontEnd(long columns, int stride, List<string> missing, List<string> assumed)
    {
        bool IsOf(int frames) => frames / stride == columns || (frames == 998 && 1000 / stride == columns);
        if (IsOf(AmbiguousFrames))
        {
            missing.Add(
                $"FrontEnd: {columns} time positions are twenty seconds at a hop of 320 samples (LogMelOptions.Passt with "
                + "TargetSamples 640000), or ten at a hop of 160 (HopLength 160); files of both were published.");
            return null;
        }

        (int frames, int hop, int seconds) = s_lengths.FirstOrDefault(each => IsOf(each.Frames));
        if (frames == 0)
        {
            missing.Add($"FrontEnd: {columns} time positions are those of no published file.");
            return null;
        }

        assumed.Add(
            $"The front end of the authors' evaluation: 32 kHz, a hop of {hop} samples, {seconds} seconds, bands up to 15 kHz.");
        return Published(hop, seconds);
    }

    /// <summary>Front end of the authors' evaluation of their AudioSet models.</summary>
    public static LogMelOptions Published(int hop, int seconds)
    {
        LogMelOptions options = LogMelOptions.CreatePasst();
        (options.HopLength, options.TargetSamples, options.HighFrequency) = (hop, seconds * options.SampleRate, 15000);
        return options;
    }
}
