using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Options;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Record of a model's training: options, seed, epochs and library version. It is saved with the model.</summary>
public sealed record AudioTrainingInfo
{
    [JsonConstructor]
    internal AudioTrainingInfo()
    {
    }

    /// <summary>Version of this library that trained the model, such as "0.1.0".</summary>
    [JsonInclude]
    public string LibraryVersion { get; internal init; } = "";

    /// <summary>Recipe that created the options, such as "PasstOptions.Esc50"; null for the defaults.</summary>
    [JsonInclude]
    public string? RecipeName { get; internal init; }

    /// <summary>Random seed that was used: that of the options, that of the <see cref="MLContext"/>, or a random one.</summary>
    [JsonInclude]
    public int Seed { get; internal init; }

    /// <summary>Epochs of the options.</summary>
    [JsonInclude]
    public int Epochs { get; internal init; }

    /// <summary>Completed epochs: fewer than <see cref="Epochs"/> if training stopped early or was canceled.</summary>
    [JsonInclude]
    public int CompletedEpochs { get; internal init; }

    /// <summary>Epoch with the best early stopping metric, counted from 1; null if the metric was not measured.</summary>
    [JsonInclude]
    public int? BestEpoch { get; internal init; }

    /// <summary>Batch size.</summary>
    [JsonInclude]
    public int BatchSize { get; internal init; }

    /// <summary>Base learning rate.</summary>
    [JsonInclude]
    public double LearningRate { get; internal init; }

    /// <summary>Learning rate schedule with its parameters, such as "CosineSchedule { WarmupEpochs = 5, ... }".</summary>
    [JsonInclude]
    public string LearningRateSchedule { get; internal init; } = "";

    /// <summary>Weight decay of AdamW.</summary>
    [JsonInclude]
    public double WeightDecay { get; internal init; }

    /// <summary>
    /// All options by name ("Augmentation.MixupAlpha", "Config.EmbedDim") with their values as text in the invariant culture.
    /// Options that are null, and objects such as data views and callbacks, are left out.
    /// </summary>
    [JsonInclude]
    public IReadOnlyDictionary<string, string> Options { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Name of the model in its paper, such as "PaSST"; empty in files of versions that did not save it.</summary>
    [JsonInclude]
    public string ModelName { get; internal init; } = "";

    /// <summary>Clips of the training set; 0 in files of versions that did not save it.</summary>
    [JsonInclude]
    public int TrainingClipCount { get; internal init; }

    /// <summary>Clips of the validation set; 0 without one.</summary>
    [JsonInclude]
    public int ValidationClipCount { get; internal init; }

    /// <summary>Classes that the model tells apart; 0 in files of versions that did not save it.</summary>
    [JsonInclude]
    public int ClassCount { get; internal init; }

    /// <summary>Operating system, processor and device of the training, in a line; empty in files of versions that did not
    /// save it.</summary>
    [JsonInclude]
    public string Machine { get; internal init; } = "";

    /// <summary>
    /// Metrics of the completed epochs, in order; empty in files of versions that did not save them. Times and speeds are not saved:
    /// trainings with the same seed save the same bytes.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<AudioTrainingMetrics> History { get; internal init; } = [];

    /// <summary>Code in C# that makes the options again; empty in files of versions that did not save it.</summary>
    [JsonInclude]
    public string Code { get; internal init; } = "";

    [JsonInclude, JsonPropertyName(nameof(History))]
    private IReadOnlyList<AudioTrainingMetrics> SavedHistory
    {
        get => [.. History.Select(metrics => metrics.WithoutTimes())];
        init => History = value;
    }

    /// <summary>The main options in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{RecipeName ?? "no recipe"}, seed {Seed}, {CompletedEpochs} of {Epochs} epochs, batch size {BatchSize}, "
        + $"learning rate {LearningRate} ({LearningRateSchedule}), weight decay {WeightDecay}, library {LibraryVersion}");

    /// <summary>Creates the record of a run that has ended.</summary>
    internal static AudioTrainingInfo Of(AudioTrainerOptions options, int seed, int completedEpochs, int? bestEpoch) => new()
    {
        LibraryVersion = Version(),
        RecipeName = options.RecipeName,
        Seed = seed,
        Epochs = options.Epochs,
        CompletedEpochs = completedEpochs,
        BestEpoch = bestEpoch,
        BatchSize = options.BatchSize,
        LearningRate = options.LearningRate,
        LearningRateSchedule = (options.LearningRateSchedule ?? options.CreateDefaultSchedule()).ToString()!,
        WeightDecay = options.WeightDecay,
        Machine = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
            + FormattableString.Invariant($"{Environment.ProcessorCount} processors"),
        Code = OptionsCode.Of(options, seed),
        Options = OptionCheck.Values(options).ToDictionary(item => item.Name, item => item.Value, StringComparer.Ordinal),
    };

    /// <summary>Version of this library, such as "0.1.0".</summary>
    internal static string Version()
    {
        Assembly assembly = typeof(AudioTrainingInfo).Assembly;
        string? version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+')[0] ?? $"{assembly.GetName().Version}";
    }
}
