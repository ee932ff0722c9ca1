using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Boundary of a median filter: the frames before the first and after the last.</summary>
public enum MedianFilterBoundary
{
    /// <summary>The frames mirrored at the ends (scipy.ndimage's reflect).</summary>
    Reflect,

    /// <summary>Zeros (scipy.signal.medfilt).</summary>
    Zero,
}

/// <summary>
/// Decoding options: how events are found in a presence map, which holds the presence of each class in each frame.
/// </summary>
/// <remarks>A list has one value for each class of the events, or one value for all.</remarks>
public sealed class EventDecodingOptions : IOptionGroup
{
    /// <summary>Thresholds: a class is active in a frame where its presence is above its threshold. Default: 0.5.</summary>
    [Finite]
    public double[] Thresholds = [0.5];

    /// <summary>
    /// Length of the median filter over the thresholded presence, in frames, an odd number. Default: 1, no filter (as in
    /// HTS-AT's official code).
    /// </summary>
    [Whole(1)]
    public int[] MedianFilterFrames = [1];

    /// <summary>Boundary of the median filter. Default: the frames mirrored at the ends.</summary>
    public MedianFilterBoundary MedianFilterBoundary = MedianFilterBoundary.Reflect;

    /// <summary>Minimum gaps in seconds, 0 or more: two events of a class with a shorter gap become one. Default: 0.</summary>
    [NotNegative]
    public double[] MinimumGaps = [0];

    /// <summary>
    /// Minimum durations in seconds, 0 or more: shorter events are dropped, after gaps are closed. Default: 0.
    /// </summary>
    [NotNegative]
    public double[] MinimumDurations = [0];

    /// <summary>
    /// Onset margins: seconds by which an event begins before its first active frame, 0 or more, but not before the clip. A map
    /// that was trained on weak labels often shows only the middle of a sound. Gaps that the margins would fill are closed.
    /// Default: 0.
    /// </summary>
    [NotNegative]
    public double[] OnsetMargins = [0];

    /// <summary>
    /// Offset margins: seconds by which an event ends after its last active frame, 0 or more, but not after the clip. Default:
    /// 0.
    /// </summary>
    [NotNegative]
    public double[] OffsetMargins = [0];

    /// <summary>Mapping of the model's classes to the classes of the events; null for the model's own. Default: null.</summary>
    public ClassMapping? Mapping;

    /// <summary>Options of HTS-AT's official code for DESED's ten classes and a model of AudioSet's 527.</summary>
    /// <returns>New options; every value can be changed.</returns>
    public static EventDecodingOptions Desed() => new()
    {
        Thresholds = [0.275, 0.2, 0.2, 0.23, 0.48, 0.2, 0.18, 0.51, 0.39, 0.14],
        Mapping = ClassMapping.AudioSetToDesed,
    };

    void IOptionGroup.CheckTogether(string prefix)
    {
        foreach (int frames in MedianFilterFrames)
        {
            OptionCheck.That(frames % 2 == 1, frames, prefix + nameof(MedianFilterFrames), "an odd number");
        }
    }

    /// <summary>Checks the options for a number of classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A list has another length, or a value is outside its range.</exception>
    internal void Check(int classCount)
    {
        OptionCheck.All(this);
        CheckLength(Thresholds, nameof(Thresholds), classCount);
        CheckLength(MedianFilterFrames, nameof(MedianFilterFrames), classCount);
        CheckLength(MinimumGaps, nameof(MinimumGaps), classCount);
        CheckLength(MinimumDurations, nameof(MinimumDurations), classCount);
        CheckLength(OnsetMargins, nameof(OnsetMargins), classCount);
        CheckLength(OffsetMargins, nameof(OffsetMargins), classCount);
    }

    /// <summary>A copy with another mapping.</summary>
    internal EventDecodingOptions With(ClassMapping? mapping)
    {
        EventDecodingOptions copy = OptionCheck.Copy(this);
        copy.Mapping = mapping;
        return copy;
    }

    /// <summary>A copy with one threshold for all classes.</summary>
    internal EventDecodingOptions WithThreshold(double threshold)
    {
        EventDecodingOptions copy = OptionCheck.Copy(this);
        copy.Thresholds = [threshold];
        return copy;
    }

    /// <summary>A copy with the same margins for all classes.</summary>
    internal EventDecodingOptions WithMargins(double onset, double offset)
    {
        EventDecodingOptions copy = OptionCheck.Copy(this);
        (copy.OnsetMargins, copy.OffsetMargins) = ([onset], [offset]);
        return copy;
    }

    /// <summary>The value of a list for one class.</summary>
    internal static T ForClass<T>(T[] list, int label) => list.Length == 1 ? list[0] : list[label];

    private static void CheckLength<T>(T[] list, string name, int classCount) => OptionCheck.That(
        list.Length == 1 || list.Length == classCount, $"of {list.Length} values", name,
        $"one value, or one for each of {classCount} classes");
}
