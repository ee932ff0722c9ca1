using System.Globalization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Weight map of PaSST, from the authors' files (released state dicts and Lightning checkpoints) and from ViT and DeiT of
/// ImageNet, adapted to a model of another size as the official code does.
/// </summary>
internal static class PasstCheckpoint
{
    private const string Anchor = "patch_embed.proj.weight";

    /// <summary>Loads the tensors of a file that fit a network.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read, or nothing of it fits.</exception>
    public static CheckpointReport Load(Passt model, string path, CheckpointAdaptation? adaptation = null)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return Map(checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(model), model.Options, adaptation ?? new())
            .Apply(model);
    }

    /// <summary>Weight map: which tensor of the checkpoint becomes which of the network.</summary>
    public static WeightMap Map(
        string path,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict,
        IReadOnlyDictionary<string, long[]> target,
        PasstConfig options,
        CheckpointAdaptation adaptation)
    {
        WeightMap map = new(path, target);
        WeightNames names = WeightNames.Find(stateDict, Anchor, adaptation.Prefix)
            ?? throw new InvalidDataException(
                $"'{path}' is no checkpoint of PaSST, ViT or DeiT: it has no '{adaptation.Prefix}{Anchor}'.");
        names.LeaveOthersOut(map);

        bool isImageModel = names.Weights.ContainsKey("pos_embed");
        IReadOnlyDictionary<int, int> blocks = Blocks(names.CountBlocks(), options);
        foreach ((string name, CheckpointTensor stored) in names.Weights)
        {
            switch (name)
            {
                case Anchor:
                    TakePatchEmbedding(map, stored, adaptation);
                    break;
                case "pos_embed":
                    TakeImagePositions(map, stored);
                    break;
                case "time_new_pos_embed":
                    TakeTimePositions(map, stored, adaptation.TimePositions);
                    break;
                case "freq_new_pos_embed":
                    TakeFrequencyPositions(map, stored);
                    break;
                case var _ when isImageModel && name.StartsWith("head", StringComparison.Ordinal):
                    map.LeaveOut(stored, "it classifies images");
                    break;
                case var _ when name.StartsWith("blocks.", StringComparison.Ordinal):
                    TakeBlock(map, name, stored, blocks);
                    break;
                default:
                    map.Take(name, stored);
                    break;
            }
        }

        return map;
    }

    /// <summary>
    /// Block of the network by block of the checkpoint: a lightened model takes from a full one the blocks that it keeps
    /// (section 2.3.2), and from another lightened one all.
    /// </summary>
    private static Dictionary<int, int> Blocks(int count, PasstConfig options)
    {
        IReadOnlyList<int> kept = options.KeptBlocks();
        IEnumerable<int> sources = count == options.Depth ? kept : Enumerable.Range(0, kept.Count);
        return sources.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
    }

    private static void TakeBlock(WeightMap map, string name, CheckpointTensor stored, IReadOnlyDictionary<int, int> blocks)
    {
        string[] parts = name.Split('.', 3);
        if (parts.Length < 3 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int block) ||
            !blocks.TryGetValue(block, out int place))
        {
            map.LeaveOut(stored, "the model has no such block");
            return;
        }

        map.Take($"blocks.{place}.{parts[2]}", stored);
    }

    private static void TakePatchEmbedding(WeightMap map, CheckpointTensor stored, CheckpointAdaptation adaptation)
    {
        // The authors' first files have patches as rows, from before the patch embedding was a convolution.
        if (stored.Shape.Count < 4 && map.Target[Anchor] is [long dim, 1, long rows, long columns] &&
            stored.ElementCount == dim * rows * columns)
        {
            map.Adapt(Anchor, stored, "rows to patches", weight => weight.reshape(dim, 1, rows, columns));
            return;
        }

        ImageAdaptation.TakePatchEmbedding(map, Anchor, stored, adaptation.Channels ?? ChannelReduction.Sum);
    }

    /// <summary>
    /// Position encodings of an image model, resized to the network's grid; their mean over time becomes the frequency
    /// encoding, their mean over frequency the time encoding (section 3.2; <c>adapt_image_pos_embed_to_passt</c> in the code).
    /// </summary>
    private static void TakeImagePositions(WeightMap map, CheckpointTensor stored)
    {
        (int tokens, int side) = ImageAdaptation.Square(stored);
        long dim = stored.Shape[2];
        long rows = map.Target["freq_new_pos_embed"][2];
        long columns = map.Target["time_new_pos_embed"][3];
        if (map.Target["new_pos_embed"][2] != dim)
        {
            map.Take("new_pos_embed", stored);
            return;
        }

        string change = $"{side} x {side} image positions resized to {rows} x {columns}";
        map.Adapt("freq_new_pos_embed", stored, $"{change}, mean over time", positions => Grid(positions).mean([3], true));
        map.Adapt("time_new_pos_embed", stored, $"{change}, mean over frequency", positions => Grid(positions).mean([2], true));
        long wanted = map.Target["new_pos_embed"][1];
        if (wanted <= tokens)
        {
            map.Adapt(
                "new_pos_embed", stored, "the positions of the leading tokens", positions => positions.narrow(1, 0, wanted));
        }
        else
        {
            // ViT has no distillation token: D starts from the class token's position.
            map.Adapt(
                "new_pos_embed", stored, "the class token's position for C and D",
                positions => positions.narrow(1, 0, 1).expand(1, wanted, dim));
        }

        Tensor Grid(Tensor positions) =>
            ImageAdaptation.Resize(ImageAdaptation.Grid(positions, tokens, side, side), rows, columns, InterpolationMode.Bicubic);
    }

    private static void TakeTimePositions(WeightMap map, CheckpointTensor stored, TimePositionAdaptation adaptation)
    {
        const string name = "time_new_pos_embed";
        if (!IsResizable(map.Target[name], stored, axis: 3) || map.Target[name][3] == stored.Shape[3])
        {
            map.Take(name, stored);
            return;
        }

        (long own, long wanted) = (stored.Shape[3], map.Target[name][3]);
        if (adaptation == TimePositionAdaptation.Interpolate)
        {
            map.Adapt(name, stored, $"{own} time positions interpolated to {wanted}",
                positions => ImageAdaptation.Resize(positions, 1, wanted, InterpolationMode.Bilinear));
        }
        else if (wanted < own)
        {
            map.Adapt(name, stored, $"the first {wanted} of {own} time positions", positions => positions.narrow(3, 0, wanted));
        }
        else
        {
            throw new InvalidDataException(
                $"'{stored.Source}' has {own} time positions, the model {wanted}: shorten the model's "
                + $"{nameof(PasstConfig.InputTime)}, or set {nameof(CheckpointAdaptation.TimePositions)} to "
                + $"{nameof(TimePositionAdaptation.Interpolate)}.");
        }
    }

    /// <summary>
    /// Frequency positions. Another number of rows means other mel bins or another stride: the positions are interpolated over
    /// the same range.
    /// </summary>
    private static void TakeFrequencyPositions(WeightMap map, CheckpointTensor stored)
    {
        const string name = "freq_new_pos_embed";
        if (!IsResizable(map.Target[name], stored, axis: 2) || map.Target[name][2] == stored.Shape[2])
        {
            map.Take(name, stored);
            return;
        }

        (long own, long wanted) = (stored.Shape[2], map.Target[name][2]);
        map.Adapt(name, stored, $"{own} frequency positions interpolated to {wanted}",
            positions => ImageAdaptation.Resize(positions, wanted, 1, InterpolationMode.Bilinear));
    }

    /// <summary>Whether the shapes differ in one axis at most.</summary>
    private static bool IsResizable(long[] wanted, CheckpointTensor stored, int axis) =>
        stored.Shape.Count == wanted.Length && stored.Shape[axis] > 0 &&
        Enumerable.Range(0, wanted.Length).All(i => i == axis || stored.Shape[i] == wanted[i]);
}
