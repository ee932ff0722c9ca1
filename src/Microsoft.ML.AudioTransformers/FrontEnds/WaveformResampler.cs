using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Resampling by a windowed sinc as a module: resamples a batch of waveforms, on any device, with gradients with respect to the
/// waveforms. The results are those of <c>torchaudio.transforms.Resample</c> with its defaults, and of <c>LoadAudio</c>.
/// </summary>
public sealed class WaveformResampler : nn.Module<Tensor, Tensor>
{
    // 256 MB. Common sample rates have a large common divisor, and their filters are far smaller.
    private const long MaximumTable = 1 << 26;
    private const long MaximumCopy = 1 << 24;

    private readonly ResamplingKernel? _kernel;
    private readonly ConstantTensor<float>? _filters;
    private readonly int _length;

    /// <param name="sourceRate">Sample rate of the waveforms in Hz, 1 or more.</param>
    /// <param name="targetRate">Sample rate of the results in Hz, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A rate is below 1, or the common divisor of the rates is so small that the filters would take more than 256 MB.
    /// <c>LoadAudio</c> resamples by any ratio.
    /// </exception>
    public WaveformResampler(int sourceRate, int targetRate)
        : this(sourceRate, targetRate, SincFilter.Default)
    {
    }

    internal WaveformResampler(int sourceRate, int targetRate, SincFilter filter)
        : base(LibTorch.Loaded(nameof(WaveformResampler)))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetRate, 1);
        if (sourceRate == targetRate)
        {
            return;
        }

        _kernel = ResamplingKernel.Get(sourceRate, targetRate, filter);
        _length = _kernel.FirstInput(_kernel.To - 1) + _kernel.Taps - _kernel.FirstInput(0);
        if ((long)_length * _kernel.To > MaximumTable)
        {
            throw new ArgumentOutOfRangeException(
                nameof(targetRate),
                $"Resampling from {sourceRate} to {targetRate} Hz takes {_kernel.To} filters of {_length} taps; expected "
                + $"rates with a larger common divisor, {MaximumTable} taps at most.");
        }

        var filters = new float[_kernel.To * _length];
        Span<float> scratch = new float[_kernel.RowLength];
        for (int phase = 0; phase < _kernel.To; phase++)
        {
            int delay = _kernel.FirstInput(phase) - _kernel.FirstInput(0);
            _kernel.Row(phase, scratch)[.._kernel.Taps].CopyTo(filters.AsSpan((phase * _length) + delay));
        }

        _filters = new ConstantTensor<float>(filters, _kernel.To, _length);
    }

    /// <summary>Resamples waveforms.</summary>
    /// <param name="waveforms">Waveforms (B, samples), float32 or float64, with at least one sample.</param>
    /// <returns>Waveforms (B, samples x target rate / source rate, rounded up), in the same type.</returns>
    /// <exception cref="ArgumentException">The waveforms have another shape or type, or are empty.</exception>
    public override Tensor forward(Tensor waveforms)
    {
        int samples = LogMelFrontEnd.CheckWaveforms(waveforms, nameof(waveforms));
        if (samples == 0)
        {
            throw new ArgumentException("The waveforms are empty.", nameof(waveforms));
        }

        if (_kernel is null)
        {
            return waveforms.alias();
        }

        using DisposeScope scope = NewDisposeScope();
        long wanted = (((long)samples * _kernel.To) + _kernel.From - 1) / _kernel.From;
        long blocks = (wanted + _kernel.To - 1) / _kernel.To;

        // Zeros before the first sample and after the last.
        long before = -_kernel.FirstInput(0);
        long behind = ((blocks - 1) * _kernel.From) + _length - before - samples;
        Tensor padded = nn.functional.pad(waveforms, (before, behind));          // (B, samples)
        Tensor inputs = padded.unfold(1, _length, _kernel.From);                         // (B, blocks, length)
        Tensor filters = _filters!.Like(waveforms);                                      // (To, length)

        // The product copies its overlapping blocks, so it takes some at a time: not a long recording at once.
        long share = Math.Max(1, MaximumCopy / (_length * Math.Max(1, waveforms.shape[0])));
        Tensor[] parts =
        [
            .. Enumerable.Range(0, (int)((blocks + share - 1) / share)).Select(part => nn.functional.linear(
                inputs.narrow(1, part * share, Math.Min(share, blocks - (part * share))), filters)),
        ];
        Tensor phases = parts.Length == 1 ? parts[0] : cat(parts, 1);                    // (B, blocks, To)
        return phases.flatten(1).narrow(1, 0, wanted).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _filters?.Dispose();
        }

        base.Dispose(disposing);
    }
}
