using Microsoft.ML.AudioFeaturization.LogMel;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

/// <summary>
/// Bands above half the sample rate, as in HTS-AT's Speech Commands front end: 64 bands from 50 Hz to 14 kHz of 16 kHz audio.
/// </summary>
[TestClass]
public sealed class BandsAboveNyquistTests
{
    // By hand, from Slaney's scale: 50 Hz are 0.75 mel and 14 kHz 15 + 27 ln 14 / ln 6.4 = 53.385, so that a band is 0.80977 wide;
    // 8 kHz are 45.246 mel. Band 54 begins at 44.478 mel, 7.589 kHz; band 55 at 45.287 mel, above 8 kHz.
    private const int FirstEmpty = 55;

    [TestMethod]
    public void Bands_above_half_the_sample_rate_are_empty()
    {
        MelFilterBank bank = MelFilterBank.Create(Options());

        for (int band = 0; band < 64; band++)
        {
            Assert.AreEqual(band >= FirstEmpty, bank.Bands[band].Weights.Length == 0, $"band {band}");
        }
    }

    /// <summary>The weight of 7.75 kHz, bin 496 of 1024, in band 54, whose left edge and centre are by hand.</summary>
    [TestMethod]
    public void A_band_across_half_the_sample_rate_keeps_its_shape()
    {
        double slope = Math.Log(6.4) / 27;
        double step = (15 + (Math.Log(14) / slope) - 0.75) / 65;
        double Hertz(int edge) => 1000 * Math.Exp((0.75 + (edge * step) - 15) * slope);
        double expected = 2 / (Hertz(56) - Hertz(54)) * (7750 - Hertz(54)) / (Hertz(55) - Hertz(54));

        MelFilterBank.Band band = MelFilterBank.Create(Options()).Bands[54];

        Assert.AreEqual(expected, band.Weights[496 - band.FirstBin], 1e-9);
        Assert.AreEqual(512, band.FirstBin + band.Weights.Length - 1, "the last bin is that of 8 kHz");
    }

    [TestMethod]
    public void Their_features_are_those_of_silence()
    {
        var random = new Random(1);
        float[] noise = [.. Enumerable.Range(0, 16000).Select(_ => (float)(random.NextDouble() - 0.5))];

        float[] features = new LogMelExtractor(Options()).Extract(noise);

        for (int i = 0; i < features.Length; i++)
        {
            Assert.AreEqual(i % 64 >= FirstEmpty, features[i] < -99.9999, $"value {i}: {features[i]}");
        }
    }

    [TestMethod]
    public void Edges_far_above_the_bins_leave_empty_bands()
    {
        LogMelOptions options = Options();
        options.HighFrequency = 1e300;

        MelFilterBank bank = MelFilterBank.Create(options);

        Assert.HasCount(64, bank.Bands);
        Assert.HasCount(0, bank.Bands[^1].Weights);
    }

    [TestMethod]
    public void Kaldi_has_no_bands_above_half_the_sample_rate()
    {
        LogMelOptions options = Options();
        options.MelScale = MelScale.Kaldi;
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogMelExtractor(options));
        StringAssert.Contains(error.Message, "HighFrequency is 14000", StringComparison.Ordinal);
        StringAssert.Contains(error.Message, "up to 8000, half the sample rate", StringComparison.Ordinal);
    }

    private static LogMelOptions Options()
    {
        LogMelOptions options = LogMelOptions.CreateHtsAt(16000);
        options.HighFrequency = 14000;
        options.TargetSamples = 0;
        return options;
    }
}
