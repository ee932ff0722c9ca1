using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>HTS-AT that is small enough for a test of milliseconds, its clips, and how its results are compared.</summary>
internal static class TinyHtsAt
{
    /// <summary>Images of 128 frames: four windows of 32 frames and 8 mel bins; 16 steps of 8 frames.</summary>
    public static HtsAtConfig Config { get; } = new()
    {
        ImageSize = 32,
        MelBins = 8,
        EmbedDim = 8,
        Depths = [2, 1],
        Heads = [1, 2],
        WindowSize = 4,
        Classes = 3,
    };

    /// <summary>A model for scoring.</summary>
    public static HtsAt Evaluating(HtsAtConfig options)
    {
        HtsAt model = new(options, new Generator(1));
        model.eval();
        return model;
    }

    /// <summary>Log-mels of noise, (count, 1, frames, 8).</summary>
    public static Tensor Clips(long count, long frames)
    {
        using Generator generator = new(7);
        return randn([count, 1, frames, 8], generator: generator);
    }

    /// <summary>Values of a tensor, row by row.</summary>
    public static float[] Values(Tensor values) => values.detach().contiguous().data<float>().ToArray();

    /// <summary>Asserts that values are equal but for rounding; the kind of short clips is named where not.</summary>
    public static void AssertClose(Tensor expected, Tensor actual, HtsAtShortClips kind) =>
        Assert.IsTrue(allclose(expected, actual, 1e-5, 1e-6), $"{kind}");
}
