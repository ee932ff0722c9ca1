using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;
using Counts = Microsoft.ML.AudioTransformers.Models.MultiplyAdds;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>A model at its paper's size, and what it is compared with.</summary>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Build">Makes it.</param>
/// <param name="Shape">The features of a clip of ten seconds.</param>
/// <param name="Peer">How the Python peers are told to make a plain model of this size.</param>
/// <param name="MultiplyAdds">Multiplications with an addition of one clip.</param>
internal sealed record BenchmarkedModel(
    string Name, Func<AudioModel> Build, FeatureShape Shape, string[] Peer, long MultiplyAdds)
{
    /// <summary>The names that <see cref="Of"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["passt", "ast", "htsat", "datar"];

    /// <summary>The models of that name: of DATAR there are two sizes.</summary>
    public static IEnumerable<BenchmarkedModel> Of(string name) => name switch
    {
        "passt" => [VisionTransformer(name, Counts.Of(PasstConfig.B))],
        "ast" => [VisionTransformer(name, Counts.Of(new AstConfig()))],
        "htsat" => [HtsAt(HtsAtConfig.HC)],
        _ => [Datar("datar tiny", DatarConfig.Tiny), Datar("datar base", DatarConfig.Base)],
    };

    /// <summary>The model that reports call so.</summary>
    public static BenchmarkedModel Named(string name) => Names.SelectMany(Of).First(model => model.Name == name);

    private static BenchmarkedModel VisionTransformer(string name, long multiplyAdds)
    {
        VisionTransformerSizes sizes = VisionTransformerSizes.Of(name);
        return new BenchmarkedModel(
            name, sizes.Build, new FeatureShape(sizes.Time, sizes.Frequency), PeerSizes.Of(sizes, sizes.Tokens),
            multiplyAdds);
    }

    private static BenchmarkedModel HtsAt(HtsAtConfig options) => new(
        "htsat", () => new HtsAt(options, new Generator(1)), new FeatureShape(options.Frames, options.MelBins),
        PeerSizes.Of(options), Counts.Of(options));

    private static BenchmarkedModel Datar(string name, DatarConfig options) => new(
        name, () => new Datar(options, new Generator(1)), new FeatureShape(options.InputTime, options.InputFrequency),
        PeerSizes.Of(options), Counts.Of(options));
}
