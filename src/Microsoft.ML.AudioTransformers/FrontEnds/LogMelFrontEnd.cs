using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.FrontEnds;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Log-mel front end as a module: computes log-mel spectrograms of a batch of waveforms, on any device, with gradients with
/// respect to the waveforms. In training mode, it can draw the edges of its mel bands at random, as in PaSST.
/// </summary>
/// <remarks>
/// It has no parameters; its tables are copied to the device of the waveforms. The results are those of
/// <see cref="LogMelExtractor"/> for each waveform, except that samples which are not finite give results which are not finite,
/// without an error. With <see cref="LogMelOptions.DoublePrecision"/>, the device must support float64.
/// </remarks>
public sealed class LogMelFrontEnd : nn.Module<Tensor, Tensor>
{
    private readonly LogMelOptions _options;
    private readonly LogMelExtractor _plain;
    private readonly SignalFrames _frames;
    private readonly FrameSpectrum _spectrum;
    private readonly RandomBandEdges _edges;
    private readonly ConstantTensor<float>? _bands;
    private readonly LogMelScaling _scaling;
    private readonly Generator _generator;

    /// <param name="options">Options of the features; they are copied.</param>
    /// <param name="lowFrequencyRange">
    /// Range of the lower edge in Hz, 0 or more: in training mode, the lowest band begins at
    /// <see cref="LogMelOptions.LowFrequency"/> plus a whole number that is drawn for each batch, from 0 to the range
    /// (exclusive); 0 and 1 have no effect. Default: 0. PaSST's <c>fmin_aug_range</c>: 1, in its AudioSet and ESC-50 recipes
    /// 10.
    /// </param>
    /// <param name="highFrequencyRange">
    /// Range of the upper edge in Hz, 0 or more: in training mode, the highest band ends at
    /// <see cref="LogMelOptions.HighFrequency"/> plus half the range, minus a whole number that is drawn for each batch, from 0
    /// to the range (exclusive); 0 has no effect. Default: 0. PaSST's <c>fmax_aug_range</c>: 1000, in its AudioSet and ESC-50
    /// recipes 2000, around 15000 Hz.
    /// </param>
    /// <param name="seed">Seed of the band edges that are drawn. Default: 0.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A range is negative, is set for a linear spectrogram, which has no bands, or lets an edge leave 0 Hz to half the sample
    /// rate or cross the other edge.
    /// </exception>
    public LogMelFrontEnd(
        LogMelOptions options, int lowFrequencyRange = 0, int highFrequencyRange = 0, long seed = 0)
        : base(LibTorch.Loaded(nameof(LogMelFrontEnd)))
    {
        _plain = new LogMelExtractor(options);
        _options = _plain.Options;
        _edges = new RandomBandEdges(
            _options, lowFrequencyRange, highFrequencyRange, nameof(lowFrequencyRange), nameof(highFrequencyRange));
        _frames = new SignalFrames(_options, _plain.Kernel.Geometry);
        _spectrum = new FrameSpectrum(_options);
        _scaling = LogMelScaling.Create(_options);
        _bands = _options.MelScale == MelScale.Linear ? null : BandsOf(_options);
        _generator = new Generator((ulong)seed);
    }

    /// <summary>Number of values of a frame: mel bands, or FFT bins of a linear spectrogram.</summary>
    public int Bands => _plain.Bands;

    /// <summary>
    /// Number of frames of a waveform, after cutting and padding; 0 if it is too short for one frame.
    /// </summary>
    /// <param name="samples">Length of the waveform in samples, 0 or more.</param>
    public int FrameCount(int samples) => _plain.FrameCount(samples);

    /// <summary>Computes the features of waveforms.</summary>
    /// <param name="waveforms">
    /// Waveforms (B, samples), float32 or float64, at the sample rate of the options, long enough for one frame.
    /// </param>
    /// <returns>
    /// Features (B, frames, bands) or (B, bands, frames), by the layout of the options, in the type of the waveforms.
    /// </returns>
    /// <exception cref="ArgumentException">The waveforms have another shape or type, or are too short.</exception>
    public override Tensor forward(Tensor waveforms)
    {
        int samples = CheckWaveforms(waveforms, nameof(waveforms));
        _plain.CheckLength(samples, nameof(waveforms));
        int computed = (int)_plain.ComputedFrames(samples);

        using DisposeScope scope = NewDisposeScope();
        Tensor signal = _frames.ToSignal(waveforms); // (B, length)
        Tensor frames = _frames.Cut(signal, computed); // (B, frames, window)
        Tensor spectrum = _spectrum.Of(frames).to(waveforms.dtype); // (B, frames, bins)
        Tensor values = Compress(SumBands(spectrum)); // (B, frames, bands)
        if (_scaling.DynamicRange > 0)
        {
            values = values.maximum(values.amax([1, 2], true).Minus(_scaling.DynamicRange));
        }

        int added = _plain.FrameCount(samples) - computed;
        if (added > 0)
        {
            values = nn.functional.pad(values, (0, 0, 0, added), PaddingModes.Constant, _scaling.PadValue);
        }

        bool isBandsFirst = _options.Layout == FeatureLayout.BandsByFrames;
        return (isBandsFirst ? values.transpose(1, 2) : values).MoveToOuterDisposeScope();
    }

    /// <summary>Checks that a tensor is a batch of waveforms.</summary>
    /// <returns>Length of the waveforms in samples.</returns>
    /// <exception cref="ArgumentException">It is not.</exception>
    internal static int CheckWaveforms(Tensor waveforms, string parameter)
    {
        ArgumentNullException.ThrowIfNull(waveforms, parameter);
        if (waveforms.dim() != 2 || waveforms.shape[0] == 0 || waveforms.is_sparse || waveforms.is_meta
            || waveforms.dtype is not (ScalarType.Float32 or ScalarType.Float64))
        {
            string kind = waveforms.is_sparse ? "sparse " : waveforms.is_meta ? "meta " : "";
            throw new ArgumentException(
                $"The waveforms are {kind}{waveforms.dtype} of the shape ({string.Join(", ", waveforms.shape)}); expected "
                + "Float32 or Float64 of the shape (batch, samples).",
                parameter);
        }

        return checked((int)waveforms.shape[1]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _spectrum.Dispose();
            _bands?.Dispose();
            _generator.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Spectra (B, frames, bins) to bands (B, frames, bands).</summary>
    private Tensor SumBands(Tensor spectrum)
    {
        if (_bands is null)
        {
            return spectrum;
        }

        if (!training || !_edges.AreRandom)
        {
            return nn.functional.linear(spectrum, _bands.Like(spectrum));
        }

        using ConstantTensor<float> drawn = BandsOf(_edges.Draw(Next));
        return nn.functional.linear(spectrum, drawn.Like(spectrum));
    }

    private long Next(int range)
    {
        using Tensor drawn = randint(range, [1], generator: _generator);
        return drawn.item<long>();
    }

    /// <summary>Weights of the mel bands, (bands, bins).</summary>
    private static ConstantTensor<float> BandsOf(LogMelOptions options)
    {
        MelFilterBank bank = MelFilterBank.Create(options);
        return new ConstantTensor<float>(bank.ToDense(), bank.Bands.Length, bank.Bins);
    }

    private Tensor Compress(Tensor values)
    {
        if (_options.Log != LogKind.None)
        {
            values = (_options.LogFloor > 0 ? values.ClampMin(_options.LogFloor) : values).Plus(_options.LogOffset).log();
        }

        return values.Times(_scaling.Scale).Plus(_scaling.Shift);
    }
}
