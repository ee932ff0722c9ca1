using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.FrontEnds;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.FrontEnds;

[TestClass]
public class RandomBandEdgesTests
{
    [TestMethod]
    public void In_training_they_follow_from_the_seed_and_move_from_batch_to_batch()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor waveforms = LogMelFrontEndTests.Waveforms(1, 4000);
        float[][] Batches(long seed)
        {
            using LogMelFrontEnd frontEnd = Passt(seed);
            return [.. Enumerable.Range(0, 4).Select(_ => LogMelFrontEndTests.ToArray(frontEnd.call(waveforms)))];
        }

        float[][] first = Batches(5);
        float[][] again = Batches(5);
        for (int i = 0; i < first.Length; i++)
        {
            CollectionAssert.AreEqual(first[i], again[i]);
        }

        CollectionAssert.AreNotEqual(first[0], Batches(6)[0]);
        CollectionAssert.AreNotEqual(first[0], first[1]);
    }

    [TestMethod]
    public void In_training_the_features_are_those_of_the_drawn_edges()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor waveforms = LogMelFrontEndTests.Waveforms(2, 4000);
        using LogMelFrontEnd frontEnd = Passt(seed: 9);
        float[] actual = LogMelFrontEndTests.ToArray(frontEnd.call(waveforms));
        using Generator generator = new(9);
        long low = randint(10, [1], generator: generator).item<long>();
        long high = 15000 + 1000 - randint(2000, [1], generator: generator).item<long>();

        LogMelOptions options = Options();
        (options.LowFrequency, options.HighFrequency) = (low, high);
        using var fixedEdges = new LogMelFrontEnd(options);
        CollectionAssert.AreEqual(LogMelFrontEndTests.ToArray(fixedEdges.call(waveforms)), actual);
    }

    [TestMethod]
    public void In_use_nothing_moves()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor waveforms = LogMelFrontEndTests.Waveforms(1, 4000);
        using LogMelFrontEnd frontEnd = Passt(seed: 1);
        using var exact = new LogMelFrontEnd(Options());
        float[] expected = LogMelFrontEndTests.ToArray(exact.call(waveforms));
        frontEnd.eval();
        CollectionAssert.AreEqual(expected, LogMelFrontEndTests.ToArray(frontEnd.call(waveforms)));
        CollectionAssert.AreEqual(expected, LogMelFrontEndTests.ToArray(frontEnd.call(waveforms)));
        frontEnd.train();
        CollectionAssert.AreNotEqual(expected, LogMelFrontEndTests.ToArray(frontEnd.call(waveforms)));
    }

    // The lowest band's weights begin, and the highest's end, where the drawn edges are, to a bin of half a Hz.
    [TestMethod]
    public void They_are_drawn_evenly_from_the_ranges_of_the_official_code()
    {
        const int Draws = 4000;
        var options = new LogMelOptions
        {
            SampleRate = 1000,
            FftSize = 2000,
            WindowLength = 1000,
            MelScale = MelScale.Slaney,
            MelBins = 4,
            LowFrequency = 20,
            HighFrequency = 400,
            LogOffset = 1,
        };
        var edges = new RandomBandEdges(options, 10, 100, "low", "high");
        var random = new Random(1);
        var lows = new int[Draws];
        var highs = new int[Draws];
        for (int i = 0; i < Draws; i++)
        {
            MelFilterBank bank = MelFilterBank.Create(edges.Draw(range => random.Next(range)));
            lows[i] = bank.Bands[0].FirstBin / 2;
            highs[i] = (bank.Bands[^1].FirstBin + bank.Bands[^1].Weights.Length) / 2;
        }

        Assert.AreEqual(20, lows.Min());
        Assert.AreEqual(29, lows.Max());
        Assert.AreEqual(351, highs.Min());
        Assert.AreEqual(450, highs.Max());

        // Five standard errors of the mean of uniform draws.
        Assert.AreEqual(24.5, lows.Average(), 5 * Math.Sqrt((100 - 1) / 12.0 / Draws));
        Assert.AreEqual(400.5, highs.Average(), 5 * Math.Sqrt((10_000 - 1) / 12.0 / Draws));
        Assert.HasCount(10, lows.Distinct().ToArray());
        Assert.HasCount(100, highs.Distinct().ToArray());
    }

    [TestMethod]
    [DataRow(-1, 0, "lowFrequencyRange")]
    [DataRow(0, -1, "highFrequencyRange")]
    [DataRow(0, 2002, "highFrequencyRange")]
    [DataRow(14002, 2000, "lowFrequencyRange")]
    public void Ranges_that_leave_the_spectrum_are_refused(int low, int high, string parameter)
    {
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new LogMelFrontEnd(Options(), low, high));
        Assert.AreEqual(parameter, error.ParamName);
    }

    [TestMethod]
    public void A_linear_spectrogram_has_no_edges_to_move()
    {
        LogMelOptions options = Options();
        options.MelScale = MelScale.Linear;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogMelFrontEnd(options, 0, 100));
        using var unmoved = new LogMelFrontEnd(options);
        Assert.AreEqual(513, unmoved.Bands);
    }

    private static LogMelFrontEnd Passt(long seed) => new(Options(), 10, 2000, seed);

    // PaSST's AudioSet recipe.
    private static LogMelOptions Options()
    {
        LogMelOptions options = LogMelOptions.Passt;
        (options.TargetSamples, options.HighFrequency) = (0, 15000);
        return options;
    }
}
