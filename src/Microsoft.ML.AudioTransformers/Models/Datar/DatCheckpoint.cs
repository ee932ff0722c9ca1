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
                TakeBiasTable(map, name, stored);
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

    /// <summary>Relative position biases of a window, (side^2, heads), resized as a square image (bicubic).</summary>
    private static void TakeBiasTable(WeightMap map, string name, CheckpointTensor stored)
    {
        if (!IsOther(map, name, stored, out long[] wanted) || wanted.Length != 2 || stored.Shape[1] != wanted[1] ||
            Side(stored.Shape[0]) is not { } own || Side(wanted[0]) is not { } side)
        {
            map.Take(name, stored);
            return;
        }

        long heads = wanted[1];
        map.Adapt(name, stored, $"{own} x {own} biases resized to {side} x {side}", table =>
        {
            Tensor image = table.reshape(1, own, own, heads).permute(0, 3, 1, 2);                   // (1, heads, own, own)
            return ImageAdaptation.Resize(image, side, side, InterpolationMode.Bicubic)
                .reshape(heads, side * side).transpose(0, 1);                                       // (side^2, heads)
        });
    }

    /// <summary>Position biases of deformable attention, (heads, h, w), resized (bicubic).</summary>
    private static void TakeDeformableBiasTable(WeightMap map, string name, CheckpointTensor stored)
    {
        if (!IsOther(map, name, stored, out long[] wanted) || wanted.Length != 3 || stored.Shape[0] != wanted[0])
        {
            map.Take(name, stored);
            return;
        }

        map.Adapt(name, stored, $"{stored.Shape[1]} x {stored.Shape[2]} biases resized to {wanted[1]} x {wanted[2]}", table =>
            ImageAdaptation.Resize(table.unsqueeze(0), wanted[1], wanted[2], InterpolationMode.Bicubic).squeeze(0));
    }

    private static bool IsOther(WeightMap map, string name, CheckpointTensor stored, out long[] wanted)
    {
        bool isKnown = map.Target.TryGetValue(name, out long[]? shape);
        wanted = shape ?? [];
        return isKnown && stored.Shape.Count == wanted.Length && stored.ElementCount > 0 && !wanted.SequenceEqual(stored.Shape);
    }

    private static long? Side(long count)
    {
        long side = (long)Math.Round(Math.Sqrt(count));
        return side * side == count ? side : null;
    }
}
