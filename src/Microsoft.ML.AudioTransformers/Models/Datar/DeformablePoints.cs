using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Deformable point of DATAR: where in a spectrogram its attention samples, and the reference point that it was moved from.
/// </summary>
/// <param name="Group">Group of channels, counted from 0.</param>
/// <param name="Frame">Position in time, in frames; 0 is the middle of the first. It may lie outside of the clip.</param>
/// <param name="MelBin">Position in frequency, in mel bins; 0 is the middle of the first.</param>
/// <param name="ReferenceFrame">Position of the reference point in time, in frames.</param>
/// <param name="ReferenceMelBin">Position of the reference point in frequency, in mel bins.</param>
/// <param name="Weight">
/// Attention weight, the mean over all queries and over the heads of the group; those of a group add up to 1.
/// </param>
public readonly record struct DeformablePoint(
    int Group, double Frame, double MelBin, double ReferenceFrame, double ReferenceMelBin, double Weight);

/// <summary>Deformable points of a block for each clip of a batch, in the coordinates of the block's map.</summary>
/// <param name="Clips">Clips.</param>
/// <param name="Groups">Groups of channels, each with points of its own.</param>
/// <param name="Heads">Attention heads; those of a group follow one another.</param>
/// <param name="Rows">Rows of points, along frequency.</param>
/// <param name="Columns">Columns of points, along time.</param>
internal sealed record DeformablePoints(int Clips, int Groups, int Heads, int Rows, int Columns)
{
    /// <summary>Positions: frequency, then time, -1 to 1 over the map; (clips, groups, rows, columns, 2).</summary>
    public required float[] Positions { get; init; }

    /// <summary>Reference points, of the same shape.</summary>
    public required float[] References { get; init; }

    /// <summary>
    /// Attention weights, the mean over all queries; those of a head add up to 1. (clips, heads, rows, columns).
    /// </summary>
    public required float[] Weights { get; init; }

    /// <summary>Copies samples to the CPU.</summary>
    public static DeformablePoints Of(DeformableSamples samples)
    {
        long[] shape = samples.Positions.shape;
        int heads = (int)samples.Weights.shape[1];
        return new DeformablePoints((int)shape[0], (int)shape[1], heads, (int)shape[2], (int)shape[3])
        {
            Positions = Values(samples.Positions),
            References = Values(samples.References),
            Weights = Values(samples.Weights.mean([2])),
        };
    }

    /// <summary>
    /// Points of the first clip in frames and mel bins, group by group, each row by row from the lowest mel bins up.
    /// </summary>
    /// <param name="frames">Frames of the clip.</param>
    /// <param name="mels">Mel bins of a frame.</param>
    /// <param name="mapHeight">Height of the block's map, along frequency.</param>
    /// <param name="mapWidth">Width of the block's map, along time.</param>
    public DeformablePoint[] InFramesAndMels(int frames, int mels, int mapHeight, int mapWidth)
    {
        int perGroup = Rows * Columns;
        var points = new DeformablePoint[Groups * perGroup];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = new DeformablePoint(
                i / perGroup,
                Frame(Positions[(2 * i) + 1]),
                MelBin(Positions[2 * i]),
                Frame(References[(2 * i) + 1]),
                MelBin(References[2 * i]),
                MeanWeight(i / perGroup, i % perGroup));
        }

        return points;

        // -1 and 1 are the middles of the outermost points of a map, each of which covers several bins and frames.
        double MelBin(float position) => Middle(position, mapHeight, (double)mels / mapHeight);
        double Frame(float position) => Middle(position, mapWidth, (double)frames / mapWidth);
        static double Middle(double position, int count, double width) =>
            ((((position + 1) / 2 * (count - 1)) + 0.5) * width) - 0.5;
    }

    /// <summary>Attention weight of a point in the first clip, the mean over the heads of its group.</summary>
    private double MeanWeight(int group, int place)
    {
        int heads = Heads / Groups;
        double sum = 0;
        for (int head = group * heads; head < (group + 1) * heads; head++)
        {
            sum += Weights[(head * Rows * Columns) + place];
        }

        return sum / heads;
    }

    private static float[] Values(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return TensorData.Read<float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous()).ToArray();
    }
}
