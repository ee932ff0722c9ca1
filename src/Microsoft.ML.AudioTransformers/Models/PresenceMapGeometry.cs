using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

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

    /// <summary>
    /// Joins the maps of a longer clip's windows, each (B, steps, classes), to one map, (B, all steps, classes).
    /// </summary>
    /// <param name="maps">Maps, in the order of <see cref="WindowStarts"/>.</param>
    /// <param name="frames">Frames of the clip.</param>
    public Tensor Join(IReadOnlyList<Tensor> maps, int frames)
    {
        int batch = (int)maps[0].shape[0];
        IReadOnlyList<int> starts = WindowStarts(frames);
        float[][] windows = [.. maps.Select(map => map.cpu().contiguous().data<float>().ToArray())];
        List<float> joined = [];
        for (int clip = 0; clip < batch; clip++)
        {
            var stitcher = new WindowStitcher(this);
            for (int window = 0; window < windows.Length; window++)
            {
                stitcher.Add(windows[window].AsSpan(clip * Steps * Classes, Steps * Classes), starts[window], joined);
            }

            stitcher.Finish(joined);
        }

        return TensorData.Create<float>([.. joined], [batch, joined.Count / batch / Classes, Classes], maps[0].device);
    }
}

/// <summary>Detection of a batch of clips. The caller or its dispose scope disposes the tensors.</summary>
/// <param name="Scores">Clip-wise scores, the probability of each class in the whole clip, (B, classes).</param>
/// <param name="Presence">Presence map, (B, steps, classes): the probability of each class in each step.</param>
/// <param name="Embedding">Embedding of each clip, (B, D).</param>
/// <param name="FramesPerStep">
/// Frames of the clip that a step of the map covers. Where a clip was repeated, the map goes on beyond the clip's end.
/// </param>
internal sealed record PresenceDetection(Tensor Scores, Tensor Presence, Tensor Embedding, double FramesPerStep);
