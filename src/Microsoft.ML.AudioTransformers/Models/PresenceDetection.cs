using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Detection of a batch of clips. The caller or its dispose scope disposes the tensors.</summary>
/// <param name="Scores">Clip-wise scores, the probability of each class in the whole clip, (B, classes).</param>
/// <param name="Presence">Presence map, (B, steps, classes): the probability of each class in each step.</param>
/// <param name="Embedding">Embedding of each clip, (B, D).</param>
/// <param name="FramesPerStep">
/// Frames of the clip that a step of the map covers. Where a clip was repeated, the map goes on beyond the clip's end.
/// </param>
internal sealed record PresenceDetection(Tensor Scores, Tensor Presence, Tensor Embedding, double FramesPerStep);

/// <summary>Presence maps of several windows as tensors.</summary>
internal static class PresenceMaps
{
    /// <summary>
    /// Joins the maps of a longer clip's windows, each (B, steps, classes), to one map, (B, all steps, classes).
    /// </summary>
    /// <param name="geometry">Sizes of a window's map.</param>
    /// <param name="maps">Maps, in the order of <see cref="PresenceMapGeometry.WindowStarts"/>.</param>
    /// <param name="frames">Frames of the clip.</param>
    public static Tensor Join(this PresenceMapGeometry geometry, IReadOnlyList<Tensor> maps, int frames)
    {
        int batch = (int)maps[0].shape[0];
        int length = geometry.Steps * geometry.Classes;
        IReadOnlyList<int> starts = geometry.WindowStarts(frames);
        float[][] windows = [.. maps.Select(map => map.cpu().contiguous().data<float>().ToArray())];
        List<float> joined = [];
        for (int clip = 0; clip < batch; clip++)
        {
            var stitcher = new WindowStitcher(geometry);
            for (int window = 0; window < windows.Length; window++)
            {
                stitcher.Add(windows[window].AsSpan(clip * length, length), starts[window], joined);
            }

            stitcher.Finish(joined);
        }

        int steps = joined.Count / batch / geometry.Classes;
        return TensorData.Create<float>([.. joined], [batch, steps, geometry.Classes], maps[0].device);
    }
}
