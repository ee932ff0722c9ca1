using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What a median filter takes to lie before the first frame and after the last.</summary>
public enum MedianFilterBoundary
{
    /// <summary>The frames mirrored at the ends (scipy.ndimage's reflect).</summary>
    Reflect,

    /// <summary>Zeros (scipy.signal.medfilt).</summary>
    Zero,
}

/// <summary>How events are read off a map of how present each class is in each frame.</summary>
/// <remarks>A list has one value for each class, or one value for all.</remarks>
public sealed class EventDecodingOptions : IOptionGroup
{
    /// <summary>A class is heard in a frame where its presence is above this. Default: 0.5.</summary>
    [Finite]
    public double[] Thresholds = [0.5];

    /// <summary>The length of the median filter that smooths what is heard, in frames, odd. Default: 1, which is none
    /// (as in HTS-AT's official code).</summary>
    [Whole(1)]
    public int[] MedianFilterFrames = [1];

    /// <summary>What the median filter takes to lie beyond the ends. Default: the frames mirrored.</summary>
    public MedianFilterBoundary MedianFilterBoundary = MedianFilterBoundary.Reflect;

    /// <summary>Gaps between two events of a class that are shorter than this, in seconds, are closed; 0 or more.
    /// Default: 0.</summary>
    [NotNegative]
    public double[] MinimumGaps = [0];

    /// <summary>Events shorter than this, in seconds, once gaps are closed, are dropped; 0 or more. Default: 0.
    /// </summary>
    [NotNegative]
    public double[] MinimumDurations = [0];

    /// <summary>
    /// Seconds by which events begin earlier than they are heard in the map, 0 or more; never before the clip. A map that was
    /// learned without times often shows the middle of a sound alone. Gaps that margins would fill are closed.
    /// Default: 0.
    /// </summary>
    [NotNegative]
    public double[] OnsetMargins = [0];

    /// <summary>Seconds by which events end later, as <see cref="OnsetMargins"/>; never after the clip. Default: 0.</summary>
    [NotNegative]
    public double[] OffsetMargins = [0];

    /// <summary>Which of a model's classes make up each class of the events; null: each its own. Default: null.
    /// </summary>
    public ClassMapping? Mapping;

    /// <summary>The settings with which HTS-AT's official code finds DESED's ten classes by an AudioSet model.</summary>
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

    /// <summary>Checks the options for so many classes of events.</summary>
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

    /// <summary>The same options, copied, with another mapping.</summary>
    internal EventDecodingOptions With(ClassMapping? mapping)
    {
        EventDecodingOptions copy = OptionCheck.Copy(this);
        copy.Mapping = mapping;
        return copy;
    }

    /// <summary>The same options, copied, with one threshold for all classes.</summary>
    internal EventDecodingOptions WithThreshold(double threshold)
    {
        EventDecodingOptions copy = OptionCheck.Copy(this);
        copy.Thresholds = [threshold];
        return copy;
    }

    /// <summary>The same options, copied, with the same margins for all classes.</summary>
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
