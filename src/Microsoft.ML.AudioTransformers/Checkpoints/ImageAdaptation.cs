using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Adaptation of the weights of image models to audio models.</summary>
internal static class ImageAdaptation
{
    /// <summary>Maps a patch embedding (D, channels, height, width), reduced to one channel if it has more.</summary>
    public static void TakePatchEmbedding(WeightMap map, string name, CheckpointTensor stored, ChannelReduction reduction)
    {
        bool fits = map.Target.TryGetValue(name, out long[]? shape) && stored.Shape.Count == 4
            && shape.Length == 4 && shape[1] == 1
            && shape[0] == stored.Shape[0] && shape[2] == stored.Shape[2] && shape[3] == stored.Shape[3];
        if (!fits || stored.Shape[1] == 1)
        {
            map.Take(name, stored);
            return;
        }

        map.Adapt(
            name, stored, $"{stored.Shape[1]} channels to one by {reduction.ToString().ToLowerInvariant()}",
            weight => reduction == ChannelReduction.Sum ? weight.sum(1, true) : weight.mean([1], true));
    }

    /// <summary>
    /// Number of leading tokens, and side of the square image of patches, of position encodings (1, tokens + side * side, D).
    /// </summary>
    /// <exception cref="InvalidDataException">The patches are not a square.</exception>
    public static (int Tokens, int Side) Square(CheckpointTensor positions)
    {
        // Before the patches: a class token, or a class and a distillation token.
        foreach (int tokens in new[] { 1, 2 })
        {
            long patches = positions.Shape.Count == 3 ? positions.Shape[1] - tokens : 0;
            long side = (long)Math.Round(Math.Sqrt(patches));
            if (patches > 0 && side * side == patches)
            {
                return (tokens, (int)side);
            }
        }

        throw new InvalidDataException(
            $"'{positions.Source}': '{positions.Name}' {CheckpointTensor.Describe(positions.Shape)} does not hold the positions "
            + "of a square image.");
    }

    /// <summary>
    /// Position encodings of the patches as an image: (1, tokens + rows * columns, D) to (1, D, rows, columns).
    /// </summary>
    public static Tensor Grid(Tensor positions, int tokens, long rows, long columns) =>
        positions.narrow(1, tokens, rows * columns).reshape(1, rows, columns, positions.shape[2]).permute(0, 3, 1, 2);

    /// <summary>
    /// Resizes an image (1, D, height, width) to (1, D, rows, columns); corners are not aligned, as in the official code.
    /// </summary>
    public static Tensor Resize(Tensor image, long rows, long columns, InterpolationMode mode) =>
        nn.functional.interpolate(image, [rows, columns], mode: mode, align_corners: false);

    /// <summary>
    /// Maps the relative position biases of a window, (side^2, heads), resized as a square image (bicubic) where the network's
    /// windows have another size.
    /// </summary>
    public static void TakeBiasTable(WeightMap map, string name, CheckpointTensor stored)
    {
        if (!IsOfOtherSize(map, name, stored, out long[] wanted) || wanted.Length != 2 || stored.Shape[1] != wanted[1] ||
            Side(stored.Shape[0]) is not { } own || Side(wanted[0]) is not { } side)
        {
            map.Take(name, stored);
            return;
        }

        long heads = wanted[1];
        map.Adapt(name, stored, $"{own} x {own} biases resized to {side} x {side}", table =>
        {
            Tensor image = table.reshape(1, own, own, heads).permute(0, 3, 1, 2);                   // (1, heads, own, own)
            return Resize(image, side, side, InterpolationMode.Bicubic)
                .reshape(heads, side * side).transpose(0, 1);                                       // (side^2, heads)
        });
    }

    /// <summary>Whether the network has a tensor of this name and as many axes, but of another size.</summary>
    public static bool IsOfOtherSize(WeightMap map, string name, CheckpointTensor stored, out long[] wanted)
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
