using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>What audio models change in the weights of image models.</summary>
internal static class ImageAdaptation
{
    /// <summary>Takes a patch embedding (D, channels, h, w), reduced to one channel if it has more.</summary>
    public static void TakePatchEmbedding(WeightMap map, string name, CheckpointTensor stored, ChannelReduction reduction)
    {
        bool fits = map.Target.TryGetValue(name, out long[]? shape) && stored.Shape.Count == 4 && shape.Length == 4 && shape[1] == 1 &&
            shape[0] == stored.Shape[0] && shape[2] == stored.Shape[2] && shape[3] == stored.Shape[3];
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
    /// The positions of a square image's patches after the leading tokens', (1, N, D) to (1, D, side, side).
    /// </summary>
    /// <exception cref="InvalidDataException">The patches make no square.</exception>
    public static (int Tokens, int Side) Square(CheckpointTensor positions)
    {
        // A class token, or a class and a distillation token, stand before the patches.
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
            $"'{positions.Source}': '{positions.Name}' {CheckpointTensor.Describe(positions.Shape)} holds the positions of no square image.");
    }

    /// <summary>The patches' part of position encodings as an image, (1, N, D) to (1, D, rows, columns).</summary>
    public static Tensor Grid(Tensor positions, int tokens, long rows, long columns) =>
        positions.narrow(1, tokens, rows * columns).reshape(1, rows, columns, positions.shape[2]).permute(0, 3, 1, 2);

    /// <summary>Resizes (1, D, h, w) as the reference code does, pixel centres aligned.</summary>
    public static Tensor Resize(Tensor image, long rows, long columns, InterpolationMode mode) =>
        nn.functional.interpolate(image, [rows, columns], mode: mode, align_corners: false);
}
