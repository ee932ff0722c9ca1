using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
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
        new("PaSST", () => PasstTrainer.Options.Small()),
        new("AST", () => AstTrainer.Options.Small()),
        new("HTS-AT", () => HtsAtTrainer.Options.Small()),
        new("DATAR", () => DatarTrainer.Options.Small()),
    ];

    /// <summary>Trains the options' model.</summary>
    public static AudioClassificationTransformer Fit(MLContext mlContext, AudioTrainerOptions options, IDataView clips)
    {
        MulticlassClassificationCatalog.MulticlassClassificationTrainers trainers =
            mlContext.MulticlassClassification.Trainers;
        return options switch
        {
            PasstTrainer.Options passt => trainers.Passt(passt).Fit(clips),
            AstTrainer.Options ast => trainers.Ast(ast).Fit(clips),
            HtsAtTrainer.Options htsAt => trainers.HtsAt(htsAt).Fit(clips),
            DatarTrainer.Options datar => trainers.Datar(datar).Fit(clips),
            _ => throw new ArgumentException($"There is no trainer for {options}.", nameof(options)),
        };
    }
}
