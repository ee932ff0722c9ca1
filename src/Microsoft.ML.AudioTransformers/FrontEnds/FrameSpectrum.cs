using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.FrontEnds;

/// <summary>Power or magnitude spectra of frames. Its tensors belong to the caller's dispose scope.</summary>
internal sealed class FrameSpectrum : IDisposable
{
    private readonly LogMelOptions _options;
    private readonly ConstantTensor<double> _window;

    /// <param name="options">Checked options.</param>
    public FrameSpectrum(LogMelOptions options)
    {
        _options = options;
        double[] window = WindowTable.Create(
            options.Window, options.WindowLength, options.PeriodicWindow, options.WindowExponent);
        _window = new ConstantTensor<double>(window, window.Length);
    }

    /// <summary>Computes spectra.</summary>
    /// <param name="frames">Frames, (B, frames, window).</param>
    /// <returns>Spectra, (B, frames, bins), in float64 if the options ask for double precision.</returns>
    public Tensor Of(Tensor frames)
    {
        if (_options.DoublePrecision)
        {
            frames = frames.to(ScalarType.Float64);
        }

        Tensor windowed = Emphasize(RemoveOffset(frames)) * _window.Like(frames);
        Tensor spectrum = fft.rfft(windowed, _options.EffectiveFftSize); // (B, frames, bins), complex

        if (_options.Spectrum == SpectrumKind.Magnitude)
        {
            // The square root of the power has no gradient at zero; that of abs is zero there.
            return spectrum.abs();
        }

        Tensor parts = spectrum.view_as_real(); // (B, frames, bins, 2)
        return (parts * parts).sum(-1);
    }

    public void Dispose() => _window.Dispose();

    private Tensor RemoveOffset(Tensor frames)
    {
        if (!_options.RemoveDcOffset)
        {
            return frames;
        }

        // Relative to the first sample first, for the mean of samples with a large offset would lose precision.
        frames = frames - frames.narrow(2, 0, 1);
        return frames - frames.mean([2], true);
    }

    // As in Kaldi, the first sample is its own predecessor.
    private Tensor Emphasize(Tensor frames)
    {
        if (_options.PreEmphasis == 0 || _options.PreEmphasisKind != PreEmphasisKind.Frame)
        {
            return frames;
        }

        Tensor before = cat([frames.narrow(2, 0, 1), frames.narrow(2, 0, frames.shape[2] - 1)], 2);
        return frames - before.Times(_options.PreEmphasis);
    }
}
