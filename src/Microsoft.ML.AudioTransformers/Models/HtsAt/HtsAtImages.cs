using Microsoft.ML.AudioTransformers.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Square images of HTS-AT (section 2.1.1): spectrograms of any length, folded into windows of time one above the other.
/// </summary>
/// <param name="options">Configuration.</param>
/// <param name="generator">Random generator of the parts of longer clips in training, on the CPU.</param>
internal sealed class HtsAtImages(HtsAtConfig options, Generator generator)
{
    /// <summary>Images (B, 1, S, S), one or more, of spectrograms (B, 1, time, mels); in the current dispose scope.</summary>
    public IEnumerable<Tensor> Of(Tensor spectrograms, bool isTraining)
    {
        int frames = (int)spectrograms.shape[2];
        return frames > options.Frames ? OfLong(spectrograms, isTraining)
            : options.ShortClips switch
            {
                HtsAtShortClips.RepeatWindows => OfWindows(spectrograms, isTraining),
                HtsAtShortClips.Repeat => [Fold(spectrograms.repeat(1, 1, options.Frames / frames, 1))],
                _ => [Fold(spectrograms)],
            };
    }

    /// <summary>
    /// Image (B, 1, S, S) of spectrograms (B, 1, time, mels) of at most its frames and mel bins, stretched to so many
    /// (bicubic): windows of time one above the other, each with frequency down and time across.
    /// </summary>
    public Tensor Fold(Tensor spectrograms)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Resize(spectrograms);                                      // (B, 1, T, F)
        return x.view(x.shape[0], 1, options.TimeWindows, options.ImageSize, options.ImageMelBins)
            .transpose(3, 4)                                                  // (B, 1, windows, F, T / windows)
            .reshape(x.shape[0], 1, options.ImageSize, options.ImageSize)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Image whose windows are all the same part of the spectrograms, an image's width from a frame on.</summary>
    public Tensor FoldRepeated(Tensor spectrograms, int start)
    {
        using DisposeScope scope = NewDisposeScope();
        return Resize(spectrograms).narrow(2, start, options.ImageSize)       // (B, 1, S, F)
            .transpose(2, 3)
            .repeat(1, 1, options.TimeWindows, 1)                             // (B, 1, S, S)
            .MoveToOuterDisposeScope();
    }

    private IEnumerable<Tensor> OfLong(Tensor x, bool isTraining)
    {
        int frames = (int)x.shape[2];
        if (isTraining)
        {
            // Each clip of the batch has a part of its own.
            using Tensor starts = ShardedSection.Draw(
                x.shape[0], clips => randint(frames - options.Frames, [clips], generator: generator));
            long[] first = starts.data<long>().ToArray();
            Tensor[] parts = [.. first.Select((start, clip) => x.narrow(0, clip, 1).narrow(2, start, options.Frames))];
            return [Fold(cat(parts, 0))];
        }

        if (options.LongClips == HtsAtLongClips.Windows)
        {
            IReadOnlyList<int> starts = options.PresenceMap.WindowStarts(frames);
            int missing = starts[^1] + options.Frames - frames;
            Tensor whole = missing == 0 ? x : cat([x, x.narrow(2, frames - 1, 1).expand(-1, -1, missing, -1)], 2);
            return starts.Select(start => Fold(whole.narrow(2, start, options.Frames)));
        }

        int length = (frames - 1) / 2;
        if (length > options.Frames)
        {
            throw new ArgumentException(
                $"{nameof(HtsAtLongClips.AveragedCrops)} takes at most {options.LongestCropped} frames, not {frames}.");
        }

        List<Tensor> crops = [];
        for (int start = 0; start < frames - length - 1; start += Math.Max(1, (frames - 1) / 4))
        {
            crops.Add(Fold(x.narrow(2, start, length)));
        }

        return crops;
    }

    private IEnumerable<Tensor> OfWindows(Tensor x, bool isTraining)
    {
        if (isTraining && options.TimeWindows > 1)
        {
            using Tensor start = randint((options.TimeWindows - 1) * options.ImageSize, [1], generator: generator);
            return [FoldRepeated(x, (int)start.item<long>())];
        }

        return Enumerable.Range(0, options.TimeWindows).Select(window => FoldRepeated(x, window * options.ImageSize));
    }

    private Tensor Resize(Tensor x)
    {
        if (x.shape[2] > options.Frames || x.shape[3] > options.ImageMelBins)
        {
            throw new ArgumentException(
                $"An image takes at most {options.Frames} frames of {options.ImageMelBins} mel bins, "
                + $"not {x.shape[2]} of {x.shape[3]}.");
        }

        // One axis after the other, as in the official code.
        if (x.shape[2] < options.Frames)
        {
            x = Bicubic(x, options.Frames, x.shape[3]);
        }

        return x.shape[3] < options.ImageMelBins ? Bicubic(x, options.Frames, options.ImageMelBins) : x;
    }

    // In float64: in float32, LibTorch 2.10 rounds the places between frames by more than the reference cases allow.
    private static Tensor Bicubic(Tensor x, long height, long width) => nn.functional
        .interpolate(x.to(ScalarType.Float64), [height, width], mode: InterpolationMode.Bicubic, align_corners: true)
        .to(x.dtype);
}
