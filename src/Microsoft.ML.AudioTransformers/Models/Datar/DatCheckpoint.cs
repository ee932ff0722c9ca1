using Microsoft.ML.AudioTransformers.Checkpoints;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Weight map of DATAR, from files of deformable attention transformers (DAT), adapted to another resolution or window as the
/// official <c>load_pretrained</c> does.
/// </summary>
internal static class DatCheckpoint
{
    private const string Anchor = "patch_proj.0.weight";

    // Filled by the model itself from its sizes.
    private static readonly string[] s_derived = ["relative_position_index", "attn_mask", "q_grid", "reference"];

    /// <summary>Weight map: which tensor of the checkpoint becomes which of the network.</summary>
    public static WeightMap Map(
        string path,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict,
        IReadOnlyDictionary<string, long[]> target,
        CheckpointAdaptation adaptation)
    {
        WeightMap map = new(path, target);
        WeightNames names = WeightNames.Find(stateDict, Anchor, adaptation.Prefix)
            ?? throw new InvalidDataException($"'{path}' is no checkpoint of DAT: it has no '{adaptation.Prefix}{Anchor}'.");
        names.LeaveOthersOut(map);

        foreach ((string name, CheckpointTensor stored) in names.Weights)
        {
            if (Array.Exists(s_derived, part => name.Contains(part, StringComparison.Ordinal)))
            {
                map.LeaveOut(stored, "the model computes it");
            }
            else if (name == Anchor)
            {
                // The official DAT has colour channels; no official code says how DATAR reduces them to one.
                ImageAdaptation.TakePatchEmbedding(map, name, stored, adaptation.Channels ?? ChannelReduction.Sum);
            }
            else if (name.EndsWith("relative_position_bias_table", StringComparison.Ordinal))
            {
                ImageAdaptation.TakeBiasTable(map, name, stored);
            }
            else if (name.EndsWith("rpe_table", StringComparison.Ordinal))
            {
                TakeDeformableBiasTable(map, name, stored);
            }
            else
            {
                map.Take(name, stored);
            }
        }

        return map;
    }

    /// <summary>Position biases of deformable attention, (heads, h, w), resized (bicubic).</summary>
    private static void TakeDeformableBiasTable(WeightMap map, string name, CheckpointTensor stored)
    {
        if (!ImageAdaptation.IsOfOtherSize(map, name, stored, out long[] wanted) || wanted.Length != 3 || stored.Shape[0] != wanted[0])
        {
            map.Take(name, stored);
            return;
        }

        map.Adapt(name, stored, $"{stored.Shape[1]} x {stored.Shape[2]} biases resized to {wanted[1]} x {wanted[2]}", table =>
            ImageAdaptation.Resize(table.unsqueeze(0), wanted[1], wanted[2], InterpolationMode.Bicubic).squeeze(0));
    }
}
