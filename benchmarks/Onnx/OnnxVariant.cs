using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Onnx;

/// <summary>Model in a variant whose graph is of its own kind.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="Config">Configuration.</param>
/// <param name="Shape">Shape of the features of a clip.</param>
/// <param name="Classes">Classes.</param>
internal sealed record OnnxVariant(string Name, AudioModelConfig Config, FeatureShape Shape, int Classes)
{
    private const int AudioSet = 527;
    private static readonly FeatureShape s_passt = new(998, 128);
    private static readonly FeatureShape s_htsAt = new(1024, 64);
    private static readonly FeatureShape s_kaldi = new(1024, 128);

    /// <summary>The four models at their papers' sizes.</summary>
    public static OnnxVariant[] Main { get; } =
    [
        new("PaSST-B, as of S and U", PasstConfig.B, s_passt, AudioSet),
        new("AST", new AstConfig(), s_kaldi, AudioSet),
        new("HTS-AT with token-semantic layer", HtsAtConfig.HC, s_htsAt, AudioSet),
        new("DATAR tiny", DatarConfig.Tiny, s_kaldi, AudioSet),
    ];

    /// <summary>
    /// Other variants: PaSST's and HTS-AT's at the papers' sizes; DAT++ with two blocks of one kind in each stage, and a quarter
    /// of the paper's clip. PaSST scores without patchout, which S and U have in training only.
    /// </summary>
    public static OnnxVariant[] Others { get; } =
    [
        new("PaSST-N, as of S-N", PasstConfig.N, s_passt, AudioSet),
        new("PaSST-L, as of S-L", PasstConfig.L, s_passt, AudioSet),
        new("PaSST-N without distillation token", PasstConfig.N with { Distilled = false }, s_passt, AudioSet),
        new("HTS-AT without token-semantic layer", HtsAtConfig.H, s_htsAt, AudioSet),
        .. Dat("DAT++ N, neighbourhood", "NNNN"),
        .. Dat("DAT++ D, deformable", "NDDD"),
        .. Dat("DAT++ E, slide", "EEEE"),
        .. Dat("DAT++ P, pyramid", "PPPP"),
        .. Dat("DAT++ X, ConvNeXt", "XXXX"),
        .. Dat("DAT++ L and S, windows", "LSLS"),
    ];

    /// <summary>Family of the model.</summary>
    public ModelFamily Family => ModelFamilies.Of(Config);

    /// <summary>Variant of a name.</summary>
    public static OnnxVariant Named(string name) => Main.Concat(Others).First(variant => variant.Name == name);

    /// <summary>Network outside of training, with the same random weights each time.</summary>
    public AudioModel Build()
    {
        AudioModel network = Family.Build(Config, Shape, [Classes], seed: 1);
        network.eval();
        return network;
    }

    /// <summary>A clip's features, the same for all sides: noise with the spread of normalized spectrograms.</summary>
    public float[] Clip()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, Shape.Length).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    private static IEnumerable<OnnxVariant> Dat(string name, string stages)
    {
        DatarStageConfig[] all = [.. stages.Select((kind, stage) => new DatarStageConfig
        {
            Dim = 64 << stage,
            Heads = 2 << stage,
            Groups = 1 << stage,
            Stride = 8 >> stage,
            OffsetKernel = 9 - (2 * stage),
            OffsetRange = -1,
            WindowSize = kind == 'X' ? 7 : 8,
            Blocks = new string(kind, 2),
            ConvolutionalMlp = true,
            LocalPerception = true,
        })];
        var config = new DatarConfig
        {
            Version = DatVersion.DatPlusPlus,
            ConvolutionalPatches = true,
            StemDim = 64,
            Stages = all,
        };
        yield return new OnnxVariant(name, config, new FeatureShape(256, 128), AudioSet);
    }
}
