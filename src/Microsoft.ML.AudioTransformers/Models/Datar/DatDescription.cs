using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Description of files of deformable attention transformers (DAT and DAT++): by the configuration that the official training
/// code saves with the weights, else by the shapes of the weights and the published settings.
/// </summary>
internal static class DatDescription
{
    private const string Anchor = "patch_proj.0.weight";

    /// <summary>The official names.</summary>
    public static CheckpointLayout Authors { get; } = new(
        "DAT, the authors' names",
        [
            "patch_proj.#.weight", "patch_proj.#.bias", "patch_proj.#.norm.weight", "patch_proj.#.norm.bias",
            "stages.#.attns.#.conv_offset.#.weight", "stages.#.attns.#.rpe_table", "stages.#.attns.#.proj_q.weight",
            "stages.#.attns.#.proj_k.weight", "stages.#.attns.#.proj_v.weight", "stages.#.attns.#.proj_out.weight",
            "stages.#.attns.#.proj_out.bias", "stages.#.attns.#.proj_qkv.weight", "stages.#.attns.#.proj_qkv.bias",
            "stages.#.attns.#.relative_position_bias_table", "stages.#.layer_norms.#.norm.weight",
            "stages.#.layer_norms.#.norm.bias", "stages.#.mlps.#.chunk.linear1.weight", "stages.#.mlps.#.chunk.linear1.bias",
            "stages.#.mlps.#.chunk.linear2.weight", "stages.#.mlps.#.chunk.linear2.bias", "down_projs.#.#.weight",
            "down_projs.#.#.norm.weight", "down_projs.#.#.norm.bias", "cls_norm.norm.weight", "cls_norm.norm.bias",
            "cls_head.weight", "cls_head.bias",
        ]);

    /// <inheritdoc cref="ModelFamily.Describe"/>
    public static CheckpointDescription? Describe(ModelFamily family, Checkpoint checkpoint, string? prefix)
    {
        if (WeightNames.Find(checkpoint.StateDict, Anchor, prefix) is not { } names
            || Shape(names, Anchor) is not [_, var channels, _, _] || names.CountParts("stages.") != DatarConfig.StageCount)
        {
            return null;
        }

        List<string> missing = [];
        List<string> assumed = [];
        DatarConfig? config;
        try
        {
            config = checkpoint.Setting("config", "MODEL", "DAT") is JsonObject saved ? FromSettings(saved, names) : null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException or JsonException
            or ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException(
                $"'{checkpoint.Path}': its configuration MODEL.DAT is not as the official code saves it: {exception.Message}",
                exception);
        }

        config ??= FromShapes(names, missing, assumed);
        bool isAudio = channels == 1;
        if (isAudio)
        {
            missing.Add(
                "FrontEnd: how many mel bins and frames the maps were made of is not in the file; LogMelOptions.CreateAst() has "
                + "those of DATAR's paper.");
        }

        return new CheckpointDescription
        {
            Family = family,
            Layout = Authors,
            Config = config with
            {
                Adaptor = names.Weights.ContainsKey("adaptor.alpha") || !isAudio ? DatarAdaptor.Learnable : DatarAdaptor.None,
            },
            Classes = isAudio && Shape(names, "cls_head.weight") is [var count, _] ? (int)count : 0,
            Missing = missing,
            Assumed = assumed,
        };
    }

    /// <summary>Configuration from the arguments of the official <c>DAT</c>; those left out have that code's defaults.</summary>
    private static DatarConfig FromSettings(JsonObject saved, WeightNames names)
    {
        bool isPlusPlus = IsPlusPlus(names);
        int Whole(string name, int otherwise) => saved[name]?.GetValue<int>() ?? otherwise;
        double Number(string name, int stage, double otherwise) => saved[name]?[stage]?.GetValue<double>() ?? otherwise;
        bool Flag(string name, int stage) => saved[name]?[stage]?.GetValue<bool>() ?? false;
        return new DatarConfig
        {
            Version = isPlusPlus ? DatVersion.DatPlusPlus : DatVersion.Dat,
            PatchSize = Whole("patch_size", 4),
            StemDim = Whole("dim_stem", 96),
            Expansion = Whole("expansion", 4),
            ConvolutionalPatches = saved["use_conv_patches"]?.GetValue<bool>() ?? false,
            DropPath = saved["drop_path_rate"]?.GetValue<double>() ?? 0,
            Stages =
            [
                .. Enumerable.Range(0, DatarConfig.StageCount).Select(stage => new DatarStageConfig
                {
                    Blocks = string.Concat(saved["stage_spec"]![stage]!.AsArray().Select(block => block!.GetValue<string>())),
                    Dim = (int)Number("dims", stage, 0),
                    Heads = (int)Number("heads", stage, 0),
                    WindowSize = (int)Number("window_sizes", stage, 7),
                    Groups = (int)Number("groups", stage, 1),
                    Stride = (int)Number("strides", stage, 1),
                    OffsetRange = Number("offset_range_factor", stage, 2),
                    OffsetKernel = (int)Number("ksizes", stage, 9 - (2 * stage)),
                    NoOffsets = Flag("no_offs", stage),
                    PositionBias = !Flag("use_pes", stage) ? DeformablePositionBias.None
                        : Flag("dwc_pes", stage) ? DeformablePositionBias.Convolutional
                        : Flag("fixed_pes", stage) ? DeformablePositionBias.Fixed
                        : Flag("log_cpb", stage) ? DeformablePositionBias.LogSpaced
                        : DeformablePositionBias.Interpolated,
                    ConvolutionalMlp = Flag("use_dwc_mlps", stage),
                    LocalPerception = Flag("use_lpus", stage),
                    LayerScale = Number("layer_scale_values", stage, -1),
                    NeighborhoodKernel = (int)Number("nat_ksizes", stage, 3),
                    ReductionRatio = (int)Number("sr_ratios", stage, isPlusPlus ? 8 >> stage : 1),
                }),
            ],
        };
    }

