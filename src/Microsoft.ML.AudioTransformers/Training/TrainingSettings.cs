namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>What the training loop needs of a trainer's options.</summary>
internal sealed record TrainingSettings
{
    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required double LearningRate { get; init; }

    public required LearningRateSchedule Schedule { get; init; }

    public required double WeightDecay { get; init; }

    public required int Seed { get; init; }
}
