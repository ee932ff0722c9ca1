using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>What the training loop needs of a trainer's options: all that the weights follow from beside model and data.
/// </summary>
internal sealed record TrainingSettings
{
    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required double LearningRate { get; init; }

    // A fingerprint knows a schedule by its rates.
    [JsonIgnore]
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    public required double WeightDecay { get; init; }

    public required int Seed { get; init; }
}