    /// <summary>Configuration from shapes; strides and offset ranges are those of the published models of these blocks.</summary>
    private static DatarConfig FromShapes(WeightNames names, List<string> missing, List<string> assumed)
    {
        bool isPlusPlus = IsPlusPlus(names);
        bool isConvolutional = names.Weights.ContainsKey("patch_proj.3.weight")
            || Shape(names, Anchor) is [_, _, 7, _];
        IReadOnlyList<long>? stem = Shape(names, "patch_proj.3.weight") ?? Shape(names, Anchor);
        assumed.Add(
            "Strides and offset ranges of the deformable attention, which no shape tells, are those of the published "
            + (isPlusPlus ? "DAT++ (8, 4, 2, 1; -1)." : "DAT (1; 2)."));
        if (isConvolutional)
        {
            missing.Add("Config.PatchSize: overlapping patches do not tell their stride; that of the published models is 4.");
        }

        const string mlp = "stages.0.mlps.0.chunk.linear1.weight";
        long dim = Shape(names, mlp) is [_, var width, ..] ? Math.Max(width, 1) : 1;
        return new DatarConfig
        {
            Version = isPlusPlus ? DatVersion.DatPlusPlus : DatVersion.Dat,
            PatchSize = isConvolutional ? 4 : (int)Shape(names, Anchor)![2],
            StemDim = stem is [var channels, ..] ? (int)channels : 1,
            Expansion = Shape(names, mlp) is [var hidden, ..] ? (int)(hidden / dim) : 4,
            ConvolutionalPatches = isConvolutional,
            Stages = [.. Enumerable.Range(0, DatarConfig.StageCount).Select(stage => Stage(names, stage, isPlusPlus))],
        };
    }

    private static DatarStageConfig Stage(WeightNames names, int stage, bool isPlusPlus)
    {
        string start = $"stages.{stage}.";
        int blocks = names.CountParts(start + "attns.");
        int dim = Shape(names, start + "mlps.0.chunk.linear1.weight") is [_, var width, ..] ? (int)width : 0;
        char[] letters =
            [.. Enumerable.Range(0, Math.Clamp(blocks, 0, 1024)).Select(block => Letter(names, $"{start}attns.{block}."))];
        for (int block = 1; block < letters.Length; block++)
        {
            // Without the mask of a shifted window, one after another unshifted one is shifted, as in all published models.
            letters[block] = letters[block] == 'L' && letters[block - 1] == 'L' ? 'S' : letters[block];
        }

        int deformable = Array.IndexOf(letters, 'D');
        int local = Array.FindIndex(letters, letter => letter is 'L' or 'S');
        string table = $"{start}attns.{local}.relative_position_bias_table";
        string offsets = $"{start}attns.{deformable}.conv_offset.0.weight";
        int heads = Shape(names, table) is [_, var ofWindow] ? (int)ofWindow
            : Shape(names, $"{start}attns.{deformable}.rpe_table") is [var ofPoints, _, _] ? (int)ofPoints
            : Shape(names, $"{start}attns.{Array.IndexOf(letters, 'N')}.rpb") is [var ofNeighbours, ..] ? (int)ofNeighbours
            : 1;
        return new DatarStageConfig
        {
            Blocks = new string(letters),
            Dim = dim,
            Heads = heads,
            WindowSize = Shape(names, table) is [var entries, _] ? ((int)Math.Round(Math.Sqrt(entries)) + 1) / 2 : 8,
            Groups = Shape(names, offsets) is [var ofGroup, ..] && ofGroup > 0 ? (int)(dim / ofGroup) : 1,
            OffsetKernel = Shape(names, offsets) is [_, _, var kernel, _] ? (int)kernel : 5,
            Stride = isPlusPlus ? 8 >> stage : 1,
            OffsetRange = isPlusPlus ? -1 : 2,
            PositionBias = deformable < 0 || names.Weights.ContainsKey($"{start}attns.{deformable}.rpe_table")
                ? DeformablePositionBias.Interpolated
                : DeformablePositionBias.None,
            ConvolutionalMlp = names.Weights.Keys.Any(name => name.StartsWith(start + "mlps.0.dwc.", StringComparison.Ordinal)),
            LocalPerception = names.Weights.ContainsKey(start + "local_perception_units.0.weight"),
            NeighborhoodKernel =
                Shape(names, $"{start}attns.{Array.IndexOf(letters, 'N')}.rpb") is [_, var biases, _] ? (int)(biases + 1) / 2 : 7,
        };
    }

    /// <summary>Letter of a block, as in the official <c>stage_spec</c>, by the names of its weights.</summary>
    private static char Letter(WeightNames names, string attention)
    {
        bool Has(string name) => names.Weights.ContainsKey(attention + name);
        return Has("conv_offset.0.weight") ? 'D'
            : Has("rpb") ? 'N'
            : Has("dep_conv.weight") ? 'E'
            : Has("attn_mask") ? 'S'
            : Has("proj_qkv.weight") ? 'L'
            : Has("kv.weight") ? 'P'
            : 'X';
    }

    /// <summary>DAT++ has local perception units or neighbourhood attention, DAT neither.</summary>
    private static bool IsPlusPlus(WeightNames names) => names.Weights.Keys.Any(name =>
        name.Contains("local_perception_units", StringComparison.Ordinal) || name.EndsWith(".rpb", StringComparison.Ordinal));

    private static IReadOnlyList<long>? Shape(WeightNames names, string name) => names.Weights.GetValueOrDefault(name)?.Shape;
}
