using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// What a sweep varies of <see cref="AstOptions"/>; the initial values are those of the ESC-50 recipe of the
/// official code.
/// </summary>
/// <remarks>See <see cref="PasstSearchSpace"/> for how to change a range or leave an option out.</remarks>
public sealed class AstSearchSpace
{
    /// <summary>The highest learning rate, 1e-6 to 1e-3 on a logarithmic scale; initially 1e-5.</summary>
    [Range(1e-6, 1e-3, init: 1e-5, logBase: true)]
    public double? LearningRate { get; set; }

    /// <summary>Attention blocks, 3 to 12; initially 12.</summary>
    [Range(3, 13, init: 12)]
    public int? Depth { get; set; }

    /// <summary>The furthest that a clip is rolled over time, 0 to 100 frames; initially 0.</summary>
    [Range(0, 101, init: 0)]
    public int? TimeRollFrames { get; set; }

    /// <summary>The longest stretch of time that is hidden, 0 to 192 frames; initially 96.</summary>
    [Range(0, 193, init: 96)]
    public int? TimeMaskFrames { get; set; }

    /// <summary>The widest band that is hidden, 0 to 48 mel bins; initially 24.</summary>
    [Range(0, 49, init: 24)]
    public int? FrequencyMaskBins { get; set; }

    /// <summary>How features are mixed with another clip's: 0 (not), 0.1, 0.3 or 0.5; initially 0.</summary>
    [Choice([0.0, 0.1, 0.3, 0.5], 0.0)]
    public double? MixupAlpha { get; set; }

    /// <summary>AdamW's weight decay, 1e-8 to 1e-1 on a logarithmic scale; initially 5e-7.</summary>
    [Range(1e-8, 1e-1, init: 5e-7, logBase: true)]
    public double? WeightDecay { get; set; }

    /// <summary>In what the layers multiply while they train; initially float32.</summary>
    [Choice(
        [AudioTrainingPrecision.Full, AudioTrainingPrecision.MixedBFloat16], AudioTrainingPrecision.Full)]
    public AudioTrainingPrecision? Precision { get; set; }

    /// <summary>Writes what is swept into a trainer's options; what is not swept stays.</summary>
    internal void ApplyTo(AstOptions options)
    {
        options.LearningRate = LearningRate ?? options.LearningRate;
        options.Depth = Depth ?? options.Depth;
        options.TimeRollFrames = TimeRollFrames ?? options.TimeRollFrames;
        options.Augmentation.TimeMaskFrames = TimeMaskFrames ?? options.Augmentation.TimeMaskFrames;
        options.Augmentation.FrequencyMaskBins = FrequencyMaskBins ?? options.Augmentation.FrequencyMaskBins;
        options.Augmentation.MixupAlpha = MixupAlpha ?? options.Augmentation.MixupAlpha;
        options.WeightDecay = WeightDecay ?? options.WeightDecay;
        options.Optimization.Precision = Precision ?? options.Optimization.Precision;
    }
}
