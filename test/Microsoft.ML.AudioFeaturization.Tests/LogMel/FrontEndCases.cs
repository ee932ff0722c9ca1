using System.Globalization;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

/// <summary>The options that the parameters of reference cases describe; for both forms of the front ends.</summary>
internal static class FrontEndCases
{
    public static LogMelOptions Ast(GoldenCase golden)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        LogMelOptions options = LogMelOptions.CreateAst(parameters.GetProperty("sample_rate").GetInt32());
        options.TargetFrames = parameters.GetProperty("target_length").GetInt32();
        options.NormalizationMean = parameters.GetProperty("norm_mean").GetSingle();
        options.NormalizationStd = parameters.GetProperty("norm_std").GetSingle();
        options.MelBins = parameters.GetProperty("num_mel_bins").GetInt32();
        options.PreEmphasis = parameters.GetProperty("preemphasis").GetSingle();
        options.RemoveDcOffset = parameters.GetProperty("remove_dc_offset").GetBoolean();
        options.LowFrequency = parameters.GetProperty("low_freq").GetDouble();
        JsonElement high = parameters.GetProperty("high_freq");
        options.HighFrequency = high.ValueKind == JsonValueKind.Number ? high.GetDouble() : 0;
        options.Alignment = parameters.GetProperty("snip_edges").GetBoolean()
            ? FrameAlignment.Inside : FrameAlignment.HopCentered;
        options.Padding = EdgePadding.Symmetric;
        options.LogFloor = parameters.GetProperty("log_floor").GetDouble();
        options.Spectrum = parameters.GetProperty("use_power").GetBoolean()
            ? SpectrumKind.Power : SpectrumKind.Magnitude;
        SetWindow(options, parameters.GetProperty("window").GetString()!);
        return options;
    }

    public static LogMelOptions HtsAt(GoldenCase golden)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        LogMelOptions options = LogMelOptions.CreateHtsAt(parameters.GetProperty("sample_rate").GetInt32());
        options.TargetSamples = 0;
        options.FftSize = parameters.GetProperty("n_fft").GetInt32();
        options.WindowLength = parameters.GetProperty("win").GetInt32();
        options.HopLength = parameters.GetProperty("hop").GetInt32();
        options.Alignment = parameters.GetProperty("center").GetBoolean()
            ? FrameAlignment.Centered : FrameAlignment.Inside;
        options.Padding = parameters.GetProperty("pad_mode").GetString() == "reflect"
            ? EdgePadding.Reflect : EdgePadding.Zero;
        options.MelBins = parameters.GetProperty("n_mels").GetInt32();
        options.LowFrequency = parameters.GetProperty("fmin").GetDouble();
        options.HighFrequency = parameters.GetProperty("fmax").GetDouble();
        options.LogFloor = parameters.GetProperty("amin").GetDouble();
        options.DecibelReference = parameters.GetProperty("ref").GetDouble();
        JsonElement topDb = parameters.GetProperty("top_db");
        options.DynamicRange = topDb.ValueKind == JsonValueKind.Number ? topDb.GetDouble() : 0;
        return options;
    }

    public static LogMelOptions Passt(GoldenCase golden)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        LogMelOptions options = LogMelOptions.CreatePasst(parameters.GetProperty("sr").GetInt32());
        options.TargetSamples = 0;
        options.Layout = FeatureLayout.BandsByFrames;
        options.FftSize = parameters.GetProperty("n_fft").GetInt32();
        options.WindowLength = parameters.GetProperty("win_length").GetInt32();
        options.HopLength = parameters.GetProperty("hopsize").GetInt32();
        options.MelBins = parameters.GetProperty("n_mels").GetInt32();
        options.LowFrequency = parameters.GetProperty("fmin").GetDouble();
        JsonElement high = parameters.GetProperty("fmax");
        options.HighFrequency = high.ValueKind == JsonValueKind.Number
            ? high.GetDouble()
            : -(parameters.GetProperty("fmax_aug_range").GetInt32() / 2);
        return options;
    }

    /// <summary>The scale and the normalization of a matrix of mel weights.</summary>
    public static (MelScale Scale, MelNormalization Normalization) Bands(string name) => name switch
    {
        "kaldi" => (MelScale.Kaldi, MelNormalization.None),
        "htk_nonorm" => (MelScale.Htk, MelNormalization.None),
        "htk_slaneynorm" => (MelScale.Htk, MelNormalization.Slaney),
        "slaney_nonorm" => (MelScale.Slaney, MelNormalization.None),
        "slaney_slaneynorm" => (MelScale.Slaney, MelNormalization.Slaney),
        _ => throw new InvalidDataException($"Unknown filter bank '{name}'."),
    };

    /// <summary>What a window's name says, which ends in its length.</summary>
    public static (WindowType Type, int Length, bool IsPeriodic, double Exponent) Window(string name)
    {
        string[] parts = name.Split('_');
        int length = int.Parse(parts[^1], CultureInfo.InvariantCulture);
        return string.Join('_', parts[..^1]) switch
        {
            "hann_periodic" or "scipy_hann_fftbins" => (WindowType.Hann, length, true, 1),
            "hann_symmetric" or "kaldi_hanning" => (WindowType.Hann, length, false, 1),
            "kaldi_hamming" => (WindowType.Hamming, length, false, 1),
            "kaldi_blackman" => (WindowType.Blackman, length, false, 1),
            "kaldi_rectangular" => (WindowType.Rectangular, length, false, 1),
            "kaldi_povey" => (WindowType.Hann, length, false, 0.85),
            _ => throw new InvalidDataException($"Unknown window '{name}'."),
        };
    }

    /// <summary>The filter of a case of resampling.</summary>
    public static SincFilter Filter(GoldenCase golden)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        var filter = new SincFilter(
            parameters.GetProperty("lowpass_filter_width").GetInt32(), parameters.GetProperty("rolloff").GetDouble());
        if (parameters.TryGetProperty("resampling_method", out JsonElement method)
            && method.GetString() == "kaiser_window")
        {
            filter = filter with { Window = SincWindow.Kaiser };
            if (parameters.TryGetProperty("beta", out JsonElement beta) && beta.ValueKind == JsonValueKind.Number)
            {
                filter = filter with { Beta = beta.GetDouble() };
            }
        }

        return filter;
    }

    private static void SetWindow(LogMelOptions options, string description)
    {
        (options.Window, options.WindowExponent) = description.Split(' ')[0] switch
        {
            "hanning" => (WindowType.Hann, 1),
            "hamming" => (WindowType.Hamming, 1),
            "blackman" => (WindowType.Blackman, 1),
            "rectangular" => (WindowType.Rectangular, 1),
            "povey" => (WindowType.Hann, 0.85),
            _ => throw new InvalidDataException($"Unknown window '{description}'."),
        };
    }
}
