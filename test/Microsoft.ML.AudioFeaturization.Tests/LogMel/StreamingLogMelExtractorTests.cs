namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

[TestClass]
public sealed class StreamingLogMelExtractorTests
{
    [TestMethod]
    [DataRow("ast")]
    [DataRow("htsat")]
    [DataRow("passt")]
    [DataRow("kaldi padded")]
    [DataRow("wide hop")]
    public void Blocks_of_any_size_give_the_same_to_the_bit(string preset)
    {
        LogMelOptions options = preset switch
        {
            "ast" or "kaldi padded" or "wide hop" => LogMelOptions.Ast,
            "htsat" => LogMelOptions.CreateHtsAt(16000),
            _ => LogMelOptions.CreatePasst(16000),
        };
        if (preset == "kaldi padded")
        {
            (options.Alignment, options.Padding) = (FrameAlignment.HopCentered, EdgePadding.Symmetric);
        }
        else if (preset == "wide hop")
        {
            options.HopLength = 1000;
        }

        (options.TargetFrames, options.TargetSamples) = (0, 0);
        var extractor = new LogMelExtractor(options);
        var random = new Random(11);
        foreach (int length in new[] { 401, 700, 5000, 40000 })
        {
            float[] waveform = Signals.Noise(length, length);
            float[] whole = extractor.Extract(waveform);
            for (int round = 0; round < 3; round++)
            {
                var stream = new StreamingLogMelExtractor(extractor);
                var frames = new List<float>();
                for (int start = 0; start < length;)
                {
                    int count = Math.Min(round == 0 ? length : random.Next(0, 3000), length - start);
                    var room = new float[stream.MaximumFrames(count) * extractor.Bands];
                    int written = stream.Write(waveform.AsSpan(start, count), room);
                    frames.AddRange(room.AsSpan(0, written * extractor.Bands));
                    start += count;
                }

                var rest = new float[stream.MaximumFrames(0) * extractor.Bands];
                frames.AddRange(rest.AsSpan(0, stream.Finish(rest) * extractor.Bands));
                CollectionAssert.AreEqual(whole, frames, $"{preset}, {length} samples, round {round}");
                Assert.AreEqual(length, stream.SampleCount);
                Assert.AreEqual(whole.Length / extractor.Bands, stream.FrameCount);
            }
        }
    }

    [TestMethod]
    public void Options_that_need_the_whole_waveform_are_named()
    {
        foreach ((Action<LogMelOptions> change, string option) in new (Action<LogMelOptions>, string)[]
        {
            (options => options.TargetSamples = 1000, "TargetSamples"),
            (options => options.TargetFrames = 10, "TargetFrames"),
            (options => (options.Log, options.DynamicRange) = (LogKind.Decibel, 80), "DynamicRange"),
            (options => (options.SubtractMean, options.RemoveDcOffset) = (true, false), "SubtractMean"),
            (options => options.Layout = FeatureLayout.BandsByFrames, "Layout"),
        })
        {
            LogMelOptions options = LogMelOptions.Ast;
            options.TargetFrames = 0;
            change(options);
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                new StreamingLogMelExtractor(new LogMelExtractor(options)));
            StringAssert.Contains(exception.Message, option, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_sample_that_is_not_finite_is_named()
    {
        LogMelOptions options = LogMelOptions.Ast;
        options.TargetFrames = 0;
        var stream = new StreamingLogMelExtractor(new LogMelExtractor(options));
        float[] waveform = Signals.Noise(50000, 1);
        waveform[33333] = float.NaN;
        var room = new float[stream.MaximumFrames(waveform.Length) * 128];
        var exception = Assert.ThrowsExactly<ArgumentException>(() => stream.Write(waveform, room));
        StringAssert.Contains(exception.Message, "Sample 33333 is NaN", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_finished_stream_takes_no_more()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(16000);
        options.TargetSamples = 0;
        var stream = new StreamingLogMelExtractor(new LogMelExtractor(options));
        Assert.AreEqual(0, stream.Finish([]));
        Assert.ThrowsExactly<InvalidOperationException>(() => stream.Write([1f], new float[1000]));
    }
}
