using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>A model of paper's size as its recipe trains it.</summary>
/// <param name="Options">The trainer's options, with the recipe's front end and augmentation.</param>
/// <param name="Classes">How many classes.</param>
/// <param name="Peer">How the Python peers are told to make a plain model of this size.</param>
internal sealed record TrainedModel(AudioTrainerOptions Options, int Classes, string[] Peer)
{
    private const int AudioSet = 527;
    private const int KineticsSounds = 31;

    /// <summary>Tokens of a training step, of a vision transformer.</summary>
    public int Tokens { get; init; }

    /// <summary>The peers' word for the loss.</summary>
    public string Loss => Options.Optimization.Loss == AudioLossFunction.BinaryCrossEntropy ? "bce" : "ce";

    /// <summary>The names of models in reports under the names of models in commands; PaSST is PaSST-S.</summary>
    public static IReadOnlyList<string> Named(string command) =>
        command == "datar" ? ["datar tiny", "datar base"] : [command];

    /// <summary>A model by its name in reports.</summary>
    public static TrainedModel Of(string name) => name switch
    {
        "passt" or "PaSST-S" => Passt(PasstConfig.S),
        "PaSST-B" => Passt(PasstConfig.B),
        "PaSST-U" => Passt(PasstConfig.U),
        "PaSST-S-L" => Passt(PasstConfig.SL),
        "PaSST-N" => Passt(PasstConfig.N),
        "PaSST-S-N" => Passt(PasstConfig.SN),
        "ast" => Ast(),
        "htsat" => new TrainedModel(HtsAtOptions.AudioSet(), AudioSet, PeerSizes.Of(HtsAtConfig.HC)),
        "datar tiny" => Datar(DatarConfig.Tiny),
        "datar base" => Datar(DatarConfig.Base),
        _ => throw new ArgumentException($"There is no model '{name}'.", nameof(name)),
    };

    private static TrainedModel Ast()
    {
        VisionTransformerSizes sizes = VisionTransformerSizes.Of("ast");
        return new TrainedModel(AstOptions.AudioSet(), AudioSet, PeerSizes.Of(sizes, sizes.Tokens))
        {
            Tokens = sizes.Tokens,
        };
    }

    private static TrainedModel Datar(DatarConfig model)
    {
        DatarOptions options = DatarOptions.KineticsSounds();
        options.Config = model;
        return new TrainedModel(options, KineticsSounds, PeerSizes.Of(model with { Classes = KineticsSounds }));
    }

    private static TrainedModel Passt(PasstConfig model)
    {
        PasstOptions options = PasstOptions.AudioSet();
        options.Config = model;
        VisionTransformerSizes plain = VisionTransformerSizes.Of("passt") with
        {
            Stride = model.StrideTime,
            Depth = model.KeptBlocks().Count,
        };
        int tokens = model.TrainingSequenceLength;
        return new TrainedModel(options, AudioSet, PeerSizes.Of(plain, tokens)) { Tokens = tokens };
    }
}
