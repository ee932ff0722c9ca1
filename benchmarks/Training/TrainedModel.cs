using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>A model of paper's size as its recipe trains it.</summary>
/// <param name="Options">The trainer's options, with the recipe's front end and augmentation.</param>
/// <param name="Classes">How many classes.</param>
/// <param name="Tokens">Tokens of a training step; 0 where the model is no plain vision transformer.</param>
/// <param name="Plain">The plain vision transformer of the same size, where the model is one.</param>
internal sealed record TrainedModel(
    AudioTrainerOptions Options, int Classes, int Tokens, VisionTransformerSizes? Plain)
{
    private const int AudioSet = 527;
    private const int KineticsSounds = 31;

    /// <summary>The models; PaSST as PaSST-S.</summary>
    public static IReadOnlyList<string> Names { get; } = ["passt", "ast", "htsat", "datar"];

    /// <summary>PaSST's Table 1, with what the paper has as memory of a spectrogram beside that of PaSST-B.</summary>
    public static IReadOnlyList<(string Name, double? PaperMemory)> Table1 { get; } =
    [
        ("PaSST-B", 1), ("PaSST-U", null), ("PaSST-S", 0.22), ("PaSST-S-L", null), ("PaSST-N", null),
        ("PaSST-S-N", 0.087),
    ];

    public static TrainedModel Of(string name) => name switch
    {
        "passt" or "PaSST-S" => Passt(PasstModelOptions.S),
        "PaSST-B" => Passt(PasstModelOptions.B),
        "PaSST-U" => Passt(PasstModelOptions.U),
        "PaSST-S-L" => Passt(PasstModelOptions.SL),
        "PaSST-N" => Passt(PasstModelOptions.N),
        "PaSST-S-N" => Passt(PasstModelOptions.SN),
        "ast" => Ast(),
        "htsat" => new TrainedModel(HtsAtTrainer.Options.AudioSet(), AudioSet, 0, null),
        "datar" => new TrainedModel(DatarTrainer.Options.KineticsSounds(), KineticsSounds, 0, null),
        _ => throw new ArgumentException($"There is no model '{name}'; expected one of {string.Join(", ", Names)}."),
    };

    private static TrainedModel Ast()
    {
        VisionTransformerSizes sizes = VisionTransformerSizes.Of("ast");
        return new TrainedModel(AstTrainer.Options.AudioSet(), AudioSet, sizes.Tokens, sizes);
    }

    private static TrainedModel Passt(PasstModelOptions model)
    {
        PasstTrainer.Options options = PasstTrainer.Options.AudioSet();
        options.StrideFrequency = model.StrideFrequency;
        options.StrideTime = model.StrideTime;
        options.CutDepth = model.CutDepth;
        options.PatchoutTime = model.PatchoutTime;
        options.PatchoutFrequency = model.PatchoutFrequency;
        options.PatchoutUnstructured = model.PatchoutUnstructured;
        VisionTransformerSizes plain = VisionTransformerSizes.Of("passt") with
        {
            Stride = model.StrideTime,
            Depth = model.KeptBlocks().Count,
        };
        return new TrainedModel(options, AudioSet, model.TrainingSequenceLength, plain);
    }
}
