using System.Globalization;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Weight map of HTS-AT, from the authors' Lightning checkpoints and from Swin Transformers of ImageNet.</summary>
internal static class HtsAtCheckpoint
{
    private const string Anchor = "patch_embed.proj.weight";

    // Filled by the model itself from its sizes.
    private static readonly string[] s_derived =
        ["relative_position_index", "attn_mask", "spectrogram_extractor.", "logmel_extractor."];

    /// <summary>
    /// Weight map: which tensor of the checkpoint becomes which of the network, whose names have no <c>sed_model.</c> before
    /// them.
    /// </summary>
    public static WeightMap Map(
        string path,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict,
        IReadOnlyDictionary<string, long[]> target,
        CheckpointAdaptation adaptation)
    {
        WeightMap map = new(path, target);
        WeightNames names = WeightNames.Find(stateDict, Anchor, adaptation.Prefix)
            ?? throw new InvalidDataException(
                $"'{path}' is no checkpoint of HTS-AT or Swin: it has no '{adaptation.Prefix}{Anchor}'.");
        names.LeaveOthersOut(map);

        // Only HTS-AT normalizes the mel bins.
        bool isImageModel = !names.Weights.ContainsKey("bn0.weight");
        bool isMoved = isImageModel && HasMovedMergings(names);
        foreach ((string own, CheckpointTensor stored) in names.Weights)
        {
            string name = isMoved ? Renamed(own) : own;
            if (isImageModel && name.StartsWith("head.", StringComparison.Ordinal))
            {
                map.LeaveOut(stored, "it classifies images");
            }
            else if (Array.Exists(s_derived, part => name.Contains(part, StringComparison.Ordinal)))
            {
                map.LeaveOut(stored, "the model computes it");
            }
            else if (name == Anchor)
            {
                ImageAdaptation.TakePatchEmbedding(map, name, stored, adaptation.Channels ?? ChannelReduction.Mean);
            }
            else if (name.EndsWith("relative_position_bias_table", StringComparison.Ordinal))
            {
                ImageAdaptation.TakeBiasTable(map, name, stored);
            }
            else
            {
                map.Take(name, stored);
            }
        }

        return map;
    }

    /// <summary>
    /// Whether patch mergings stand in the stage after them, as in timm since 0.9, and not in the stage before them, as in
    /// Swin's own files and in HTS-AT.
    /// </summary>
    private static bool HasMovedMergings(WeightNames names)
    {
        const string merging = ".downsample.reduction.weight";
        int stages = names.CountParts("layers.");
        return names.Weights.ContainsKey($"layers.{stages - 1}{merging}") && !names.Weights.ContainsKey($"layers.0{merging}");
    }

    /// <summary>Name of a patch merging in the stage before it.</summary>
    private static string Renamed(string name)
    {
        string[] parts = name.Split('.');
        return parts is ["layers", var number, "downsample", ..]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int stage) && stage > 0
            ? string.Join('.', ["layers", (stage - 1).ToString(CultureInfo.InvariantCulture), .. parts[2..]])
            : name;
    }
}
