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

/// <summary>The small presets of all models of the library.</summary>
internal static class TrainerPresets
{
    private const int SampleRate = 16_000;

    public static TrainerPreset[] All { get; } =
        [.. ModelFamilies.All.Select(family => new TrainerPreset(family.Name, () => family.CreateSmall(SampleRate)))];

    /// <summary>Trains the options' model.</summary>
    public static AudioClassificationTransformer Fit(MLContext mlContext, AudioTrainerOptions options, IDataView clips) =>
        mlContext.AudioClassification().Trainer(options).Fit(clips);
}
