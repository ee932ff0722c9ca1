using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Description of files of HTS-AT: the authors' training checkpoints, the audio tower in CLAP's files, and Swin Transformers of
/// ImageNet.
/// </summary>
internal static class HtsAtDescription
{
    private const string Anchor = "patch_embed.proj.weight";
    private const string ClapPrefix = "audio_branch.";

    /// <summary>The authors' names.</summary>
    public static CheckpointLayout Authors { get; } = new(
        "HTS-AT, the authors' names",
        [
            "bn0.weight", "bn0.bias", "bn0.running_mean", "bn0.running_var", "tscam_conv.weight", "tscam_conv.bias",
            "layers.#.blocks.#.attn.relative_position_bias_table", "patch_embed.proj.weight", "patch_embed.proj.bias",
            "patch_embed.norm.weight", "patch_embed.norm.bias", "layers.#.blocks.#.norm1.weight", "layers.#.blocks.#.norm1.bias",
            "layers.#.blocks.#.attn.qkv.weight", "layers.#.blocks.#.attn.qkv.bias", "layers.#.blocks.#.attn.proj.weight",
            "layers.#.blocks.#.attn.proj.bias", "layers.#.blocks.#.norm2.weight", "layers.#.blocks.#.norm2.bias",
            "layers.#.blocks.#.mlp.fc1.weight", "layers.#.blocks.#.mlp.fc1.bias", "layers.#.blocks.#.mlp.fc2.weight",
            "layers.#.blocks.#.mlp.fc2.bias", "layers.#.downsample.reduction.weight", "layers.#.downsample.norm.weight",
            "layers.#.downsample.norm.bias", "norm.weight", "norm.bias", "head.weight", "head.bias",
        ]);

    /// <summary>Names of Swin in its authors' files and in timm.</summary>
    public static CheckpointLayout Image { get; } = new(
        "Swin of images, its authors' or timm's names",
        [.. Authors.Keys.Where(key => !key.StartsWith("bn0.", StringComparison.Ordinal))
            .Where(key => !key.StartsWith("tscam_conv.", StringComparison.Ordinal))]);

    /// <inheritdoc cref="ModelFamily.Describe"/>
    public static CheckpointDescription? Describe(ModelFamily family, Checkpoint checkpoint, string? prefix)
    {
        if (WeightNames.Find(checkpoint.StateDict, Anchor, prefix) is not { } names
            || Shape(names, Table(0)) is not [_, _] || Shape(names, Anchor) is not [var dim, _, var patch, _])
        {
            return null;
        }

        List<string> missing = [];
        List<string> assumed = [];
        int stages = names.CountParts("layers.");
        HtsAtConfig config = new()
        {
            PatchSize = (int)patch,
            StrideFrequency = (int)patch,
            StrideTime = (int)patch,
            EmbedDim = (int)dim,
            Depths = [.. Stages(stages).Select(stage => names.CountParts($"layers.{stage}.blocks."))],
            Heads = [.. Stages(stages).Select(stage => Shape(names, Table(stage)) is [_, var heads] ? (int)heads : 0)],
            WindowSize = Stages(stages).Max(stage => Window(names, stage)),
            MlpRatio = Shape(names, "layers.0.blocks.0.mlp.fc1.weight") is [var hidden, _] ? (double)hidden / dim : 4,
            PatchNorm = Shape(names, "patch_embed.norm.weight") is not null,
            QkvBias = Shape(names, "layers.0.blocks.0.attn.qkv.bias") is not null,
            AbsolutePositions = Shape(names, "absolute_pos_embed") is not null,
            TokenSemantic = true,
        };
        if (Shape(names, "bn0.weight") is not [var mels])
        {
            return DescribeImage(family, config);
        }

        config = config with
        {
            MelBins = (int)mels,
            TokenSemantic = Shape(names, "tscam_conv.weight") is not null,
        };
        config = WithSizes(names, config, missing, assumed);
        LogMelOptions? frontEnd = HtsAtFilters.FrontEnd(names, config, missing, assumed);
        if (names.Prefix.EndsWith(ClapPrefix, StringComparison.Ordinal))
        {
            assumed.Add(
                "The audio tower of CLAP: its training does not train the layer of classes, so that its scores are no tags; its "
                + "embeddings are what it is for.");
        }

        return new CheckpointDescription
        {
            Family = family,
            Layout = Authors,
            Prefixes = names.Prefixes,
            Config = config,
            Mels = (int)mels,
            Frames = missing.Count == 0 ? config.Frames : null,
            FrontEnd = frontEnd,
            Classes = (Shape(names, "tscam_conv.weight") ?? Shape(names, "head.weight")) is [var count, ..] ? (int)count : 0,
            Missing = missing,
            Assumed = assumed,
        };
    }

