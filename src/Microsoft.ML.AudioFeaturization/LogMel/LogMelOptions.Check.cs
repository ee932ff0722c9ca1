using System.Globalization;
using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization;

public sealed partial class LogMelOptions
{
    private const int MaximumFftSize = 1 << 20;
    private const int MaximumMelBins = 1 << 14;

    /// <summary>The FFT's length: <see cref="FftSize"/>, or the window's rounded up to a power of two.</summary>
    internal int EffectiveFftSize =>
        FftSize > 0 ? FftSize : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)WindowLength);

    /// <summary>The upper edge of the highest band in Hz.</summary>
    internal double EffectiveHighFrequency => HighFrequency > 0 ? HighFrequency : (SampleRate / 2.0) + HighFrequency;

    /// <summary>The values of a frame.</summary>
    internal int Bands => MelScale == MelScale.Linear ? (EffectiveFftSize / 2) + 1 : MelBins;

    /// <summary>Whether the mean of the whole waveform has to be known before its first frame.</summary>
    internal bool NeedsWaveformMean => SubtractMean && !RemoveDcOffset;

    /// <summary>Checks all options.</summary>
    /// <exception cref="ArgumentException">One is out of its range; the message names it.</exception>
    internal void Check()
    {
        AtLeast(nameof(SampleRate), SampleRate, 1);
        AtLeast(nameof(WindowLength), WindowLength, 2);
        Require(nameof(WindowLength), WindowLength, WindowLength <= MaximumFftSize, $"at most {MaximumFftSize}");
        Require(
            nameof(FftSize),
            FftSize,
            FftSize == 0 || (FftSize >= WindowLength && FftSize <= MaximumFftSize),
            $"0 or {nameof(WindowLength)} ({WindowLength}) to {MaximumFftSize}");
        AtLeast(nameof(HopLength), HopLength, 1);
        Require(nameof(HopLength), HopLength, HopLength <= MaximumFftSize, $"at most {MaximumFftSize}");
        Defined(nameof(Window), Window);
        Require(nameof(Window), Window, Window != WindowType.Liftering, "a window: liftering weighs cepstra");
        Require(nameof(WindowExponent), WindowExponent, WindowExponent is > 0 and <= 100, "above 0, at most 100");
        Defined(nameof(Alignment), Alignment);
        Defined(nameof(Padding), Padding);
        Defined(nameof(PreEmphasisKind), PreEmphasisKind);
        Require(nameof(PreEmphasis), PreEmphasis, PreEmphasis is >= 0 and <= 1, "0 to 1");
        Defined(nameof(Spectrum), Spectrum);
        CheckBands();
        CheckLogarithm();
        Require(nameof(NormalizationMean), NormalizationMean, float.IsFinite(NormalizationMean), "a finite number");
        Require(nameof(NormalizationStd), NormalizationStd, IsPositive(NormalizationStd), "a finite number above 0");
        Require(
            nameof(NormalizationWidth), NormalizationWidth, IsPositive(NormalizationWidth), "a finite number above 0");
        AtLeast(nameof(TargetSamples), TargetSamples, 0);
        AtLeast(nameof(TargetFrames), TargetFrames, 0);
        Require(nameof(PadValue), PadValue, float.IsFinite(PadValue), "a finite number");
        Defined(nameof(ShortWaveforms), ShortWaveforms);
        Defined(nameof(Layout), Layout);
    }

    private static bool IsPositive(float value) => float.IsFinite(value) && value > 0;

    private static void AtLeast(string option, int value, int minimum) =>
        Require(option, value, value >= minimum, $"at least {minimum}");

    private static void Defined<T>(string option, T value)
        where T : struct, Enum =>
        Require(option, value, Enum.IsDefined(value), $"one of {string.Join(", ", Enum.GetNames<T>())}");

    private static void Require<T>(string option, T value, bool holds, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{nameof(LogMelOptions)}.{option} is {value}; expected {expected}."));
        }
    }

    private void CheckBands()
    {
        Defined(nameof(MelScale), MelScale);
        Defined(nameof(MelNormalization), MelNormalization);
        AtLeast(nameof(MelBins), MelBins, 1);
        Require(nameof(MelBins), MelBins, MelBins <= MaximumMelBins, $"at most {MaximumMelBins}");
        double nyquist = SampleRate / 2.0;
        Require(
            nameof(LowFrequency), LowFrequency, LowFrequency >= 0 && LowFrequency < nyquist, $"0 to below {nyquist}");
        Require(
            nameof(HighFrequency),
            HighFrequency,
            EffectiveHighFrequency > LowFrequency && EffectiveHighFrequency <= nyquist,
            $"a frequency above {nameof(LowFrequency)} ({LowFrequency}) and up to {nyquist}, or 0 or below to count "
            + "from there");
    }

    private void CheckLogarithm()
    {
        // The smallest value whose logarithm float32 takes without losing digits.
        const double Smallest = 1e-37;
        Defined(nameof(Log), Log);
        Require(nameof(LogFloor), LogFloor, LogFloor is >= 0 and <= float.MaxValue, "0 or above");
        Require(nameof(LogOffset), LogOffset, LogOffset is >= 0 and <= float.MaxValue, "0 or above");
        Require(
            nameof(LogFloor),
            LogFloor,
            Log == LogKind.None || Math.Max(LogFloor, LogOffset) >= Smallest,
            $"at least {Smallest} where {nameof(LogOffset)} ({LogOffset}) is not: silence has no logarithm");
        Require(nameof(DecibelReference), DecibelReference, DecibelReference is > 0 and <= float.MaxValue, "above 0");
        Require(nameof(DynamicRange), DynamicRange, DynamicRange is >= 0 and <= float.MaxValue, "0 or above");
        Require(
            nameof(DynamicRange),
            DynamicRange,
            DynamicRange == 0 || Log == LogKind.Decibel,
            $"0 where {nameof(Log)} is {Log}");
    }
}
