using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// What a sweep varies of <see cref="DatarOptions"/>; the initial values are those of the paper on the tiny
/// DAT.
/// </summary>
/// <remarks>See <see cref="PasstSearchSpace"/> for how to change a range or leave an option out.</remarks>
public sealed class DatarSearchSpace
{
    /// <summary>What is done to the input; initially the learnable adaptor.</summary>
    [Choice(
        [DatarAdaptor.None, DatarAdaptor.Learnable, DatarAdaptor.Gaussian, DatarAdaptor.Laplacian],
        DatarAdaptor.Learnable)]
    public DatarAdaptor? Adaptor { get; set; }

    /// <summary>The adaptor's strength, 1e-4 to 0.5 on a logarithmic scale; initially 0.005 (Table 4 has 0.2
    /// too).</summary>
    [Range(1e-4, 0.5, init: 0.005, logBase: true)]
    public double? AdaptorStrength { get; set; }

    /// <summary>The highest learning rate, 1e-6 to 1e-3 on a logarithmic scale; initially 1e-5.</summary>
    [Range(1e-6, 1e-3, init: 1e-5, logBase: true)]
    public double? LearningRate { get; set; }

    /// <summary>Stochastic depth, 0 to 0.5; initially 0.2.</summary>
    [Range(0.0, 0.5, init: 0.2)]
    public double? DropPath { get; set; }

    /// <summary>The furthest that a clip is rolled over time, 0 to 100 frames; initially 0.</summary>
    [Range(0, 101, init: 0)]
    public int? TimeRollFrames { get; set; }

    /// <summary>The longest stretch of time that is hidden, 0 to 192 frames; initially 0.</summary>
    [Range(0, 193, init: 0)]
    public int? TimeMaskFrames { get; set; }

    /// <summary>The widest band that is hidden, 0 to 48 mel bins; initially 0.</summary>
    [Range(0, 49, init: 0)]
    public int? FrequencyMaskBins { get; set; }

    /// <summary>How features are mixed with another clip's: 0 (not), 0.1, 0.3 or 0.5; initially 0.</summary>
    [Choice([0.0, 0.1, 0.3, 0.5], 0.0)]
    public double? MixupAlpha { get; set; }

    /// <summary>AdamW's weight decay, 1e-6 to 1e-1 on a logarithmic scale; initially 0.05.</summary>
    [Range(1e-6, 1e-1, init: 0.05, logBase: true)]
    public double? WeightDecay { get; set; }

    /// <summary>In what the layers multiply while they train; initially float32.</summary>
    [Choice(
        [AudioTrainingPrecision.Full, AudioTrainingPrecision.MixedBFloat16], AudioTrainingPrecision.Full)]
    public AudioTrainingPrecision? Precision { get; set; }

    /// <summary>Writes what is swept into a trainer's options; what is not swept stays.</summary>
    internal void ApplyTo(DatarOptions options)
    {
        options.Adaptor = Adaptor ?? options.Adaptor;
        options.AdaptorStrength = AdaptorStrength ?? options.AdaptorStrength;
        options.LearningRate = LearningRate ?? options.LearningRate;
        options.DropPath = DropPath ?? options.DropPath;
        options.TimeRollFrames = TimeRollFrames ?? options.TimeRollFrames;
        options.Augmentation.TimeMaskFrames = TimeMaskFrames ?? options.Augmentation.TimeMaskFrames;
        options.Augmentation.FrequencyMaskBins = FrequencyMaskBins ?? options.Augmentation.FrequencyMaskBins;
        options.Augmentation.MixupAlpha = MixupAlpha ?? options.Augmentation.MixupAlpha;
        options.WeightDecay = WeightDecay ?? options.WeightDecay;
        options.Optimization.Precision = Precision ?? options.Optimization.Precision;
    }
}
