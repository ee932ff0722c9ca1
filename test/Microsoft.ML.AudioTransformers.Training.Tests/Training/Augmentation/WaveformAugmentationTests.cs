using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class WaveformAugmentationTests
{
    private const int Draws = 4000;

    [TestMethod]
    public void RollReachesAllShiftsAlikeAndLosesNoSample()
    {
        var roll = new WaveformRoll(3);
        var counts = new int[7];
        var random = new Random(1);
        for (int i = 0; i < Draws; i++)
        {
            float[] rolled = roll.Apply([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], random);
            int shift = Array.IndexOf(rolled, 1f);
            CollectionAssert.AreEqual(
                Enumerable.Range(0, 10).Select(j => (float)((j - shift + 10) % 10 + 1)).ToArray(), rolled);
            counts[shift > 5 ? shift - 10 + 3 : shift + 3]++;
        }

        Assert.IsTrue(counts.All(count => Math.Abs(count - Draws / 7.0) < 150), string.Join(", ", counts));
    }

    [TestMethod]
    public void GainIsUniformInDecibels()
    {
        var gain = new RandomGain(7);
        var random = new Random(2);
        double[] decibels = [.. Enumerable.Range(0, Draws).Select(_ => 20 * Math.Log10(gain.Apply([1, -2], random)[0]))];

        Assert.IsTrue(decibels.All(value => value is > -7.001 and < 7.001));
        Assert.AreEqual(0, decibels.Average(), 0.3);

        // The variance of a uniform distribution of width 14.
        Assert.AreEqual(14 * 14 / 12.0, decibels.Average(value => value * value), 1);
        Assert.IsTrue(decibels.Min() < -6.9 && decibels.Max() > 6.9);
    }

    [TestMethod]
    public void CropTakesEveryStretchAlike()
    {
        var crop = new WaveformCrop(4);
        var random = new Random(3);
        var starts = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            float[] cropped = crop.Apply([0, 1, 2, 3, 4, 5, 6], random);
            int start = (int)cropped[0];
            CollectionAssert.AreEqual(new float[] { start, start + 1, start + 2, start + 3 }, cropped);
            starts[start]++;
        }

        Assert.IsTrue(starts.All(count => Math.Abs(count - Draws / 4.0) < 150), string.Join(", ", starts));
    }

    [TestMethod]
    public void ShortWaveformsGetSilenceOnBothSides()
    {
        var crop = new WaveformCrop(5);
        var random = new Random(4);
        var places = new int[4];
        for (int i = 0; i < Draws; i++)
        {
            float[] padded = crop.Apply([7, 8], random);
            int place = Array.IndexOf(padded, 7f);
            Assert.HasCount(5, padded);
            Assert.AreEqual(8f, padded[place + 1]);
            Assert.AreEqual(15f, padded.Sum());
            places[place]++;
        }

        Assert.IsTrue(places.All(count => Math.Abs(count - Draws / 4.0) < 150), string.Join(", ", places));
    }

    [TestMethod]
    public void NoiseHasTheRatioAskedFor()
    {
        var noise = new Random(5);
        float[] recording = [.. Enumerable.Range(0, 300).Select(_ => (float)noise.NextDouble() - 0.5f)];
        var random = new Random(6);
        var background = new BackgroundNoise([recording], 0.5, 10, 20);
        float[] clean = [.. Enumerable.Range(0, 1000).Select(i => (float)Math.Sin(i * 0.1))];
        List<double> ratios = [];
        for (int i = 0; i < Draws / 4; i++)
        {
            float[] noisy = background.Apply([.. clean], random);
            double added = noisy.Zip(clean, (a, b) => Math.Pow(a - b, 2)).Sum();
            if (added > 0)
            {
                ratios.Add(10 * Math.Log10(clean.Sum(value => (double)value * value) / added));
            }
        }

        Assert.AreEqual(Draws / 8.0, ratios.Count, 60, "half of the clips");
        Assert.IsTrue(ratios.All(ratio => ratio is > 9.99 and < 20.01));
        Assert.AreEqual(15, ratios.Average(), 0.5);
    }

    /// <summary>The text is part of a run's fingerprint: a run may be resumed in another culture.</summary>
    [TestMethod]
    public void ThePlansTextIsTheSameInAllCultures()
    {
        var options = new AudioAugmentationOptions { GainDecibels = 7.5, MixupAlpha = 0.3 };
        string expected = AugmentationPlan.Create(options, LogMelOptions.Passt).ToString();
        StringAssert.Contains(expected, "7.5");

        CultureInfo culture = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.AreEqual(expected, AugmentationPlan.Create(options, LogMelOptions.Passt).ToString());
            Assert.AreSame(comma, CultureInfo.CurrentCulture);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void TheTextOfNoiseTellsWhereARecordingEnds()
    {
        Assert.AreNotEqual(
            new BackgroundNoise([[1, 2], [3]], 1, 0, 0).ToString(), new BackgroundNoise([[1], [2, 3]], 1, 0, 0).ToString());
    }

    [TestMethod]
    public void SilentNoiseAddsNothing()
    {
        var background = new BackgroundNoise([new float[8]], 1, 0, 0);

        CollectionAssert.AreEqual(new float[] { 1, 2 }, background.Apply([1, 2], new Random(1)));
    }
}
