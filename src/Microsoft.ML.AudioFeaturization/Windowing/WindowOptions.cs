using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Options of the windows that a long recording is cut into: their hop, the rule at the recording's end, and how the scores of
/// windows become those of the recording. The length of windows is not among them: it is that of the model's input.
/// </summary>
public sealed class WindowOptions : IOptionGroup
{
    /// <summary>
    /// Hop, from the start of one window to the next, in seconds, at most a window; 0 for <see cref="HopFraction"/>. Default: 0.
    /// </summary>
    [NotNegative]
    public double HopSeconds;

    /// <summary>
    /// Hop as a fraction of the window, above 0 and at most 1 (windows side by side), where <see cref="HopSeconds"/> is 0.
    /// Default: 0.5.
    /// </summary>
    [Between(0, 1, IsAboveMinimum = true)]
    public double HopFraction = 0.5;

    /// <summary>Rule for what is left after the last whole window. Default: <see cref="WindowTail.ShiftBack"/>.</summary>
    public WindowTail Tail = WindowTail.ShiftBack;

    /// <summary>
    /// Pooling of the scores of a recording's windows, class by class. Not used where each window has a row of its own.
    /// Default: <see cref="WindowPooling.Mean"/>.
    /// </summary>
    public WindowPooling Pooling = WindowPooling.Mean;

    /// <summary>
    /// Sharpness r of <see cref="WindowPooling.LogMeanExp"/>, above 0: near 0 it is the mean, and the higher it is, the nearer
    /// to the maximum. Default: 5.
    /// </summary>
    [Positive]
    public double Sharpness = 5;
}

/// <summary>
/// Rule for what is left of a recording after the last whole window. A recording no longer than a window is one window,
/// whatever the rule.
/// </summary>
public enum WindowTail
{
    /// <summary>One more whole window, shifted back so that it ends with the recording.</summary>
    ShiftBack,

    /// <summary>One more window a hop later, shorter than the others; it is made longer as short clips are.</summary>
    Pad,

    /// <summary>What is left is not heard.</summary>
    Drop,
}

/// <summary>Pooling of the scores s of n windows.</summary>
public enum WindowPooling
{
    /// <summary>Mean: the scores of a classifier still add up to 1.</summary>
    Mean,

    /// <summary>Maximum: a class that is heard in one window is heard in the recording.</summary>
    Maximum,

    /// <summary>
    /// log(sum(exp(r s)) / n) / r, between mean and maximum, with <see cref="WindowOptions.Sharpness"/> r. Source: Pinheiro and
    /// Collobert, "From Image-level to Pixel-level Labeling with Convolutional Networks" (2015).
    /// </summary>
    LogMeanExp,
}

/// <summary>Treatment of clips that are longer than a model's input.</summary>
public enum LongClips
{
    /// <summary>The beginning is heard, and the rest is cut; a warning says how many clips and seconds.</summary>
    Cut,

    /// <summary>All of a clip is heard, in overlapping windows, whose scores are pooled.</summary>
    Windows,
}
