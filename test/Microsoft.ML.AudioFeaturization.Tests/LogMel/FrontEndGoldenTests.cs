using System.Text.Json;
using AudioMLNet.TestSupport;
using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

/// <summary>The three front ends against what the papers' own code computes.</summary>
[TestClass]
public sealed class FrontEndGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("features_ast")]
    public void Ast(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        JsonElement parameters = golden.Json.GetProperty("params");
        LogMelOptions options = LogMelOptions.CreateAst(parameters.GetProperty("sample_rate").GetInt32());
        options.TargetFrames = parameters.GetProperty("target_length").GetInt32();
        options.NormalizationMean = parameters.GetProperty("norm_mean").GetSingle();
        options.NormalizationStd = parameters.GetProperty("norm_std").GetSingle();
        Assert.AreEqual(parameters.GetProperty("win_samples").GetInt32(), options.WindowLength);
        Assert.AreEqual(parameters.GetProperty("hop_samples").GetInt32(), options.HopLength);
        Assert.AreEqual(parameters.GetProperty("n_fft").GetInt32(), options.EffectiveFftSize);
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

        float[] waveform = golden["waveform"].ToSingles();
        double scale = options.NormalizationStd * (double)options.NormalizationWidth;
        GoldenAssert.Close(
            golden["output"],
            new LogMelExtractor(options).Extract(waveform),
            golden.Atol / scale,
            golden.Rtol,
            "normalized");

        options.TargetFrames = 0;
        (options.NormalizationMean, options.NormalizationStd, options.NormalizationWidth) = (0, 1, 1);
        var raw = new LogMelExtractor(options);
        Assert.AreEqual(parameters.GetProperty("n_frames").GetInt32(), raw.FrameCount(waveform.Length));
        if (golden.Tensors.TryGetValue("fbank", out GoldenTensor? fbank))
        {
            GoldenAssert.Close(fbank, raw.Extract(waveform), golden.Atol, golden.Rtol, "fbank");
        }

        CheckPower(golden, options, waveform);
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("features_htsat")]
    public void HtsAt(string id)
    {
        GoldenCase golden = Goldens.Load(id);
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

        float[] waveform = golden["waveform"].ToSingles();
        GoldenAssert.Close(
            golden["output_exact_f32"],
            new LogMelExtractor(options).Extract(waveform),
            golden.Atol,
            golden.Rtol,
            "log-mel");
        CheckPower(golden, options, waveform);
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("features_passt")]
    public void Passt(string id)
    {
        GoldenCase golden = Goldens.Load(id);
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
        Assert.AreEqual(parameters.GetProperty("fmax_effective_eval").GetDouble(), options.EffectiveHighFrequency);

        float[] waveform = golden["waveform"].ToSingles();
        GoldenAssert.Close(
            golden["output"], new LogMelExtractor(options).Extract(waveform), golden.Atol, golden.Rtol, "log-mel");
        CheckPower(golden, options, waveform);
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

    // The linear spectrogram of the first frames; float32 rounding is relative to a frame's largest bin, and what lies
    // far below every logarithm's floor is of no account.
    private static void CheckPower(GoldenCase golden, LogMelOptions options, float[] waveform)
    {
        GoldenTensor expected = golden["power_spectrum_first3"];
        options.MelScale = MelScale.Linear;
        options.Log = LogKind.None;
        options.Layout = FeatureLayout.FramesByBands;
        options.TargetFrames = (int)expected.Shape[0];
        (options.NormalizationMean, options.NormalizationStd, options.NormalizationWidth) = (0, 1, 1);
        double largest = expected.ToDoubles().Max();
        GoldenAssert.Close(
            expected, new LogMelExtractor(options).Extract(waveform), (1e-6 * largest) + 1e-15, 1e-4, "power");
    }
}
