using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.FrontEnds;

/// <summary>From frames to their power or magnitude spectra. Its tensors are left to the caller's dispose scope.</summary>
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

    /// <param name="frames">(B, frames, window)</param>
    /// <returns>(B, frames, bins), in double precision where the options say so.</returns>
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
            // The power's root has no gradient at zero; the magnitude's is zero there.
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

        // Above the first sample, since a large offset would cost digits.
        frames = frames - frames.narrow(2, 0, 1);
        return frames - frames.mean([2], true);
    }

    // Kaldi's: the first sample stands before itself.
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
