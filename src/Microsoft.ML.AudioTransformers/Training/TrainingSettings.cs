using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Models.Layers;

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

    public required int ClassCount { get; init; }

    /// <summary>
    /// The classes of each head, where a clip has one class of each and its tags say which; null for one head.
    /// </summary>
    public IReadOnlyList<int>? HeadSizes { get; init; }

    public AudioLossFunction Loss { get; init; }

    public double LabelSmoothing { get; init; }

    public float[]? ClassWeights { get; init; }

    public int AccumulationSteps { get; init; } = 1;

    public double GradientClipNorm { get; init; }

    public WeightDecayExclusions WeightDecayExclusions { get; init; }

    public double LayerDecay { get; init; } = 1;

    public bool FreezeBackbone { get; init; }

    public double ExponentialAverageDecay { get; init; }

    public int WeightAveragingFirstEpoch { get; init; }

    public int WeightAveragingEveryEpochs { get; init; } = 1;

    public AudioTrainingPrecision Precision { get; init; }

    // It changes memory and time, and no result.
    [JsonIgnore]
    public bool GradientCheckpointing { get; init; }

    public int EarlyStoppingPatience { get; init; }

    public AudioEarlyStoppingMetric EarlyStoppingMetric { get; init; }
}
