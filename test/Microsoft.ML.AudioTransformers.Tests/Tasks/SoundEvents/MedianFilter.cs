using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Median over a window of frames, class by class: what the decoder must agree with.</summary>
internal static class MedianFilter
{
    /// <summary>Filters a map of frames and classes along time.</summary>
    /// <param name="map">(frames, classes), row by row; no NaN.</param>
    /// <param name="classCount">How many classes there are.</param>
    /// <param name="frames">The length of the window, odd, 1 or more.</param>
    /// <param name="boundary">What lies before the first frame and after the last.</param>
    /// <returns>The filtered map, of the same size.</returns>
    public static float[] Apply(ReadOnlySpan<float> map, int classCount, int frames, MedianFilterBoundary boundary)
    {
        if (frames < 1 || frames % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(frames), frames, $"The median filter has {frames} frames; expected an odd number, 1 or more.");
        }

        int frameCount = map.Length / classCount;
        int half = frames / 2;
        var filtered = new float[map.Length];
        var window = new List<float>(frames);
        for (int label = 0; label < classCount; label++)
        {
            window.Clear();
            for (int frame = -half; frame < half; frame++)
            {
                Insert(window, Value(map, classCount, label, frame, frameCount, boundary));
            }

            for (int frame = 0; frame < frameCount; frame++)
            {
                Insert(window, Value(map, classCount, label, frame + half, frameCount, boundary));
                filtered[frame * classCount + label] = window[half];
                window.RemoveAt(window.BinarySearch(Value(map, classCount, label, frame - half, frameCount, boundary)));
            }
        }

        return filtered;
    }

    private static float Value(
        ReadOnlySpan<float> map, int classCount, int label, int frame, int frameCount, MedianFilterBoundary boundary)
    {
        long within = ClassEventDecoder.FrameWithin(frame, frameCount, boundary);
        return within < 0 ? 0 : map[(int)within * classCount + label];
    }

    private static void Insert(List<float> ascending, float value)
    {
        int at = ascending.BinarySearch(value);
        ascending.Insert(at < 0 ? ~at : at, value);
    }
}
