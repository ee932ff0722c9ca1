using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Which patches PaSST drops while it trains.</summary>
public enum PatchoutKind
{
    /// <summary>Whole columns and rows of patches.</summary>
    Structured,

    /// <summary>Patches wherever they are.</summary>
    Unstructured,
}

/// <summary>
/// What a sweep varies of <see cref="PasstOptions"/>. The ranges suit clips of ten seconds, with 99 columns and
/// 12 rows of patches; the initial values are those of the ESC-50 recipe.
/// </summary>
/// <remarks>
/// A <c>SearchSpace&lt;PasstSearchSpace&gt;</c> is a dictionary: <c>space["PatchoutTime"] = new UniformIntOption(0,
/// 20)</c>
/// changes a range, and <c>space.Remove("Depth")</c> leaves an option as the trainer's options have it. AutoML draws a
/// whole number from below the end of its range, and rounds down: over some ranges, from 2 to 13 for example, an initial
/// value comes out one too small.
/// </remarks>
public sealed class PasstSearchSpace
{
    /// <summary>Which patchout is used; the other kind is off. Initially structured.</summary>
    [Choice([PatchoutKind.Structured, PatchoutKind.Unstructured], PatchoutKind.Structured)]
    public PatchoutKind? Patchout { get; set; }

    /// <summary>Columns of patches that a step drops, 0 to 50; initially 10.</summary>
    [Range(0, 51, init: 10)]
    public int? PatchoutTime { get; set; }

    /// <summary>Rows of patches that a step drops, 0 to 6; initially 3.</summary>
    [Range(0, 7, init: 3)]
    public int? PatchoutFrequency { get; set; }

    /// <summary>Patches that a step drops wherever they are, 0 to 600; initially 400 (PaSST-U).</summary>
    [Range(0, 601, init: 400)]
    public int? PatchoutUnstructured { get; set; }

    /// <summary>The highest learning rate, 1e-6 to 1e-3 on a logarithmic scale; initially 1e-5.</summary>
    [Range(1e-6, 1e-3, init: 1e-5, logBase: true)]
    public double? LearningRate { get; set; }

    /// <summary>Attention blocks, 3 to 12; initially 12.</summary>
    [Range(3, 13, init: 12)]
    public int? Depth { get; set; }

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

    /// <summary>AdamW's weight decay, 1e-6 to 1e-1 on a logarithmic scale; initially 1e-4.</summary>
    [Range(1e-6, 1e-1, init: 1e-4, logBase: true)]
    public double? WeightDecay { get; set; }

    /// <summary>In what the layers multiply while they train; initially float32.</summary>
    [Choice(
        [AudioTrainingPrecision.Full, AudioTrainingPrecision.MixedBFloat16], AudioTrainingPrecision.Full)]
    public AudioTrainingPrecision? Precision { get; set; }

    /// <summary>Writes what is swept into a trainer's options; what is not swept stays.</summary>
    internal void ApplyTo(PasstOptions options)
    {
        options.PatchoutTime = PatchoutTime ?? options.PatchoutTime;
        options.PatchoutFrequency = PatchoutFrequency ?? options.PatchoutFrequency;
        options.PatchoutUnstructured = PatchoutUnstructured ?? options.PatchoutUnstructured;
        options.LearningRate = LearningRate ?? options.LearningRate;
        options.Depth = Depth ?? options.Depth;
        options.TimeRollFrames = TimeRollFrames ?? options.TimeRollFrames;
        options.Augmentation.TimeMaskFrames = TimeMaskFrames ?? options.Augmentation.TimeMaskFrames;
        options.Augmentation.FrequencyMaskBins = FrequencyMaskBins ?? options.Augmentation.FrequencyMaskBins;
        options.Augmentation.MixupAlpha = MixupAlpha ?? options.Augmentation.MixupAlpha;
        options.WeightDecay = WeightDecay ?? options.WeightDecay;
        options.Optimization.Precision = Precision ?? options.Optimization.Precision;
        if (Patchout is PatchoutKind.Structured)
        {
            options.PatchoutUnstructured = 0;
        }
        else if (Patchout is PatchoutKind.Unstructured)
        {
            options.PatchoutTime = 0;
            options.PatchoutFrequency = 0;
        }
    }
}
