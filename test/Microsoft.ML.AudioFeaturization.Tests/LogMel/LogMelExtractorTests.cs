using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

[TestClass]
public sealed class LogMelExtractorTests
{
    [TestMethod]
    [DataRow("ast")]
    [DataRow("htsat")]
    [DataRow("passt")]
    public void A_warm_extractor_allocates_nothing(string preset)
    {
        LogMelOptions options = Preset(preset);
        var extractor = new LogMelExtractor(options);

        // Shorter than the target, so that the padded copy is measured too.
        float[] waveform = Signals.Noise(options.SampleRate * 3, 1);
        var features = new float[extractor.FrameCount(waveform.Length) * extractor.Bands];
        for (int i = 0; i < 50; i++)
        {
            extractor.Extract(waveform, features);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            extractor.Extract(waveform, features);
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Threads_share_an_extractor()
    {
        var extractor = new LogMelExtractor(LogMelOptions.CreatePasst(16000));
        float[][] waveforms = [.. Enumerable.Range(0, 16).Select(seed => Signals.Noise(20000, seed))];
        float[][] expected = [.. waveforms.Select(waveform => extractor.Extract(waveform))];
        var actual = new float[waveforms.Length][];
        Parallel.For(0, waveforms.Length, i => actual[i] = extractor.Extract(waveforms[i]));
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], actual[i]);
        }
    }

    [TestMethod]
    public void Layouts_hold_the_same_values()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(16000);
        (options.TargetSamples, options.TargetFrames) = (0, 61);
        float[] waveform = Signals.Noise(8007, 1);
        float[] byFrames = new LogMelExtractor(options).Extract(waveform);
        options.Layout = FeatureLayout.BandsByFrames;
        float[] byBands = new LogMelExtractor(options).Extract(waveform);
        Assert.HasCount(61 * 128, byFrames);
        for (int i = 0; i < byFrames.Length; i++)
        {
            Assert.AreEqual(byFrames[i], byBands[(i % 128 * 61) + (i / 128)]);
        }
    }

    [TestMethod]
    public void Silence_has_the_value_of_padding()
    {
        foreach (string preset in new[] { "htsat", "passt" })
        {
            LogMelOptions options = Preset(preset);
            float[] silence = new LogMelExtractor(options).Extract(new float[1000]);
            options.TargetFrames = silence.Length / options.MelBins * 2;
            float[] padded = new LogMelExtractor(options).Extract(new float[1000]);
            Assert.AreEqual(padded[^1], silence[0], 2e-5f, preset);
            Assert.AreEqual(padded[^1], silence[^1], 2e-5f, preset);
        }
    }

    [TestMethod]
    public void Short_waveforms_are_padded_or_repeated_and_long_ones_cut()
    {
        LogMelOptions options = LogMelOptions.CreateHtsAt(16000);
        options.TargetSamples = 0;
        float[] second = Signals.Noise(16000, 4);
        float[] Whole(float[] waveform) => new LogMelExtractor(options).Extract(waveform);
        float[] tiled = Whole([.. second, .. second, .. second[..8000]]);
        float[] padded = Whole([.. second, .. new float[24000]]);
        float[] cut = Whole(second[..7000]);

        options.TargetSamples = 40000;
        CollectionAssert.AreEqual(padded, Whole(second));
        options.ShortWaveforms = ShortWaveform.Repeat;
        CollectionAssert.AreEqual(tiled, Whole(second));
        options.TargetSamples = 7000;
        CollectionAssert.AreEqual(cut, Whole(second));
    }

    [TestMethod]
    public void The_mean_of_the_waveform_is_removed()
    {
        LogMelOptions options = LogMelOptions.CreateHtsAt(16000);
        options.TargetSamples = 0;
        options.SubtractMean = true;
        options.LowFrequency = 0;
        float[] waveform = Signals.Noise(8000, 4);
        float[] expected = new LogMelExtractor(options).Extract(waveform);
        float[] shifted = new LogMelExtractor(options).Extract(Array.ConvertAll(waveform, sample => sample + 0.25f));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], shifted[i], 1e-3f);
        }
    }

    [TestMethod]
    public void The_dynamic_range_ends_below_the_maximum()
    {
        LogMelOptions options = LogMelOptions.CreateHtsAt(16000);
        options.DynamicRange = 20;
        options.TargetSamples = 0;
        float[] waveform = [.. Signals.Noise(8000, 4), .. new float[8000]];
        float[] features = new LogMelExtractor(options).Extract(waveform);
        Assert.AreEqual(features.Max() - 20, features.Min(), 1e-4f);
    }

    // Edge cases of the waveform: a right answer, or an error that names the value and the rule.
    [TestMethod]
    public void One_sample_is_enough_where_frames_are_centred()
    {
        LogMelOptions options = LogMelOptions.CreateHtsAt(32000);
        options.TargetSamples = 0;
        float[] features = new LogMelExtractor(options).Extract([0.5f]);
        Assert.HasCount(64, features);

        // Mirrored at its only sample, a constant: energy at 0 Hz alone, which lies below the lowest band.
        Assert.IsTrue(features.All(float.IsFinite));
        Assert.IsTrue(features.All(value => value < -60));
    }

    [TestMethod]
    [DataRow("ast", 399, "has 399 samples; the first frame needs 400")]
    [DataRow("passt", 1, "has 1 samples; the first frame needs 2")]
    [DataRow("htsat", 0, "is empty")]
    public void Too_short_a_waveform_is_refused(string preset, int length, string message)
    {
        LogMelOptions options = Preset(preset);
        options.TargetSamples = 0;
        var extractor = new LogMelExtractor(options);
        var exception = Assert.ThrowsExactly<ArgumentException>(() => extractor.Extract(new float[length]));
        StringAssert.Contains(exception.Message, message, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("ast")]
    [DataRow("htsat")]
    [DataRow("passt")]
    public void A_sample_that_is_not_finite_is_named(string preset)
    {
        var extractor = new LogMelExtractor(Preset(preset));
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (int place in new[] { 0, 1, 777, 20000, 31900 })
            {
                float[] waveform = Signals.Noise(32000, 1);
                waveform[place] = value;
                var exception = Assert.ThrowsExactly<ArgumentException>(() => extractor.Extract(waveform));
                StringAssert.Contains(exception.Message, $"Sample {place} of the waveform", StringComparison.Ordinal);
            }
        }
    }

    [TestMethod]
    public void Any_length_of_transform_gives_the_same_bands()
    {
        // A tone falls into the same band whatever the FFT's length.
        float[] tone = [.. Enumerable.Range(0, 16000).Select(i => (float)Math.Sin(2 * Math.PI * 1000 * i / 16000))];
        int? band = null;
        foreach (int size in new[] { 512, 500, 501, 521, 600, 1024 })
        {
            LogMelOptions options = LogMelOptions.Ast;
            (options.FftSize, options.TargetFrames, options.MelBins) = (size, 1, 40);
            float[] features = new LogMelExtractor(options).Extract(tone);
            int loudest = Array.IndexOf(features, features.Max());
            band ??= loudest;
            Assert.AreEqual(band, loudest, $"FFT of {size}");
        }
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        foreach ((Action<LogMelOptions> change, string option) in new (Action<LogMelOptions>, string)[]
        {
            (options => options.SampleRate = 0, "SampleRate"),
            (options => options.WindowLength = 1, "WindowLength"),
            (options => options.FftSize = 100, "FftSize"),
            (options => options.HopLength = 0, "HopLength"),
            (options => options.Window = WindowType.Liftering, "Window"),
            (options => options.Window = (WindowType)99, "Window"),
            (options => options.WindowExponent = double.NaN, "WindowExponent"),
            (options => options.Alignment = (FrameAlignment)7, "Alignment"),
            (options => options.PreEmphasis = 1.5f, "PreEmphasis"),
            (options => options.MelBins = 0, "MelBins"),
            (options => options.LowFrequency = 20000, "LowFrequency"),
            (options => options.HighFrequency = 16001, "HighFrequency"),
            (options => options.LogOffset = 0, "LogFloor"),
            (options => options.DynamicRange = 80, "DynamicRange"),
            (options => options.NormalizationStd = 0, "NormalizationStd"),
            (options => options.TargetFrames = -1, "TargetFrames"),
            (options => options.PadValue = float.NaN, "PadValue"),
        })
        {
            LogMelOptions options = LogMelOptions.Passt;
            change(options);
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogMelExtractor(options));
            StringAssert.Contains(exception.Message, $"LogMelOptions.{option} is", StringComparison.Ordinal);
        }
    }

    private static LogMelOptions Preset(string name) => name switch
    {
        "ast" => LogMelOptions.Ast,
        "htsat" => LogMelOptions.HtsAt,
        _ => LogMelOptions.Passt,
    };
}
