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
        foreach ((string name, CheckpointTensor stored) in names.Weights)
        {
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
            else
            {
                map.Take(name, stored);
            }
        }

        return map;
    }
}