    /// <summary>
    /// Stride and image size: from the height of the token-semantic kernel, and from the number of windows that a mask of shifted
    /// windows has, or a stage that is smaller than a window.
    /// </summary>
    private static HtsAtConfig WithSizes(WeightNames names, HtsAtConfig config, List<string> missing, List<string> assumed)
    {
        int stages = config.Depths.Count;
        int shrinkage = 1 << Math.Min(stages - 1, 16);
        if (Shape(names, "tscam_conv.weight") is [_, _, var rows, _] && rows > 0 && config.MelBins % (rows * shrinkage) == 0)
        {
            int stride = (int)(config.MelBins / (rows * shrinkage));
            config = config with { StrideFrequency = stride, StrideTime = stride };
        }
        else if (config.TokenSemantic)
        {
            missing.Add("Config.StrideFrequency and Config.StrideTime: the token-semantic layer does not tell them.");
        }
        else
        {
            assumed.Add($"Strides of the patch size, {config.PatchSize}, as in all published files.");
        }

        for (int stage = 0; stage < stages; stage++)
        {
            int window = Window(names, stage);
            long? side = window < config.WindowSize ? window
                : Shape(names, $"layers.{stage}.blocks.1.attn_mask") is [var windows, _, _] ? window * Root(windows)
                : null;
            if (side is { } size)
            {
                return config with { ImageSize = checked((int)(size * config.StrideTime) << stage) };
            }
        }

        if (Shape(names, "absolute_pos_embed") is [_, var tokens, _] && Root(tokens) is { } positions)
        {
            return config with { ImageSize = checked((int)(positions * config.StrideTime)) };
        }

        if (config is { MelBins: 64, WindowSize: 8, PatchSize: 4 } && stages == 4)
        {
            assumed.Add("An image of 256 x 256, which all published files of these sizes have.");
            return config with { ImageSize = 256 };
        }

        missing.Add("Config.ImageSize: the file holds no masks of shifted windows, whose number would tell.");
        return config;
    }

    private static CheckpointDescription DescribeImage(ModelFamily family, HtsAtConfig config)
    {
        // Windows of another size get their biases resized; those of 7 do not divide an image of 256.
        bool fits = config.WindowSize > 0 && config.ImageSize / config.StrideTime % config.WindowSize == 0;
        return new CheckpointDescription
        {
            Family = family,
            Layout = Image,
            Config = fits ? config : config with { WindowSize = new HtsAtConfig().WindowSize },
            Assumed = fits ? [] : [$"Windows of 8, since the file's {config.WindowSize} do not divide an image of 256."],
        };
    }

    private static IReadOnlyList<long>? Shape(WeightNames names, string name) => names.Weights.GetValueOrDefault(name)?.Shape;

    private static IEnumerable<int> Stages(int count) => Enumerable.Range(0, Math.Clamp(count, 1, 16));

    private static string Table(int stage) => string.Create(
        CultureInfo.InvariantCulture, $"layers.{stage}.blocks.0.attn.relative_position_bias_table");

    /// <summary>Rows of a stage's windows, from its table of (2 W - 1)^2 biases; 0 where it has none.</summary>
    private static int Window(WeightNames names, int stage) =>
        Shape(names, Table(stage)) is [var entries, _] && Root(entries) is { } side ? (int)(side + 1) / 2 : 0;

    private static long? Root(long square)
    {
        long side = (long)Math.Round(Math.Sqrt(square));
        return square > 0 && side * side == square ? side : null;
    }
}
