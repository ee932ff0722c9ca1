using System.Text.Json;
using AudioMLNet.TestSupport;

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
        LogMelOptions options = FrontEndCases.Ast(golden);
        Assert.AreEqual(parameters.GetProperty("win_samples").GetInt32(), options.WindowLength);
        Assert.AreEqual(parameters.GetProperty("hop_samples").GetInt32(), options.HopLength);
        Assert.AreEqual(parameters.GetProperty("n_fft").GetInt32(), options.EffectiveFftSize);

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
        LogMelOptions options = FrontEndCases.HtsAt(golden);
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
        LogMelOptions options = FrontEndCases.Passt(golden);
        Assert.AreEqual(parameters.GetProperty("fmax_effective_eval").GetDouble(), options.EffectiveHighFrequency);

        float[] waveform = golden["waveform"].ToSingles();
        GoldenAssert.Close(
            golden["output"], new LogMelExtractor(options).Extract(waveform), golden.Atol, golden.Rtol, "log-mel");
        CheckPower(golden, options, waveform);
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
