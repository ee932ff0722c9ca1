namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Geometry of a network's presence map, the probability of each class over time: its sizes, and how its steps relate to the
/// frames of a clip of another length than the network's image. A longer clip is cut into windows of an image each, which
/// overlap by half.
/// </summary>
internal sealed record PresenceMapGeometry
{
    /// <summary>Classes, the values of a step.</summary>
    public required int Classes { get; init; }

    /// <summary>Mel bins of a frame.</summary>
    public required int Mels { get; init; }

    /// <summary>Frames of an image, the longest clip that the network takes at once.</summary>
    public required int Frames { get; init; }

    /// <summary>Steps in time of an image's map.</summary>
    public required int Steps { get; init; }

    /// <summary>Frames that a step covers, of a full image or of a longer clip.</summary>
    public required int FramesPerStep { get; init; }

    /// <summary>Whether a clip shorter than an image is repeated as often as it fits; otherwise it is stretched.</summary>
    public required bool RepeatsShortClips { get; init; }

    /// <summary>Whether a step of the map covers one place in time; otherwise the map tells classes but not times.</summary>
    public required bool KnowsPositions { get; init; }

    /// <summary>Hop of windows of a longer clip, in frames: half an image, in whole steps.</summary>
    public int WindowHop => Math.Max(1, Steps / 2) * FramesPerStep;

    /// <summary>Number of copies of a clip of so many frames in an image, 1 or more.</summary>
    public int Copies(int frames) => RepeatsShortClips ? Math.Max(1, Frames / frames) : 1;

    /// <summary>
    /// Frames that a step covers in a clip no longer than an image. Where the clip is repeated, the map goes on beyond its end.
    /// </summary>
    public double StepLength(int frames) => (double)Copies(frames) * frames / Steps;

    /// <summary>
    /// First frame of the last window of a clip longer than an image. It is a whole number of steps from the first window's, so
    /// that all maps have the same steps; the window ends at the clip's end or less than a step after it.
    /// </summary>
    public long LastStart(long frames) => (frames - Frames + FramesPerStep - 1) / FramesPerStep * FramesPerStep;

    /// <summary>First frame of each window of a clip longer than an image.</summary>
    public IReadOnlyList<int> WindowStarts(int frames)
    {
        List<int> starts = [];
        for (int start = 0; start + Frames < frames; start += WindowHop)
        {
            starts.Add(start);
        }

        starts.Add((int)LastStart(frames));
        return starts;
    }
}
