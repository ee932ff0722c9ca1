using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Square images of spectrograms in a graph, outside of training; see <see cref="HtsAtImages"/>. Several images of a clip go
/// through the network as clips of one batch.
/// </summary>
internal sealed class HtsAtImagesGraph
{
    private readonly HtsAtConfig _options;
    private readonly int _count;

    // First frames of the windows of a longer clip, whose presence maps are joined; empty where maps are averaged.
    private readonly IReadOnlyList<int> _starts = [];

    private HtsAtImagesGraph(HtsAtConfig options, OnnxValue x, int? frames)
    {
        _options = options;
        List<OnnxValue> images = [];
        if (frames > options.Frames)
        {
            bool isJoined = options.LongClips == HtsAtLongClips.Windows;
            _starts = isJoined ? options.PresenceMap.WindowStarts(frames.Value) : [];
            images.AddRange(isJoined
                ? _starts.Select(start => Fold(Frames(x, start, options.Frames, frames.Value), options.Frames))
                : Crops(x, frames.Value));
        }
        else if (options.ShortClips == HtsAtShortClips.RepeatWindows)
        {
            OnnxValue whole = Resize(x, frames);
            images.AddRange(Enumerable.Range(0, options.TimeWindows)
                .Select(window => FoldRepeated(whole, window * options.ImageSize)));
        }
        else
        {
            images.Add(options.ShortClips == HtsAtShortClips.Repeat ? FoldRepeating(x, frames) : Fold(x, frames));
        }

        _count = images.Count;
        Images = _count == 1 ? images[0] : OnnxValue.Concat(0, [.. images]);
    }

    /// <summary>Images, (n B, 1, S, S).</summary>
    public OnnxValue Images { get; }

    /// <summary>Images of spectrograms.</summary>
    /// <param name="options">Configuration.</param>
    /// <param name="x">Spectrograms, (B, T, F).</param>
    /// <param name="frames">T; null for any number from 1 to an image's.</param>
    public static HtsAtImagesGraph Of(HtsAtConfig options, OnnxValue x, int? frames) => new(options, x, frames);

    /// <summary>Mean over a clip's images, (n B, D) to (B, D).</summary>
    /// <param name="values">Values of the images.</param>
    /// <param name="width">D.</param>
    public OnnxValue Mean(OnnxValue values, int width) =>
        _count == 1 ? values : OfClips(values, width).Mean(false, 0);

    /// <summary>Presence map of a clip, (B, all steps, classes), from those of its images, (n B, steps, classes).</summary>
    public OnnxValue Join(OnnxValue maps)
    {
        if (_count == 1)
        {
            return maps;
        }

        OnnxValue ofClips = OfClips(maps, _options.Steps, _options.Classes); // (n, B, steps, classes)
        if (_starts.Count == 0)
        {
            return ofClips.Mean(false, 0);
        }

        // As WindowStitcher does it: a weighted mean, which is a product with a constant matrix.
        int steps = _options.Steps;
        int[] firsts = [.. _starts.Select(start => start / _options.FramesPerStep)];
        int all = firsts[^1] + steps;
        var sums = new double[all];
        var matrix = new float[all * _count * steps];
        for (int pass = 0; pass < 2; pass++)
        {
            for (int window = 0; window < _count; window++)
            {
                for (int step = 0; step < steps; step++)
                {
                    int place = firsts[window] + step;
                    double weight = Math.Min(step + 1, steps - step);
                    if (pass == 0)
                    {
                        sums[place] += weight;
                    }
                    else
                    {
                        matrix[(place * _count * steps) + (window * steps) + step] = (float)(weight / sums[place]);
                    }
                }
            }
        }

        OnnxValue sideBySide = ofClips.Transpose(1, 0, 2, 3).Reshape(0, _count * steps, _options.Classes);
        return maps.Graph.Table("windows", matrix, all, _count * steps).MatMul(sideBySide);
    }

    /// <summary>Values (n B, ...) as (n, B, ...).</summary>
    private OnnxValue OfClips(OnnxValue values, params ReadOnlySpan<long> sizes) => values.Reshape([_count, -1, .. sizes]);

    private IEnumerable<OnnxValue> Crops(OnnxValue x, int frames)
    {
        int length = (frames - 1) / 2;
        for (int start = 0; start < frames - length - 1; start += Math.Max(1, (frames - 1) / 4))
        {
            yield return Fold(Frames(x, start, length, frames), length);
        }
    }

    /// <summary>Part of spectrograms; beyond their end, the last frame.</summary>
    private static OnnxValue Frames(OnnxValue x, int start, int count, int frames) => start + count <= frames
        ? x.Slice(1, start, start + count)
        : x.Gather(1, [.. Enumerable.Range(start, count).Select(frame => (long)Math.Min(frame, frames - 1))]);

    /// <summary>Image of spectrograms that are repeated as often as they fit.</summary>
    private OnnxValue FoldRepeating(OnnxValue x, int? frames)
    {
        OnnxGraph graph = x.Graph;
        if (frames is { } count)
        {
            int copies = _options.Frames / count;
            return Fold(graph.Add("Tile", [x, graph.Integers(1, copies, 1)]), copies * count);
        }

        OnnxValue times = graph.Integers(_options.Frames).Over(x.Size(1));
        return Fold(
            graph.Add("Tile", [x, OnnxValue.Concat(0, graph.Integers(1), times, graph.Integers(1))]), frames: null);
    }

    /// <summary>Image (B, 1, S, S): windows of time one above the other, each with frequency down and time across.</summary>
    private OnnxValue Fold(OnnxValue x, int? frames) => Resize(x, frames)      // (B, T, F)
        .Reshape(0, _options.TimeWindows, _options.ImageSize, _options.ImageMelBins)
        .Transpose(0, 1, 3, 2)                                                // (B, windows, F, T / windows)
        .Reshape(0, 1, _options.ImageSize, _options.ImageSize);

    /// <summary>Image whose windows are all the same part, an image's width from a frame on.</summary>
    private OnnxValue FoldRepeated(OnnxValue whole, int start)
    {
        OnnxValue part = whole.Slice(1, start, start + _options.ImageSize).Transpose(0, 2, 1).Unsqueeze(1); // (B, 1, F, S)
        return OnnxValue.Concat(2, [.. Enumerable.Repeat(part, _options.TimeWindows)]);
    }

    /// <summary>Spectrograms (B, T, F) of at most an image's frames and mel bins, stretched to so many.</summary>
    private OnnxValue Resize(OnnxValue x, int? frames)
    {
        if (frames != _options.Frames)
        {
            x = BicubicGraph.Resize(x, frames, _options.Frames);
        }

        return _options.MelBins == _options.ImageMelBins
            ? x
            : BicubicGraph.Resize(x.Transpose(0, 2, 1), _options.MelBins, _options.ImageMelBins).Transpose(0, 2, 1);
    }
}
