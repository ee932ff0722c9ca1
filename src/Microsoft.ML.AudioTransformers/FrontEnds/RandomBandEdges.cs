using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.FrontEnds;

/// <summary>
/// Random edges of the mel bands: the lower and the upper edge are drawn for each batch, and the bands lie evenly between them
/// (PaSST's <c>AugmentMelSTFT</c>).
/// </summary>
internal sealed class RandomBandEdges
{
    private readonly LogMelOptions _options;
    private readonly int _lowRange;
    private readonly int _highRange;

    /// <param name="options">Checked options.</param>
    /// <param name="lowRange">See <see cref="LogMelFrontEnd"/>.</param>
    /// <param name="highRange">See <see cref="LogMelFrontEnd"/>.</param>
    /// <param name="lowName">Name of the low range in error messages.</param>
    /// <param name="highName">Name of the high range in error messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range is negative, or too large for the options.</exception>
    public RandomBandEdges(LogMelOptions options, int lowRange, int highRange, string lowName, string highName)
    {
        _options = options;
        _lowRange = lowRange;
        _highRange = highRange;
        OptionCheck.AtLeast(0, lowRange, lowName);
        OptionCheck.AtLeast(0, highRange, highName);
        OptionCheck.That(
            !AreRandom || options.MelScale != MelScale.Linear,
            Math.Max(lowRange, highRange),
            lowRange > 1 ? lowName : highName,
            "0 for a linear spectrogram, which has no bands");
        double nyquist = options.SampleRate / 2.0;
        OptionCheck.That(
            highRange == 0 || Highest <= nyquist,
            highRange,
            highName,
            $"a range around {options.EffectiveHighFrequency} Hz that ends at or below half the sample rate, {nyquist} Hz");
        double lowest = Highest - Math.Max(0, highRange - 1);
        OptionCheck.That(
            options.LowFrequency + Math.Max(0, lowRange - 1) < lowest,
            lowRange,
            lowName,
            $"a range above {options.LowFrequency} Hz that ends below {lowest} Hz, the lowest upper edge");
    }

    /// <summary>Whether an edge is random.</summary>
    public bool AreRandom => _lowRange > 1 || _highRange > 0;

    private double Highest => _options.EffectiveHighFrequency + (_highRange / 2);

    /// <summary>Options with random edges; the lower edge is drawn first.</summary>
    /// <param name="next">Draws a whole number from 0 to a range (exclusive).</param>
    public LogMelOptions Draw(Func<int, long> next)
    {
        LogMelOptions drawn = _options.Clone();
        drawn.LowFrequency += _lowRange > 1 ? next(_lowRange) : 0;
        drawn.HighFrequency = Highest - (_highRange > 1 ? next(_highRange) : 0);
        return drawn;
    }

    /// <summary>Text that is equal for equal ranges.</summary>
    public override string ToString() => $"{nameof(RandomBandEdges)} {_lowRange} {_highRange}";
}
