using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring.Streaming;

/// <summary>A stream's windows have the scores that the same model gives for clips of their samples.</summary>
[TestClass]
public sealed class StreamingClassifierTests
{
    private const int Rate = 4000;
    private const int Length = 800;

    private static AudioClassificationTransformer s_model = null!;

    [ClassInitialize]
    public static void Train(TestContext context)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.FrontEnd = LogMelOptions.CreatePasst(Rate);
        (options.FrontEnd.MelBins, options.FrontEnd.HighFrequency) = (8, 1800);
        options.FrontEnd.TargetSamples = Length;
        options.Epochs = 2;
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 16).Select(i => new Clip
        {
            Label = TinyModel.Classes[i % 2],
            Features = Chirp(Length, i % 2),
        }));
        IDataView keys = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        s_model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(keys);
    }

    [ClassCleanup]
    public static void DisposeModel() => s_model.Dispose();

    [TestCleanup]
    public void Reset() => s_model.Windows = new WindowOptions();

    /// <summary>2600 samples in windows of 800, 400 apart: by hand 0, 0.1, ... 0.4 s, and what the rule says of the rest.
    /// </summary>
    [TestMethod]
    [DataRow(WindowTail.ShiftBack, 1800, 2600)]
    [DataRow(WindowTail.Pad, 2000, 2600)]
    [DataRow(WindowTail.Drop, 0, 0)]
    public void Windows_are_scored_as_clips_whatever_the_blocks(WindowTail tail, int lastStart, int lastEnd)
    {
        s_model.Windows = new WindowOptions { Tail = tail };
        float[] stream = Chirp(2600, 3);
        List<(int Start, int End)> windows = [(0, 800), (400, 1200), (800, 1600), (1200, 2000), (1600, 2400)];
        if (lastEnd > 0 && tail != WindowTail.Drop)
        {
            windows.Add((lastStart, lastEnd));
        }

        float[][] expected = Scores([.. windows.Select(window => stream[window.Start..window.End])]);
        foreach (int block in new[] { 1, 7, 1000, 2600 })
        {
            List<Found> found = Stream(stream, block);
            CollectionAssert.AreEqual(
                windows.Select(window => (window.Start / 4000.0, window.End / 4000.0)).ToArray(),
                found.Select(window => (window.Start, window.End)).ToArray());
            AssertScores(expected, found);
        }
    }

    [TestMethod]
    public void A_stream_shorter_than_a_window_is_one_short_clip()
    {
        float[] stream = Chirp(500, 3);
        List<Found> found = Stream(stream, 100);
        Assert.AreEqual((0.0, 0.125), (found.Single().Start, found.Single().End));
        AssertScores(Scores([stream]), found);
        Assert.IsEmpty(Stream([], 1));
    }

    /// <summary>Stereo at another rate, in blocks that end within a frame: as the reader of files mixes and resamples.</summary>
    [TestMethod]
    [DataRow(8000, 2)]
    [DataRow(11025, 3)]
    [DataRow(4000, 2)]
    public void Any_rate_and_channels_give_what_a_file_of_them_gives(int rate, int channels)
    {
        float[] interleaved = Chirp(rate * channels, 5);
        using var file = new MemoryStream();
        AudioFile.Write(file, interleaved, rate, channels);
        file.Position = 0;
        using AudioReader reader = AudioReader.Open(file, Rate);
        float[] mono = reader.ReadToEnd();
        Assert.HasCount(Rate, mono);
        float[][] expected = Scores([.. Enumerable.Range(0, 9).Select(i => mono[(i * 400)..((i * 400) + Length)])]);

        List<Found> found = Stream(interleaved, 101, rate, channels);

        AssertScores(expected, found);
    }

    [TestMethod]
    public void Streams_of_one_model_run_side_by_side()
    {
        float[][] streams = [.. Enumerable.Range(0, 6).Select(i => Chirp(4000 + (i * 100), i))];
        List<Found>[] alone = [.. streams.Select(stream => Stream(stream, 333))];
        var together = new List<Found>[streams.Length];
        Parallel.For(0, streams.Length, i => together[i] = Stream(streams[i], 333));
        for (int i = 0; i < streams.Length; i++)
        {
            AssertScores([.. alone[i].Select(window => window.Scores)], together[i]);
        }
    }

    /// <summary>
    /// Of its own, a stream allocates nothing a window: what the thread allocates is what the forward pass allocates when it is
    /// called directly, a TorchSharp handle for each tensor.
    /// </summary>
    [TestMethod]
    public void A_warm_stream_allocates_no_more_than_the_forward_pass()
    {
        const int windows = 60;
        var features = new float[s_model.Model.Description.Shape.Length];
        var scores = new float[2];
        for (int i = 0; i < 20; i++)
        {
            s_model.Model.Score(features, 1, scores);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < windows; i++)
        {
            s_model.Model.Score(features, 1, scores);
        }

        double forward = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / windows;
        int received = 0;
        StreamingClassifier classifier = s_model.CreateStreamingClassifier(
            window => received += window.Label is null ? 0 : 1, 8000, 2);
        float[] second = Chirp(2 * 8000, 1);
        for (int i = 0; i < 4; i++)
        {
            classifier.Write(second);
        }

        received = 0;
        before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < windows / 10; i++)
        {
            classifier.Write(second);
        }

        double streamed = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / received;
        Assert.AreEqual(windows, received, 2, "the resampler holds samples back from call to call");
        Assert.AreEqual(forward, streamed, 64, $"bytes a window; the forward pass {forward}, the stream {streamed}");
    }

    [TestMethod]
    public void Times_and_errors_are_told()
    {
        StreamingClassifier classifier = s_model.CreateStreamingClassifier(_ => { });
        Assert.AreEqual((0.2, 0.1, 0.1), (classifier.WindowSeconds, classifier.HopSeconds, classifier.Latency));
        Assert.IsGreaterThan(0.1, s_model.CreateStreamingClassifier(_ => { }, 8000).Latency);

        var wrong = Assert.ThrowsExactly<ArgumentException>(() => classifier.Write([0, 1, float.NaN]));
        StringAssert.Contains(wrong.Message, "Sample 2 of the block is NaN", StringComparison.Ordinal);
        classifier.Finish();
        Assert.ThrowsExactly<InvalidOperationException>(() => classifier.Write([0]));
        Assert.ThrowsExactly<InvalidOperationException>(classifier.Finish);
        foreach ((int rate, int channels) in new[] { (249, 1), (-1, 1), (1_000_001, 1), (0, 0), (0, 1025) })
        {
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => s_model.CreateStreamingClassifier(_ => { }, rate, channels), $"{rate}, {channels}");
        }
    }

    private static List<Found> Stream(float[] samples, int block, int sampleRate = 0, int channels = 1)
    {
        List<Found> found = [];
        StreamingClassifier classifier = s_model.CreateStreamingClassifier(
            window =>
            {
                Assert.AreEqual(window.Scores[0] < window.Scores[1] ? 1 : 0, window.Predicted[0]);
                Assert.AreEqual(TinyModel.Classes[window.Predicted[0]], window.Label);
                found.Add(new Found(window.Start, window.End, window.Scores.ToArray()));
            },
            sampleRate,
            channels);
        for (int at = 0; at < samples.Length; at += block)
        {
            classifier.Write(samples.AsSpan(at, Math.Min(block, samples.Length - at)));
        }

        classifier.Finish();
        return found;
    }

    private static float[][] Scores(float[][] clips) => TinyModel.Scores(s_model.Transform(
        new MLContext().Data.LoadFromEnumerable(clips.Select(clip => new Clip { Features = clip }).ToArray())));

    private static void AssertScores(float[][] expected, List<Found> found)
    {
        Assert.HasCount(expected.Length, found);
        for (int window = 0; window < expected.Length; window++)
        {
            Assert.AreEqual(expected[window][0], found[window].Scores[0], 2e-6f, $"window {window}");
        }
    }

    private static float[] Chirp(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(n =>
            (float)((0.3 * Math.Sin((0.2 + (seed * 0.3)) * n * (1 + (n / 3000.0)))) + (0.05 * (random.NextDouble() - 0.5))))];
    }

    private sealed record Found(double Start, double End, float[] Scores);

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
