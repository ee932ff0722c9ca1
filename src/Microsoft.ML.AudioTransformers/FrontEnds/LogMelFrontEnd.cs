using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.FrontEnds;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// <see cref="LogMelExtractor"/> as a module: log-mel spectrograms of a batch of waveforms, on any device, through which
/// gradients flow back to the waveforms. In training it can move the edges of its bands at random, as PaSST's does.
/// </summary>
/// <remarks>
/// It has no weights, and its tables follow the waveforms to their device. What it computes is what
/// <see cref="LogMelExtractor"/> computes for each waveform, but that samples which are not finite give values which are
/// not finite, and no error. With <see cref="LogMelOptions.DoublePrecision"/> the device must have float64.
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

    /// <param name="options">What to compute; a copy is kept.</param>
    /// <param name="lowFrequencyRange">
    /// In training, the lowest band begins a whole number of Hz above <see cref="LogMelOptions.LowFrequency"/> that is
    /// drawn for each batch from 0 to this range, which is left out; 0 and 1 move nothing. Default 0. PaSST's
    /// <c>fmin_aug_range</c>: 1, in its AudioSet and ESC-50 recipes 10.
    /// </param>
    /// <param name="highFrequencyRange">
    /// In training, the highest band ends within this range in Hz around <see cref="LogMelOptions.HighFrequency"/>: half
    /// the range above, less a whole number that is drawn for each batch from 0 to the range, which is left out; 0
    /// moves nothing. Default 0. PaSST's <c>fmax_aug_range</c>: 1000, in its AudioSet and ESC-50 recipes 2000, around
    /// 15000 Hz.
    /// </param>
    /// <param name="seed">The seed of <see cref="Generator"/>. Default 0.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative, there are no bands, or their edges would leave
    /// 0 Hz to half the sample rate, or cross.</exception>
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
        Generator = new Generator((ulong)seed);
    }

    /// <summary>Draws the edges of the bands in training; on the CPU. Disposed with the module.</summary>
    public Generator Generator { get; }

    /// <summary>The values of a frame: the mel bands, or the FFT's bins of a linear spectrogram.</summary>
    public int Bands => _plain.Bands;

    /// <summary>
    /// The frames of a waveform of the given length, after cutting and padding; 0 if it is too short for one.
    /// </summary>
    /// <param name="samples">The waveform's length, at least 0.</param>
    public int FrameCount(int samples) => _plain.FrameCount(samples);

    /// <summary>Computes the features of waveforms.</summary>
    /// <param name="waveforms">
    /// (B, samples), Single or Double, at the options' sample rate; at least enough for one frame.
    /// </param>
    /// <returns>
    /// (B, frames, bands), or (B, bands, frames) where the options' layout says so, of the waveforms' type.
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
    /// <returns>Their length.</returns>
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
            Generator.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>(B, frames, bins) to (B, frames, bands)</summary>
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
        using Tensor drawn = randint(range, [1], generator: Generator);
        return drawn.item<long>();
    }

    /// <summary>(bands, bins)</summary>
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
