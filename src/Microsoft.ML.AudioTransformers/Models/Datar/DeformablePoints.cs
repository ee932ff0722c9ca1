using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>The points of a spectrogram that a deformable block looks at, of each clip of a batch.</summary>
/// <param name="Clips">Clips.</param>
/// <param name="Groups">Groups of channels, each with points of its own.</param>
/// <param name="Heads">Attention heads; those of a group follow one another.</param>
/// <param name="Rows">Rows of points, along frequency.</param>
/// <param name="Columns">Columns of points, along time.</param>
internal sealed record DeformablePoints(int Clips, int Groups, int Heads, int Rows, int Columns)
{
    /// <summary>Where the points are: frequency, then time, -1 to 1 over the map; (clips, groups, rows, columns, 2).</summary>
    public required float[] Positions { get; init; }

    /// <summary>Where they are moved from, of the same shape.</summary>
    public required float[] References { get; init; }

    /// <summary>The attention to each point, the mean over all queries, so that a head's sum to 1; (clips, heads, rows, columns).</summary>
    public required float[] Weights { get; init; }

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

    private static float[] Values(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return TensorData.Read<float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous()).ToArray();
    }
}
