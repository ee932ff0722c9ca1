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
public sealed class EventDecodingOptions
{
    /// <summary>A class is heard in a frame where its presence is above this. Default: 0.5.</summary>
    public double[] Thresholds = [0.5];

    /// <summary>The length of the median filter that smooths what is heard, in frames, odd. Default: 1, which is none
    /// (as in HTS-AT's official code).</summary>
    public int[] MedianFilterFrames = [1];

    /// <summary>What the median filter takes to lie beyond the ends. Default: the frames mirrored.</summary>
    public MedianFilterBoundary MedianFilterBoundary = MedianFilterBoundary.Reflect;

    /// <summary>Gaps between two events of a class that are shorter than this, in seconds, are closed; 0 or more.
    /// Default: 0.</summary>
    public double[] MinimumGaps = [0];

    /// <summary>Events shorter than this, in seconds, once gaps are closed, are dropped; 0 or more. Default: 0.
    /// </summary>
    public double[] MinimumDurations = [0];

    /// <summary>
    /// Seconds by which events begin earlier than they are heard in the map, 0 or more; never before the clip. A map that was
    /// learned without times often shows the middle of a sound alone. Gaps that margins would fill are closed.
    /// Default: 0.
    /// </summary>
    public double[] OnsetMargins = [0];

    /// <summary>Seconds by which events end later, as <see cref="OnsetMargins"/>; never after the clip. Default: 0.</summary>
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

    /// <summary>Checks the options for so many classes of events.</summary>
    /// <exception cref="ArgumentException">A list has another length, or a value is outside its range.</exception>
    internal void Check(int classCount)
    {
        CheckList(Thresholds, nameof(Thresholds), classCount, double.IsFinite, "a finite number");
        CheckList(
            MedianFilterFrames, nameof(MedianFilterFrames), classCount, frames => frames > 0 && frames % 2 == 1, "an odd number, 1 or more");
        CheckList(
            MinimumGaps, nameof(MinimumGaps), classCount, gap => gap >= 0 && double.IsFinite(gap), "seconds, 0 or more");
        CheckList(
            MinimumDurations,
            nameof(MinimumDurations),
            classCount,
            duration => duration >= 0 && double.IsFinite(duration),
            "seconds, 0 or more");
        CheckList(
            OnsetMargins, nameof(OnsetMargins), classCount, margin => margin >= 0 && double.IsFinite(margin), "seconds, 0 or more");
        CheckList(
            OffsetMargins, nameof(OffsetMargins), classCount, margin => margin >= 0 && double.IsFinite(margin), "seconds, 0 or more");
    }

    /// <summary>The same options, copied, with another mapping.</summary>
    internal EventDecodingOptions With(ClassMapping? mapping) => new()
    {
        Thresholds = [.. Thresholds],
        MedianFilterFrames = [.. MedianFilterFrames],
        MedianFilterBoundary = MedianFilterBoundary,
        MinimumGaps = [.. MinimumGaps],
        MinimumDurations = [.. MinimumDurations],
        OnsetMargins = [.. OnsetMargins],
        OffsetMargins = [.. OffsetMargins],
        Mapping = mapping,
    };

    /// <summary>The same options with one threshold for all classes.</summary>
    internal EventDecodingOptions WithThreshold(double threshold) => new()
    {
        Thresholds = [threshold],
        MedianFilterFrames = MedianFilterFrames,
        MedianFilterBoundary = MedianFilterBoundary,
        MinimumGaps = MinimumGaps,
        MinimumDurations = MinimumDurations,
        OnsetMargins = OnsetMargins,
        OffsetMargins = OffsetMargins,
        Mapping = Mapping,
    };

    /// <summary>The same options with the same margins for all classes.</summary>
    internal EventDecodingOptions WithMargins(double onset, double offset)
    {
        EventDecodingOptions copy = With(Mapping);
        (copy.OnsetMargins, copy.OffsetMargins) = ([onset], [offset]);
        return copy;
    }

    /// <summary>The value of a list for one class.</summary>
    internal static T ForClass<T>(T[] list, int label) => list.Length == 1 ? list[0] : list[label];

    private static void CheckList<T>(T[] list, string name, int classCount, Func<T, bool> isValid, string expected)
    {
        if (list is null || (list.Length != 1 && list.Length != classCount))
        {
            throw new ArgumentException(
                $"{name} has {list?.Length ?? 0} values; expected one, or one for each of {classCount} classes.");
        }

        foreach (T value in list)
        {
            if (!isValid(value))
            {
                throw new ArgumentException($"{name} has the value {value}; expected {expected}.");
            }
        }
    }
}
