using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using static TorchSharp.torch;
using Counts = Microsoft.ML.AudioTransformers.Models.MultiplyAdds;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>A model at its paper's size, and what it is compared with.</summary>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Build">Makes it.</param>
/// <param name="Shape">The features of a clip of ten seconds.</param>
/// <param name="Peer">How the Python peers are told to make a plain model of this size; null where they have none.</param>
internal sealed record BenchmarkedModel(string Name, Func<AudioModel> Build, FeatureShape Shape, string? Peer)
{
    /// <summary>Multiplications with an addition of one clip.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>The length of its one sequence, where it has one.</summary>
    public int? Tokens { get; init; }

    /// <summary>How fast its authors' code is, where that was measured.</summary>
    public ReferenceSpeed? Reference { get; init; }

    /// <summary>The names that <see cref="Of"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["passt", "ast", "htsat", "datar"];

    /// <summary>The models of that name: of DATAR there are two sizes.</summary>
    public static IEnumerable<BenchmarkedModel> Of(string name) => name switch
    {
        "htsat" => [HtsAt()],
        "datar" =>
        [
            Datar("datar tiny", DatarModelOptions.Tiny, new ReferenceSpeed(0.379, 0.929, 1.2)),
            Datar("datar base", DatarModelOptions.Base, new ReferenceSpeed(1.15, 0.310, 1.2)),
        ],
        _ => [VisionTransformer(name)],
    };

    private static BenchmarkedModel VisionTransformer(string name)
    {
        VisionTransformerSizes sizes = VisionTransformerSizes.Of(name);
        int[] numbers =
        [
            sizes.Frequency, sizes.Time, sizes.Patch, sizes.Stride, sizes.Dim, sizes.Depth, sizes.Heads, sizes.Classes,
        ];
        return new BenchmarkedModel(
            name, sizes.Build, new FeatureShape(sizes.Time, sizes.Frequency), $"vit {string.Join(' ', numbers)}")
        {
            MultiplyAdds = name == "ast"
                ? Counts.Of(new AstModelOptions())
                : Counts.Of(PasstModelOptions.B),
            Tokens = sizes.Tokens,
        };
    }

    private static BenchmarkedModel HtsAt()
    {
        HtsAtModelOptions options = HtsAtModelOptions.HC;
        int[] numbers =
        [
            options.MelBins, options.ImageSize, options.PatchSize, options.EmbedDim, options.WindowSize, options.Classes,
        ];
        return new BenchmarkedModel(
            "htsat",
            () => new HtsAt(options, new Generator(1)),
            new FeatureShape(options.Frames, options.MelBins),
            $"swin {string.Join(' ', [.. numbers, .. options.Depths, .. options.Heads])}")
        {
            MultiplyAdds = Counts.Of(options),
            Reference = new ReferenceSpeed(0.141, 2.38, 1.3),
        };
    }

    private static BenchmarkedModel Datar(string name, DatarModelOptions options, ReferenceSpeed reference) =>
        new(name, () => new Datar(options, new Generator(1)), new FeatureShape(options.InputTime, options.InputFrequency),
            Peer: null)
        {
            MultiplyAdds = Counts.Of(options),
            Reference = reference,
        };
}

/// <summary>
/// What a model's published code took in Python on another machine: one thread, PyTorch 1.13 with the better of two
/// settings of OpenBLAS, float32.
/// </summary>
/// <param name="SecondsPerClip">Of one clip at a time, without gradients.</param>
/// <param name="SpectrogramsPerSecond">In training, two clips a step.</param>
/// <param name="Floor">How many times as fast the library is to be at least.</param>
/// <remarks>
/// A machine is as fast as it multiplies matrices: times are scaled by <see cref="MatrixGigaflops"/> over what PyTorch's
/// product of two 1024 x 1024 matrices in float32 reaches in the same run, on one thread with the same settings.
/// </remarks>
internal sealed record ReferenceSpeed(double SecondsPerClip, double SpectrogramsPerSecond, double Floor)
{
    /// <summary>10^9 floating point operations a second of a matrix product on the machine of these figures.</summary>
    public const double MatrixGigaflops = 182;

    public double SecondsPerClipAt(double gigaflops) => SecondsPerClip * MatrixGigaflops / gigaflops;

    public double SpectrogramsPerSecondAt(double gigaflops) => SpectrogramsPerSecond * gigaflops / MatrixGigaflops;
}
