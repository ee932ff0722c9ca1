using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Resampling by windowed sinc as a module, equal to <c>torchaudio.transforms.Resample</c> with its defaults and to what
/// <c>LoadAudio</c> does: a batch of waveforms, on any device, through which gradients flow back to the waveforms.
/// </summary>
public sealed class WaveformResampler : nn.Module<Tensor, Tensor>
{
    // 256 MB. Rates that have a common divisor of some size, as all in use have, stay far below.
    private const long MaximumTable = 1 << 26;
    private const long MaximumCopy = 1 << 24;

    private readonly ResamplingKernel? _kernel;
    private readonly ConstantTensor<float>? _filters;
    private readonly int _length;

    /// <param name="sourceRate">The waveforms' sample rate in Hz, at least 1.</param>
    /// <param name="targetRate">The wanted sample rate in Hz, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A rate is below 1, or the rates have so small a common divisor that their filters would fill more than 256 MB:
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
    /// <param name="waveforms">(B, samples), Single or Double, at least one sample.</param>
    /// <returns>(B, samples x target rate / source rate, rounded up), of the waveforms' type.</returns>
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

        // Before its first sample and behind its last a signal is zero.
        long before = -_kernel.FirstInput(0);
        long behind = ((blocks - 1) * _kernel.From) + _length - before - samples;
        Tensor padded = nn.functional.pad(waveforms, (before, behind));          // (B, samples)
        Tensor inputs = padded.unfold(1, _length, _kernel.From);                         // (B, blocks, length)
        Tensor filters = _filters!.Like(waveforms);                                      // (To, length)

        // A product copies its blocks, which overlap: so many at a time that a long recording is not copied at once.
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
