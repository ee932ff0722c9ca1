using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What shaped the training of a model. It is saved with the model.</summary>
public sealed record AudioTrainingInfo
{
    [JsonConstructor]
    internal AudioTrainingInfo()
    {
    }

    /// <summary>Version of this library that trained the model, such as "0.1.0".</summary>
    [JsonInclude]
    public string LibraryVersion { get; internal init; } = "";

    /// <summary>Recipe that the options began with, such as "PasstOptions.Esc50"; null for the defaults.</summary>
    [JsonInclude]
    public string? RecipeName { get; internal init; }

    /// <summary>Seed of all random choices: the options', the context's, or one of chance.</summary>
    [JsonInclude]
    public int Seed { get; internal init; }

    /// <summary>Epochs that were asked for.</summary>
    [JsonInclude]
    public int Epochs { get; internal init; }

    /// <summary>Epochs that were completed: fewer where training stopped early or was canceled.</summary>
    [JsonInclude]
    public int CompletedEpochs { get; internal init; }

    /// <summary>Epoch with the best metric, counted from 1; null where the metric was not measured.</summary>
    [JsonInclude]
    public int? BestEpoch { get; internal init; }

    /// <summary>Batch size.</summary>
    [JsonInclude]
    public int BatchSize { get; internal init; }

    /// <summary>Learning rate, the highest of its schedule.</summary>
    [JsonInclude]
    public double LearningRate { get; internal init; }

    /// <summary>Learning rate schedule with its parameters, such as "CosineSchedule { WarmupEpochs = 5, ... }".</summary>
    [JsonInclude]
    public string LearningRateSchedule { get; internal init; } = "";

    /// <summary>Weight decay of AdamW.</summary>
    [JsonInclude]
    public double WeightDecay { get; internal init; }

    /// <summary>
    /// All options by name ("Augmentation.MixupAlpha", "Config.EmbedDim") with their values as text in the invariant culture;
    /// those that are null or objects of the app (data views, callbacks) are left out.
    /// </summary>
    [JsonInclude]
    public IReadOnlyDictionary<string, string> Options { get; internal init; } = new Dictionary<string, string>();

    /// <summary>The options in a few lines.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{RecipeName ?? "no recipe"}, seed {Seed}, {CompletedEpochs} of {Epochs} epochs, batch size {BatchSize}, "
        + $"learning rate {LearningRate} ({LearningRateSchedule}), weight decay {WeightDecay}, library {LibraryVersion}");

    /// <summary>What a run with some options came to.</summary>
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
        Options = OptionCheck.Values(options).ToDictionary(item => item.Name, item => item.Value, StringComparer.Ordinal),
    };

    private static string Version()
    {
        Assembly assembly = typeof(AudioTrainingInfo).Assembly;
        string? version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+')[0] ?? $"{assembly.GetName().Version}";
    }
}
