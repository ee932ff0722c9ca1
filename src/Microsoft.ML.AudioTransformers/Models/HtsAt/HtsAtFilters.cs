using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Checkpoints;
using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Front end in a file of HTS-AT, whose code keeps the Fourier transform and the mel filters among the weights: the sample rate
/// and the edges of the bands are those whose filters are the file's.
/// </summary>
internal static class HtsAtFilters
{
    private const string Filters = "logmel_extractor.melW";
    private const string Fourier = "spectrogram_extractor.stft.conv_real.weight";
    private const int LargestWindow = 1 << 16;

    // Of a filter's greatest weight; the reference computes them in float32.
    private const float Tolerance = 1e-4f;

    private static readonly int[] s_sampleRates = [32000, 16000, 48000, 44100, 22050, 24000, 8000];
    private static readonly double[] s_lowest = [50, 0, 20];

    /// <summary>Front end of a file; null, and a line in the list of what is missing, if it does not tell.</summary>
    public static LogMelOptions? FrontEnd(WeightNames names, HtsAtConfig config, List<string> missing, List<string> assumed)
    {
        if (names.Weights.GetValueOrDefault(Filters) is not { Shape: [var bins, var bands] } filters)
        {
            missing.Add(
                $"FrontEnd: the file does not hold the mel filters ({Filters}); LogMelOptions.CreateHtsAt() has AudioSet's, "
                + "CreateHtsAt(16000) those of Speech Commands but for their upper edge, and CLAP's are of 48000 Hz.");
            return null;
        }

        long window = names.Weights.GetValueOrDefault(Fourier)?.Shape is [_, _, var length] ? length : 2 * (bins - 1);
        if (window is < 2 or > LargestWindow || bins != (window / 2) + 1 || bands != config.MelBins)
        {
            missing.Add(
                $"FrontEnd: the mel filters, {bins} x {bands}, do not fit a window of {window} and {config.MelBins} mel bins.");
            return null;
        }

        LogMelOptions options = LogMelOptions.CreateHtsAt();
        (options.WindowLength, options.MelBins) = ((int)window, config.MelBins);
        if (!Match(filters.ToSingles(), options))
        {
            missing.Add(
                "FrontEnd: the mel filters in the file are of none of the usual sample rates and edges (Slaney's scale, to "
                + "14 kHz, half the sample rate, or 8, 7.8 or 12 kHz).");
            return null;
        }

        options.HopLength = options.SampleRate / 100;
        bool isTenSeconds = config.Frames == 1024;
        options.TargetSamples = isTenSeconds ? 10 * options.SampleRate : options.HopLength * (config.Frames - 1);
        string clip = isTenSeconds ? "ten seconds" : Invariant($"{config.Frames} frames, an image");
        assumed.Add(
            $"A hop of 10 ms, as in all published files, and clips of {clip}; the sample rate of "
            + Invariant($"{options.SampleRate} Hz and bands from {options.LowFrequency} to {options.HighFrequency} Hz ")
            + "follow from the file's mel filters.");
        return options;
    }

    private static bool Match(float[] filters, LogMelOptions options)
    {
        foreach (int sampleRate in s_sampleRates)
        {
            foreach (double high in new[] { 14000, sampleRate / 2.0, 8000, 7800, 12000 })
            {
                foreach (double low in s_lowest)
                {
                    (options.SampleRate, options.LowFrequency, options.HighFrequency) = (sampleRate, low, high);
                    if (high > low && AreEqual(filters, MelFilterBank.Create(options).ToDense(), options.MelBins))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Whether filters (bins, bands) are those of a bank (bands, bins).</summary>
    private static bool AreEqual(float[] filters, float[] bank, int bands)
    {
        int bins = bank.Length / bands;
        float bound = Tolerance * bank.Max();
        for (int i = 0; i < bank.Length; i++)
        {
            if (!(Math.Abs(filters[(i % bins * bands) + (i / bins)] - bank[i]) <= bound))
            {
                return false;
            }
        }

        return bound > 0;
    }
}
