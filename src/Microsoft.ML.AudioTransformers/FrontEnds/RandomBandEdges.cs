using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.FrontEnds;

/// <summary>
/// Bands whose outer edges move at random from batch to batch, and the bands between with them (PaSST's
/// <c>AugmentMelSTFT</c>).
/// </summary>
internal sealed class RandomBandEdges
{
    private readonly LogMelOptions _options;
    private readonly int _lowRange;
    private readonly int _highRange;

    /// <param name="options">Checked options.</param>
    /// <param name="lowFrequencyRange">See <see cref="LogMelFrontEnd"/>.</param>
    /// <param name="highFrequencyRange">See <see cref="LogMelFrontEnd"/>.</param>
    public RandomBandEdges(LogMelOptions options, int lowFrequencyRange, int highFrequencyRange)
    {
        _options = options;
        _lowRange = lowFrequencyRange;
        _highRange = highFrequencyRange;
        OptionCheck.AtLeast(0, lowFrequencyRange, nameof(lowFrequencyRange));
        OptionCheck.AtLeast(0, highFrequencyRange, nameof(highFrequencyRange));
        OptionCheck.That(
            !AreRandom || options.MelScale != MelScale.Linear,
            Math.Max(lowFrequencyRange, highFrequencyRange),
            lowFrequencyRange > 1 ? nameof(lowFrequencyRange) : nameof(highFrequencyRange),
            "0 for a linear spectrogram, which has no bands");
        double nyquist = options.SampleRate / 2.0;
        OptionCheck.That(
            Highest <= nyquist, highFrequencyRange, nameof(highFrequencyRange),
            $"a range around {options.EffectiveHighFrequency} Hz that ends at or below half the sample rate, {nyquist} Hz");
        double lowest = Highest - Math.Max(0, highFrequencyRange - 1);
        OptionCheck.That(
            options.LowFrequency + Math.Max(0, lowFrequencyRange - 1) < lowest,
            lowFrequencyRange,
            nameof(lowFrequencyRange),
            $"a range above {options.LowFrequency} Hz that ends below {lowest} Hz, the lowest upper edge");
    }

    /// <summary>Whether there is anything to draw.</summary>
    public bool AreRandom => _lowRange > 1 || _highRange > 0;

    private double Highest => _options.EffectiveHighFrequency + (_highRange / 2);

    /// <summary>Bands between edges that are drawn.</summary>
    public MelFilterBank Draw(Generator generator)
    {
        double low = _options.LowFrequency + Draw(_lowRange, generator);
        double high = Highest - Draw(_highRange, generator);
        return MelFilterBank.Create(
            _options.MelScale,
            _options.MelNormalization,
            _options.SampleRate,
            _options.EffectiveFftSize,
            _options.MelBins,
            low,
            high);
    }

    /// <summary>A filter bank's weights, (bands, bins).</summary>
    public static ConstantTensor<float> ToTensor(MelFilterBank bank) => new(bank.ToDense(), bank.Bands.Length, bank.Bins);

    private static long Draw(int range, Generator generator)
    {
        if (range <= 1)
        {
            return 0;
        }

        using Tensor drawn = randint(range, [1], generator: generator);
        return drawn.item<long>();
    }
}
