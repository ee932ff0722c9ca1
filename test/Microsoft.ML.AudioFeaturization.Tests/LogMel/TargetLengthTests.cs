namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

/// <summary>How much of a waveform features of a target length are made of.</summary>
[TestClass]
public sealed class TargetLengthTests
{
    [TestMethod]
    [DataRow(FrameAlignment.Inside, PreEmphasisKind.Frame, EdgePadding.Zero)]
    [DataRow(FrameAlignment.Inside, PreEmphasisKind.Waveform, EdgePadding.Zero)]
    [DataRow(FrameAlignment.Centered, PreEmphasisKind.Waveform, EdgePadding.Reflect)]
    [DataRow(FrameAlignment.Centered, PreEmphasisKind.Frame, EdgePadding.Edge)]
    [DataRow(FrameAlignment.HopCentered, PreEmphasisKind.Waveform, EdgePadding.Symmetric)]
    public void Features_are_those_of_the_needed_samples_whatever_follows(
        FrameAlignment alignment, PreEmphasisKind emphasis, EdgePadding padding)
    {
        foreach ((int samples, int frames) in new[] { (0, 1), (0, 23), (4000, 0), (4000, 60) })
        {
            LogMelOptions options = LogMelOptions.CreatePasst(16000);
            (options.TargetSamples, options.TargetFrames) = (samples, frames);
            (options.Alignment, options.PreEmphasisKind, options.Padding) = (alignment, emphasis, padding);
            options.Window = NWaves.Windows.WindowType.Rectangular;
            var extractor = new LogMelExtractor(options);
            float[] waveform = Signals.Noise(20000, seed: 1);
            float[] expected = extractor.Extract(waveform);
            int needed = extractor.NeededSamples;

            CollectionAssert.AreEqual(expected, extractor.Extract(waveform.AsSpan(0, needed)), $"{samples}, {frames}");

            // The last sample of the last frame counts: it is not more than needed.
            if (frames == 23)
            {
                waveform[needed - 1] += 0.25f;
                CollectionAssert.AreNotEqual(expected, extractor.Extract(waveform), $"{samples}, {frames}");
            }
        }
    }

    /// <summary>AST's front end: 1023 hops of 160 samples and a window of 400.</summary>
    [TestMethod]
    public void Frames_inside_need_a_window_and_their_hops()
    {
        Assert.AreEqual((1023 * 160) + 400, new LogMelExtractor(LogMelOptions.Ast).NeededSamples);
        Assert.AreEqual(320000, new LogMelExtractor(LogMelOptions.Passt).NeededSamples);
    }

    /// <summary>Nothing is left out where every frame depends on the mean of all, or there is no target.</summary>
    [TestMethod]
    public void A_mean_of_the_whole_waveform_needs_it_whole()
    {
        LogMelOptions options = LogMelOptions.Ast;
        options.RemoveDcOffset = false;
        Assert.AreEqual(int.MaxValue, new LogMelExtractor(options).NeededSamples);
        options.RemoveDcOffset = true;
        options.TargetFrames = 0;
        Assert.AreEqual(int.MaxValue, new LogMelExtractor(options).NeededSamples);
    }

    /// <summary>The case long-clip-cut: 64 frames do not hear 80000 samples.</summary>
    [TestMethod]
    public void Targets_that_contradict_each_other_are_an_error_that_names_both()
    {
        LogMelOptions options = LogMelOptions.CreateAst();
        (options.TargetSamples, options.TargetFrames) = (80000, 64);

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogMelExtractor(options));

        StringAssert.Contains(exception.Message, "LogMelOptions.TargetSamples is 80000", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "64 frames of TargetFrames", StringComparison.Ordinal);

        // 63 hops of 160 and a window of 400, and less than a hop more.
        options.TargetSamples = (63 * 160) + 400 + 159;
        Assert.AreEqual(64, new LogMelExtractor(options).FrameCount(1 << 20));
        options.TargetSamples++;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogMelExtractor(options));
    }
}
