using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>Trained model: one at its paper's size, as its recipe trains it.</summary>
/// <param name="Options">Options of the trainer, with the recipe's front end and augmentation.</param>
/// <param name="Classes">Classes.</param>
internal sealed record TrainedModel(AudioTrainerOptions Options, int Classes)
{
    private const int AudioSet = 527;
    private const int KineticsSounds = 31;

    // Recipes by the model's name in reports; "passt" is PaSST-S.
    private static readonly Dictionary<string, Func<TrainedModel>> s_recipes = new()
    {
        ["passt"] = () => Passt(PasstConfig.S),
        ["PaSST-S"] = () => Passt(PasstConfig.S),
        ["PaSST-B"] = () => Passt(PasstConfig.B),
        ["PaSST-U"] = () => Passt(PasstConfig.U),
        ["PaSST-S-L"] = () => Passt(PasstConfig.SL),
        ["PaSST-N"] = () => Passt(PasstConfig.N),
        ["PaSST-S-N"] = () => Passt(PasstConfig.SN),
        ["ast"] = () => new TrainedModel(AstOptions.AudioSet(), AudioSet),
        ["htsat"] = () => new TrainedModel(HtsAtOptions.AudioSet(), AudioSet),
        ["datar tiny"] = () => Datar(DatarConfig.Tiny),
        ["datar base"] = () => Datar(DatarConfig.Base),
    };

    /// <summary>Arguments of the Python peer; null where there is none.</summary>
    public string[]? Peer => PeerSizes.Of(Options.ModelConfig, Classes);

    /// <summary>The peers' word for the loss.</summary>
    public string Loss => Options.Optimization.Loss == AudioLossFunction.BinaryCrossEntropy ? "bce" : "ce";

    /// <summary>Model of a name in reports; one that has no recipe here by its trainer's defaults, with AST's front end.</summary>
    public static TrainedModel Of(string name)
    {
        if (s_recipes.TryGetValue(name, out Func<TrainedModel>? recipe))
        {
            return recipe();
        }

        AudioTrainerOptions options = BenchmarkedModel.Named(name).Family.CreateOptions();
        options.FrontEnd ??= LogMelOptions.CreateAst();
        return new TrainedModel(options, AudioSet);
    }

    private static TrainedModel Datar(DatarConfig config)
    {
        DatarOptions options = DatarOptions.KineticsSounds();
        options.Config = config;
        return new TrainedModel(options, KineticsSounds);
    }

    private static TrainedModel Passt(PasstConfig config)
    {
        PasstOptions options = PasstOptions.AudioSet();
        options.Config = config;
        return new TrainedModel(options, AudioSet);
    }
}
