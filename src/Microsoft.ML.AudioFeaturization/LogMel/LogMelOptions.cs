using System.Numerics;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.LogMel;
using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Options of the front end, which turns a waveform into a log-mel spectrogram. Start from a preset (<see cref="Ast"/>,
/// <see cref="HtsAt"/>, <see cref="Passt"/>) and change what differs.
/// </summary>
/// <remarks>
/// The steps, in order: the waveform is cut or made longer (<see cref="TargetSamples"/>), freed of its mean,
/// pre-emphasized, cut into windowed frames, each transformed by an FFT; the spectrum is summed in bands, compressed by
/// a logarithm, frames are cut or added (<see cref="TargetFrames"/>), and the values are normalized.
/// </remarks>
public sealed class LogMelOptions : IOptionGroup
{
    private const int MaximumFftSize = 1 << 20;
    private const int MaximumMelBins = 1 << 14;

    /// <summary>The waveform's sample rate in Hz, at least 1. Default 32000.</summary>
    [Whole(1)]
    public int SampleRate = 32000;

    /// <summary>
    /// The FFT's length in samples, at least <see cref="WindowLength"/> and at most 1048576, or 0 for the next power of
    /// two (Kaldi's <c>round_to_power_of_two</c>). Default 0. Powers of two are fastest.
    /// </summary>
    [Whole(0, MaximumFftSize)]
    public int FftSize;

    /// <summary>The window's length in samples, at least 2. Default 1024.</summary>
    [Whole(2, MaximumFftSize)]
    [SweptChoice(400, 800, 1024)]
    public int WindowLength = 1024;

    /// <summary>
    /// The window's shape. Default Hann. Hann, Hamming, Blackman and rectangular windows are computed in double
    /// precision, the others are NWaves', in single. <see cref="WindowType.Liftering"/> is no window and is refused.
    /// </summary>
    public WindowType Window = WindowType.Hann;

    /// <summary>
    /// The power that the window is raised to, above 0. Default 1. Kaldi's Povey window is Hann with 0.85.
    /// </summary>
    [Between(0, 100, IsAboveMinimum = true)]
    public double WindowExponent = 1;

    /// <summary>
    /// Whether the window is one period of <see cref="WindowLength"/> samples (<c>periodic</c>, <c>fftbins</c>) or has
    /// equal ends (symmetric). Default true.
    /// </summary>
    public bool PeriodicWindow = true;

    /// <summary>The samples from one frame to the next, at least 1. Default 320.</summary>
    [Whole(1, MaximumFftSize)]
    [SweptChoice(160, 320, 500)]
    public int HopLength = 320;

    /// <summary>Alignment of frames to the waveform. Default <see cref="FrameAlignment.Centered"/>.</summary>
    public FrameAlignment Alignment = FrameAlignment.Centered;

    /// <summary>Padding beyond the ends of the waveform. Default <see cref="EdgePadding.Reflect"/>.</summary>
    public EdgePadding Padding = EdgePadding.Reflect;

    /// <summary>
    /// Whether the waveform's mean is subtracted first (AST). Default false. Without effect, and not computed, where
    /// <see cref="RemoveDcOffset"/> takes it out of every frame.
    /// </summary>
    public bool SubtractMean;

    /// <summary>Whether the mean of each frame is subtracted before pre-emphasis (Kaldi). Default false.</summary>
    public bool RemoveDcOffset;

    /// <summary>The pre-emphasis coefficient, 0 (none) to 1. Default 0.</summary>
    [Between(0, 1)]
    public float PreEmphasis;

    /// <summary>Treatment of edges by pre-emphasis. Default <see cref="PreEmphasisKind.Frame"/>.</summary>
    public PreEmphasisKind PreEmphasisKind = PreEmphasisKind.Frame;

    /// <summary>Spectrum that is summed in the bands. Default <see cref="SpectrumKind.Power"/>.</summary>
    public SpectrumKind Spectrum = SpectrumKind.Power;

    /// <summary>
    /// The number of bands, at least 1. Default 128. Without effect with
    /// <see cref="AudioFeaturization.MelScale.Linear"/>.
    /// </summary>
    [Whole(1, MaximumMelBins)]
    [SweptChoice(64, 128)]
    public int MelBins = 128;

    /// <summary>The bands' scale. Default <see cref="AudioFeaturization.MelScale.Slaney"/>.</summary>
    public MelScale MelScale = MelScale.Slaney;

    /// <summary>The bands' weighting. Default <see cref="AudioFeaturization.MelNormalization.None"/>.</summary>
    public MelNormalization MelNormalization = MelNormalization.None;

    /// <summary>The lower edge of the lowest band in Hz, at least 0. Default 0.</summary>
    [NotNegative]
    public double LowFrequency;

    /// <summary>
    /// The upper edge of the highest band in Hz, above <see cref="LowFrequency"/>; 0 or below counts from half the sample rate
    /// (Kaldi). On the Kaldi scale at most half the sample rate; on the others it may be higher, as in librosa: bands above half
    /// the sample rate are empty, and their values are those of silence. Default 0.
    /// </summary>
    [Finite]
    public double HighFrequency;

    /// <summary>The logarithm. Default <see cref="LogKind.Natural"/>.</summary>
    public LogKind Log = LogKind.Natural;

    /// <summary>Minimum of values before the logarithm; smaller ones are raised to it. At least 0. Default 0.</summary>
    [NotNegative]
    public double LogFloor;

    /// <summary>
    /// Summand of values before the logarithm, at least 0. Default 0. With a logarithm, this or
    /// <see cref="LogFloor"/> must be at least 1e-37, so that silence has one.
    /// </summary>
    [NotNegative]
    public double LogOffset;

    /// <summary>
    /// The value that is 0 dB, above 0 (librosa's <c>ref</c>). Default 1. Only with <see cref="LogKind.Decibel"/>.
    /// </summary>
    [Positive]
    public double DecibelReference = 1;

    /// <summary>
    /// The range in dB below the clip's maximum beyond which values are cut, or 0 for none (librosa's <c>top_db</c>).
    /// Default 0. Only with <see cref="LogKind.Decibel"/>; not for streams.
    /// </summary>
    [NotNegative]
    public double DynamicRange;

    /// <summary>
    /// The mean in (x - mean) / (std * width), in the logarithm's units, finite. Default 0.
    /// </summary>
    [Finite]
    public float NormalizationMean;

    /// <summary>The standard deviation in (x - mean) / (std * width), above 0. Default 1.</summary>
    [Positive]
    public float NormalizationStd = 1;

    /// <summary>
    /// The width in (x - mean) / (std * width), above 0. Default 1; AST divides by two standard deviations.
    /// </summary>
    [Positive]
    public float NormalizationWidth = 1;

    /// <summary>
    /// Whether an estimator's <c>Fit</c> learns <see cref="NormalizationMean"/> and <see cref="NormalizationStd"/> over
    /// all values of the training set. Default false.
    /// </summary>
    public bool LearnNormalization;

    /// <summary>
    /// The samples that a waveform is cut or made longer to, or 0 to leave it as it is. With <see cref="TargetFrames"/>, no
    /// more than these frames hear, but for less than a hop. Default 0.
    /// </summary>
    [Whole(0)]
    public int TargetSamples;

    /// <summary>
    /// Extension of a waveform shorter than <see cref="TargetSamples"/>. Default <see cref="ShortWaveform.Pad"/>.
    /// </summary>
    public ShortWaveform ShortWaveforms = ShortWaveform.Pad;

    /// <summary>
    /// The frames that features are cut to, or made up to with <see cref="PadValue"/>, or 0 for as many as there are.
    /// Default 0.
    /// </summary>
    [Whole(0)]
    public int TargetFrames;

    /// <summary>
    /// The value of added frames, in the logarithm's units (before normalization), finite. Default 0, as in AST's code.
    /// </summary>
    [Finite]
    public float PadValue;

    /// <summary>The order of the values. Default <see cref="FeatureLayout.FramesByBands"/>.</summary>
    public FeatureLayout Layout = FeatureLayout.FramesByBands;

    /// <summary>
    /// Whether windowing and FFT are done in double precision: bands more than about 100 dB below a frame's loudest
    /// need it. Default false. Takes about twice the time.
    /// </summary>
    public bool DoublePrecision;

    /// <summary>
    /// AST's and DATAR's front end at 16 kHz for AudioSet: <see cref="CreateAst"/>. New options at every call.
    /// </summary>
    public static LogMelOptions Ast => CreateAst();

    /// <summary>
    /// HTS-AT's front end at 32 kHz for clips of ten seconds: <see cref="CreateHtsAt"/>. New options at every call.
    /// </summary>
    public static LogMelOptions HtsAt => CreateHtsAt();

    /// <summary>
    /// PaSST's front end at 32 kHz for clips of ten seconds: <see cref="CreatePasst"/>. New options at every call.
    /// </summary>
    public static LogMelOptions Passt => CreatePasst();

    /// <summary>
    /// The front end of AST and DATAR: Kaldi's filter bank features (25 ms Hann, 10 ms hop, pre-emphasis 0.97 and mean
    /// removed in each frame, 128 Kaldi bands from 20 Hz to Nyquist, natural logarithm, at least 1.19e-7), padded with
    /// zeros or cut to <see cref="TargetFrames"/> of 1024, normalized by (x - mean) / (2 std) of AudioSet.
    /// </summary>
    /// <param name="sampleRate">In Hz: 16000 in AST, 43000 in DATAR's paper.</param>
    /// <remarks>
    /// Source: AST's <c>dataloader.py</c>, torchaudio's <c>compliance.kaldi.fbank</c>. AST's recipes set
    /// <see cref="TargetFrames"/>, <see cref="NormalizationMean"/> and <see cref="NormalizationStd"/>: ESC-50 512,
    /// -6.6268077, 5.358466; Speech Commands 128, -6.845978, 5.5654526.
    /// </remarks>
    public static LogMelOptions CreateAst(int sampleRate = 16000) => new()
    {
        SampleRate = sampleRate,
        WindowLength = (int)(sampleRate * 25.0 * 0.001),
        HopLength = (int)(sampleRate * 10.0 * 0.001),
        PeriodicWindow = false,
        Alignment = FrameAlignment.Inside,
        SubtractMean = true,
        RemoveDcOffset = true,
        PreEmphasis = 0.97f,
        MelScale = MelScale.Kaldi,
        LowFrequency = 20,
        LogFloor = 1.1920928955078125e-07,
        NormalizationMean = -4.2677393f,
        NormalizationStd = 4.5689974f,
        NormalizationWidth = 2,
        TargetFrames = 1024,
        DoublePrecision = true,
    };

    /// <summary>
    /// The front end of HTS-AT: centred frames of 1024 samples (periodic Hann), 64 Slaney bands with Slaney
    /// normalization from 50 Hz to 14 kHz or Nyquist, 10 log10(max(x, 1e-10)), in double precision; waveforms padded or
    /// cut to ten seconds (<see cref="TargetSamples"/>). Its batch normalization is part of the model.
    /// </summary>
    /// <param name="sampleRate">
    /// In Hz: 32000 for AudioSet and ESC-50 (hop 320), 16000 for Speech Commands (hop 160).
    /// </param>
    /// <remarks>Source: HTS-AT's <c>htsat.py</c> and <c>config.py</c>, torchlibrosa.</remarks>
    public static LogMelOptions CreateHtsAt(int sampleRate = 32000) => new()
    {
        SampleRate = sampleRate,
        WindowLength = 1024,
        HopLength = sampleRate / 100,
        MelBins = 64,
        MelScale = MelScale.Slaney,
        MelNormalization = MelNormalization.Slaney,
        LowFrequency = 50,
        HighFrequency = Math.Min(14000, sampleRate / 2),
        Log = LogKind.Decibel,
        LogFloor = 1e-10,
        TargetSamples = 10 * sampleRate,
        PadValue = -100,
        DoublePrecision = true,
    };

    /// <summary>
    /// The front end of PaSST in evaluation: pre-emphasis 0.97 over the waveform, centred frames of 25 ms (symmetric
    /// Hann) with 10 ms hop, 128 Kaldi bands up to 500 Hz below Nyquist, (ln(x + 1e-5) + 4.5) / 5; waveforms padded or
    /// cut to ten seconds (<see cref="TargetSamples"/>).
    /// </summary>
    /// <param name="sampleRate">
    /// In Hz: 32000 in PaSST, which is a window of 800, a hop of 320 and an FFT of 1024.
    /// </param>
    /// <remarks>
    /// Source: PaSST's <c>preprocess.py</c>. Its AudioSet recipe ends at 15000 Hz: set <see cref="HighFrequency"/>. Its
    /// tensors have bands first: set <see cref="Layout"/>.
    /// </remarks>
    public static LogMelOptions CreatePasst(int sampleRate = 32000) => new()
    {
        SampleRate = sampleRate,
        WindowLength = sampleRate / 40,
        HopLength = sampleRate / 100,
        PeriodicWindow = false,
        PreEmphasis = 0.97f,
        PreEmphasisKind = PreEmphasisKind.Waveform,
        MelScale = MelScale.Kaldi,
        HighFrequency = -500,
        LogOffset = 1e-5,
        NormalizationMean = -4.5f,
        NormalizationStd = 5,
        TargetSamples = 10 * sampleRate,
        PadValue = -11.512925f,
    };

    /// <summary>The FFT's length: <see cref="FftSize"/>, or the window's rounded up to a power of two.</summary>
    internal int EffectiveFftSize => FftSize > 0 ? FftSize : (int)BitOperations.RoundUpToPowerOf2((uint)WindowLength);

    /// <summary>The upper edge of the highest band in Hz.</summary>
    internal double EffectiveHighFrequency => HighFrequency > 0 ? HighFrequency : (SampleRate / 2.0) + HighFrequency;

    /// <summary>The number of values in a frame.</summary>
    internal int Bands => MelScale == MelScale.Linear ? (EffectiveFftSize / 2) + 1 : MelBins;

    /// <summary>Whether the mean of the whole waveform has to be known before its first frame.</summary>
    internal bool NeedsWaveformMean => SubtractMean && !RemoveDcOffset;

    /// <summary>The samples that pre-emphasis of the whole waveform takes from its length: 1 or 0.</summary>
    internal int LostSamples => PreEmphasis != 0 && PreEmphasisKind == PreEmphasisKind.Waveform ? 1 : 0;

    /// <summary>
    /// The samples at the beginning of a waveform that its frames are made of, or 0 where there is no target length and so
    /// no limit.
    /// </summary>
    internal long TargetLength => TargetSamples > 0 ? TargetSamples : TargetFrames > 0 ? LengthOfTargetFrames() : 0;

    /// <summary>Checks all options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range; the message names it.</exception>
    internal void Check() => OptionCheck.All(this, nameof(LogMelOptions) + ".");

    internal LogMelOptions Clone() => OptionCheck.Copy(this);

    void IOptionGroup.CheckTogether(string prefix)
    {
        OptionCheck.That(
            Window != WindowType.Liftering, Window, prefix + nameof(Window), "a window: liftering weighs cepstra");
        OptionCheck.That(
            FftSize == 0 || FftSize >= WindowLength, FftSize, prefix + nameof(FftSize),
            $"0 or {nameof(WindowLength)} ({WindowLength}) to {MaximumFftSize}");
        OptionCheck.That(
            TargetSamples == 0 || TargetFrames == 0 || TargetSamples < LengthOfTargetFrames() + HopLength,
            TargetSamples, prefix + nameof(TargetSamples),
            FormattableString.Invariant($"0, or at most {(TargetFrames > 0 ? LengthOfTargetFrames() + HopLength - 1 : 0)}: ")
            + FormattableString.Invariant($"the {TargetFrames} frames of {nameof(TargetFrames)} hear no more, ")
            + "and the rest would be cut in silence");
        CheckBandEdges(prefix);
        CheckLogarithm(prefix);
    }

    private long LengthOfTargetFrames() => new FrameGeometry(this).LengthBeforeEnd(TargetFrames) + LostSamples;

    private void CheckBandEdges(string prefix)
    {
        double nyquist = SampleRate / 2.0;
        OptionCheck.That(
            LowFrequency < nyquist, LowFrequency, prefix + nameof(LowFrequency),
            FormattableString.Invariant($"0 to below {nyquist}, half the sample rate"));
        bool isLimited = MelScale is not (MelScale.Slaney or MelScale.Htk);
        OptionCheck.That(
            EffectiveHighFrequency > LowFrequency && (!isLimited || EffectiveHighFrequency <= nyquist),
            HighFrequency,
            prefix + nameof(HighFrequency),
            FormattableString.Invariant($"a frequency above {nameof(LowFrequency)} ({LowFrequency})")
            + FormattableString.Invariant($"{(isLimited ? $" and up to {nyquist}, half the sample rate" : "")}, ")
            + "or 0 or below to count from half the sample rate");
    }

    private void CheckLogarithm(string prefix)
    {
        // The smallest value whose logarithm float32 takes without losing digits.
        const double Smallest = 1e-37;
        OptionCheck.That(
            Log == LogKind.None || Math.Max(LogFloor, LogOffset) >= Smallest,
            LogFloor,
            prefix + nameof(LogFloor),
            FormattableString.Invariant(
                $"at least {Smallest} where {nameof(LogOffset)} ({LogOffset}) is less: silence has no logarithm"));
        OptionCheck.That(
            DynamicRange == 0 || Log == LogKind.Decibel, DynamicRange, prefix + nameof(DynamicRange),
            $"0 where {nameof(Log)} is {Log}");
    }
}
