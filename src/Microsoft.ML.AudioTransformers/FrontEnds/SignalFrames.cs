using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.FrontEnds;

/// <summary>Frames of waveforms. Its tensors belong to the caller's dispose scope.</summary>
/// <param name="options">Checked options.</param>
/// <param name="geometry">Positions of the frames.</param>
internal sealed class SignalFrames(LogMelOptions options, FrameGeometry geometry)
{
    /// <summary>Cuts waveforms to the target length, subtracts their mean, pads them to it, and pre-emphasizes them.</summary>
    /// <param name="waveforms">Waveforms, (B, samples).</param>
    /// <returns>Signals, (B, length).</returns>
    public Tensor ToSignal(Tensor waveforms)
    {
        Tensor signal = waveforms;
        long target = options.TargetSamples > 0 ? options.TargetSamples : signal.shape[1];
        if (signal.shape[1] > target)
        {
            signal = signal.narrow(1, 0, target);
        }

        if (options.NeedsWaveformMean)
        {
            signal = signal - signal.mean([1], true, ScalarType.Float64).to(signal.dtype);
        }

        if (signal.shape[1] < target)
        {
            signal = Lengthen(signal, target);
        }

        if (options.PreEmphasis != 0 && options.PreEmphasisKind == PreEmphasisKind.Waveform)
        {
            // y[i] = x[i + 1] - c x[i]
            long length = signal.shape[1] - 1;
            signal = signal.narrow(1, 1, length) - signal.narrow(1, 0, length).Times(options.PreEmphasis);
        }

        return signal;
    }

    /// <summary>Cuts signals into frames.</summary>
    /// <param name="signal">Signals, (B, length).</param>
    /// <param name="count">Number of frames, 1 to that of the signal.</param>
    /// <returns>Frames, (B, frames, window).</returns>
    public Tensor Cut(Tensor signal, long count)
    {
        long length = signal.shape[1];
        long start = geometry.Start(0);
        long end = geometry.Start(count - 1) + options.WindowLength;
        long firstInside = Math.Max(0, start);
        long endInside = Math.Min(end, length);
        Tensor inside = signal.narrow(1, firstInside, endInside - firstInside);
        if (start < 0 || end > length)
        {
            Tensor before = Edge(signal, start, Math.Max(0, -start));
            Tensor behind = Edge(signal, length, Math.Max(0, end - length));
            inside = cat([before, inside, behind], 1);
        }

        return inside.unfold(1, options.WindowLength, options.HopLength);
    }

    private Tensor Lengthen(Tensor signal, long target)
    {
        long length = signal.shape[1];
        return options.ShortWaveforms == ShortWaveform.Pad
            ? nn.functional.pad(signal, (0, target - length))
            : signal.repeat(1, (target + length - 1) / length).narrow(1, 0, target);
    }

    // Padding beyond the ends, (B, count), from an index on.
    private Tensor Edge(Tensor signal, long start, long count)
    {
        var places = new long[count];
        for (int i = 0; i < count; i++)
        {
            places[i] = geometry.Fold(start + i, signal.shape[1]);
        }

        return options.Padding == EdgePadding.Zero
            ? signal.new_zeros(signal.shape[0], count)
            : signal.index_select(1, TensorData.Create<long>(places, [count], signal.device));
    }
}
