using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;

namespace AudioMLNet.Benchmarks.Trainers;

/// <summary>A trainer's preset for small data.</summary>
internal sealed record TrainerPreset(string Name, Func<AudioTrainerOptions> Create)
{
    /// <summary>Whether an option of the command line names the trainer.</summary>
    public bool Is(string option) => Name.Equals(option, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The four trainers' presets for small data.</summary>
internal static class TrainerPresets
{
    public static TrainerPreset[] All { get; } =
    [
        new("PaSST", () => PasstOptions.Small()),
        new("AST", () => AstOptions.Small()),
        new("HTS-AT", () => HtsAtOptions.Small()),
        new("DATAR", () => DatarOptions.Small()),
    ];

    /// <summary>Trains the options' model.</summary>
    public static AudioClassificationTransformer Fit(MLContext mlContext, AudioTrainerOptions options, IDataView clips)
    {
        MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers =
            mlContext.MulticlassClassification.Trainers;
        return options switch
        {
            PasstOptions passt => trainers.Passt(passt).Fit(clips),
            AstOptions ast => trainers.Ast(ast).Fit(clips),
            HtsAtOptions htsAt => trainers.HtsAt(htsAt).Fit(clips),
            DatarOptions datar => trainers.Datar(datar).Fit(clips),
            _ => throw new ArgumentException($"There is no trainer for {options}.", nameof(options)),
        };
    }
}
