using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>A detector of untrained weights: what it hears follows from them, and is the same on every way to it.</summary>
[TestClass]
public sealed partial class SoundEventDetectionTests
{
    private const int SampleRate = 8000;
    private static readonly string[] s_classes = ["ping", "pong", "hum"];

    /// <summary>Front end's length: one second. Image: 128 frames, 1.28 s. So both lengths lie between these.</summary>
    private static readonly int[] s_lengths = [3000, 8000, 8001, 10_000, 10_241, 30_000];

    [TestMethod]
    public void RowsHoldTheEventsOfTheirRecordings()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        Recording[] recordings = Recordings();
        IDataView data = mlContext.Data.LoadFromEnumerable(recordings);
        using SoundEventDetectionTransformer detector = Detector(mlContext, folder, data);

        Detected[] rows = [.. mlContext.Data.CreateEnumerable<Detected>(detector.Transform(data), reuseRowObject: false)];

        for (int i = 0; i < rows.Length; i++)
        {
            Detected row = rows[i];
            Assert.IsNotEmpty(row.EventLabels, $"recording {i}");
            StreamingSoundEventDetector stream = detector.CreateStreamingDetector("");
            SoundEvent[] events =
            [
                .. stream.Write(recordings[i].Features).Concat(stream.Finish())
                    .OrderBy(item => item.Onset).ThenBy(item => item.Label, StringComparer.Ordinal),
            ];
            CollectionAssert.AreEqual(events.Select(item => item.Label).ToArray(), row.EventLabels.Select(Name).ToArray());
            CollectionAssert.AreEqual(events.Select(item => (float)item.Onset).ToArray(), row.EventOnsets);
            CollectionAssert.AreEqual(events.Select(item => (float)item.Offset).ToArray(), row.EventOffsets);
            CollectionAssert.AreEqual(events.Select(item => (float)item.Score).ToArray(), row.EventScores);
            double duration = recordings[i].Features.Length / (double)SampleRate;
            Assert.IsTrue(events.All(item => item.Onset >= 0 && item.Onset < item.Offset && item.Offset <= duration));
            Assert.HasCount(3, row.Score);
            Assert.IsTrue(row.Score.All(score => score is > 0 and < 1));
        }
    }

    [TestMethod]
    public void PiecesOfAnySizeGiveTheSameEvents()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        Recording[] recordings = Recordings();
        using SoundEventDetectionTransformer detector =
            Detector(mlContext, folder, mlContext.Data.LoadFromEnumerable(recordings));

        foreach (Recording recording in recordings)
        {
            SoundEvent[][] found = [.. new[] { 100, 4097, recording.Features.Length }.Select(piece =>
            {
                StreamingSoundEventDetector stream = detector.CreateStreamingDetector(recording.Name);
                List<SoundEvent> events = [];
                foreach (float[] samples in recording.Features.Chunk(piece))
                {
                    events.AddRange(stream.Write(samples));
                }

                events.AddRange(stream.Finish());
                Assert.AreEqual(recording.Features.Length, stream.SampleCount);
                return events.ToArray();
            })];
            using AudioReader reader = AudioReader.Open(new MemoryStream(Wav(recording.Features)));
            SoundEvent[] read = [.. detector.DetectEvents(reader, recording.Name)];

            Assert.IsNotEmpty(found[0]);
            Assert.IsTrue(found[0].All(item => item.Clip == recording.Name));
            CollectionAssert.AreEqual(found[0], found[1]);
            CollectionAssert.AreEqual(found[0], found[2]);
            CollectionAssert.AreEqual(found[0], read);
        }
    }

    [TestMethod]
    public void EventsAreRowsOfTheirOwn()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(Recordings());
        using SoundEventDetectionTransformer detector = Detector(mlContext, folder, data);
        Detected[] rows = [.. mlContext.Data.CreateEnumerable<Detected>(detector.Transform(data), reuseRowObject: false)];

        IDataView events = detector.DetectEvents(data, "Name");
        EventRow[] found = [.. mlContext.Data.CreateEnumerable<EventRow>(events, reuseRowObject: false)];
        EventRow[] numbered = [.. mlContext.Data.CreateEnumerable<EventRow>(detector.DetectEvents(data), reuseRowObject: false)];

        CollectionAssert.AreEqual(
            rows.SelectMany((row, i) => row.EventOnsets.Select(_ => $"recording {i}")).ToArray(),
            found.Select(item => item.Clip).ToArray());
        CollectionAssert.AreEqual(
            rows.SelectMany((row, i) => row.EventOnsets.Select(_ => $"{i}")).ToArray(),
            numbered.Select(item => item.Clip).ToArray());
        CollectionAssert.AreEqual(
            rows.SelectMany(row => row.EventLabels.Select(Name)).ToArray(), found.Select(item => item.Label).ToArray());
        CollectionAssert.AreEqual(
            rows.SelectMany(row => row.EventOffsets).ToArray(), found.Select(item => (float)item.Offset).ToArray());
    }

    [TestMethod]
    public void ALoadedDetectorFindsTheSame()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(Recordings());
        using SoundEventDetectionTransformer detector = Detector(mlContext, folder, data);
        EventDecodingOptions decoding = detector.Decoding;
        decoding.MinimumGaps = [0.1];
        decoding.Mapping = new ClassMapping(["ball", "hum"], [[0, 1], [2]]);
        decoding.Thresholds = [decoding.Thresholds[0], decoding.Thresholds[2]];
        detector.Decoding = decoding;
        CollectionAssert.AreEqual(new[] { "ball", "hum" }, detector.EventClassNames.ToArray());
        string path = folder.File("detector.zip");
        mlContext.Model.Save(detector, data.Schema, path);

        using var loaded = (SoundEventDetectionTransformer)new MLContext().RegisterAudioTransformers().Model.Load(path, out _);

        CollectionAssert.AreEqual(detector.EventClassNames.ToArray(), loaded.EventClassNames.ToArray());
        CollectionAssert.AreEqual(detector.ClassNames.ToArray(), loaded.ClassNames.ToArray());
        CollectionAssert.AreEqual(
            Rows(mlContext, detector.DetectEvents(data)), Rows(mlContext, loaded.DetectEvents(data)));
        CollectionAssert.AreEqual(decoding.Thresholds, loaded.Decoding.Thresholds);
    }

    [TestMethod]
    public void FeaturesMayHaveAnyNumberOfFrames()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        Recording[] recordings = Recordings();
        IDataView waveforms = mlContext.Data.LoadFromEnumerable(recordings);
        using SoundEventDetectionTransformer fromWaveforms = Detector(mlContext, folder, waveforms);
        LogMelOptions frontEnd = FrontEnd();
        frontEnd.TargetSamples = 0;
        var extractor = new LogMelExtractor(frontEnd);
        IDataView fixedLength = mlContext.Data.LoadFromEnumerable(new[] { new OneSecond() });
        IDataView features = mlContext.Data.LoadFromEnumerable(recordings.Skip(1)
            .Select(recording => new Recording { Features = extractor.Extract(recording.Features) }));

        SoundEventDetectionEstimator.Options options = Options(folder);
        options.Model.FrontEnd = null;
        options.Decoding = fromWaveforms.Decoding;
        using SoundEventDetectionTransformer detector = mlContext.SoundEventDetection().Pretrained(options).Fit(fixedLength);

        // The first recording is padded by the front end, the features would not be.
        Detected[] expected =
            [.. mlContext.Data.CreateEnumerable<Detected>(fromWaveforms.Transform(waveforms), reuseRowObject: false).Skip(1)];
        Detected[] found = [.. mlContext.Data.CreateEnumerable<Detected>(detector.Transform(features), reuseRowObject: false)];
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Score, found[i].Score);
            CollectionAssert.AreEqual(expected[i].EventLabels, found[i].EventLabels);
            CollectionAssert.AreEqual(expected[i].EventOnsets, found[i].EventOnsets);
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => detector.CreateStreamingDetector("x"));
    }

    [TestMethod]
    public void DecodingIsCheckedWhenItIsSet()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(Recordings());
        using SoundEventDetectionTransformer detector = Detector(mlContext, folder, data);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => detector.Decoding = new EventDecodingOptions { Thresholds = [0.5, 0.5] });
        StringAssert.Contains(error.Message, "Thresholds is of 2 values; expected one value, or one for each of 3 classes");

        detector.Decoding = new EventDecodingOptions { Thresholds = [1] };
        Assert.IsEmpty(Rows(mlContext, detector.DetectEvents(data)));
    }

    [TestMethod]
    public void WeightsOfOtherClassesAreAnError()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(Recordings());
        SoundEventDetectionEstimator.Options options = Options(folder);
        options.ClassNames = ["one", "two"];

        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => mlContext.SoundEventDetection().Pretrained(options).Fit(data));

        StringAssert.Contains(error.Message, "tscam_conv");
        StringAssert.Contains(error.Message, "2 classes");
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        using var folder = new TemporaryFolder();
        (string Name, Action<SoundEventDetectionEstimator.Options> Set)[] wrong =
        [
            ("ClassNames", options => options.ClassNames = []),
            ("ClassNames", options => options.ClassNames = ["a", "b", "a"]),
            ("Model.PretrainedWeights", options => options.Model.PretrainedWeights = null),
            ("FrameMilliseconds", options => options.FrameMilliseconds = 0),
            ("EventColumnPrefix", options => options.EventColumnPrefix = ""),
            ("Model.Config.WindowSize", options => ((HtsAtOptions)options.Model).Config.WindowSize = 0),
        ];
        foreach ((string name, Action<SoundEventDetectionEstimator.Options> set) in wrong)
        {
            SoundEventDetectionEstimator.Options options = Options(folder);
            set(options);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().SoundEventDetection().Pretrained(options), name);
            StringAssert.Contains(error.Message, $"Option {name} is ");
        }
    }

    [TestMethod]
    public void KeepsNoTensors()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        Recording[] recordings = Recordings();
        using SoundEventDetectionTransformer detector =
            Detector(mlContext, folder, mlContext.Data.LoadFromEnumerable(recordings));

        LeakCheck.NoGrowth(
            () => LiveTensors.Count,
            () =>
            {
                StreamingSoundEventDetector stream = detector.CreateStreamingDetector("x");
                stream.Write(recordings[^1].Features);
                stream.Finish();
            },
            steps: 5);
    }

    private static SoundEventDetectionTransformer Detector(MLContext mlContext, TemporaryFolder folder, IDataView data)
    {
        SoundEventDetectionTransformer detector = mlContext.SoundEventDetection().Pretrained(Options(folder)).Fit(data);

        // Untrained, a class's presence hardly moves from its score: a threshold there makes events.
        float[] scores = detector.Detect("", Recordings()[^1].Features, detector.Description).Scores;
        detector.Decoding = new EventDecodingOptions { Thresholds = [.. scores.Select(score => (double)score)] };
        return detector;
    }

    private static SoundEventDetectionEstimator.Options Options(TemporaryFolder folder)
    {
        string path = folder.File("weights.safetensors");
        HtsAtOptions model = new()
        {
            Config = { ImageSize = 32, EmbedDim = 8, Depths = [1, 1], Heads = [1, 2], WindowSize = 4 },
            FrontEnd = FrontEnd(),
            PretrainedWeights = path,
        };
        if (!File.Exists(path))
        {
            using HtsAt network = new(model.Config with { MelBins = 8, Classes = 3 }, new torch.Generator(5));
            ModuleWeights.Save(network, path);
        }

        return new SoundEventDetectionEstimator.Options { Model = model, ClassNames = s_classes };
    }

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(SampleRate);
        frontEnd.WindowLength = 256;
        frontEnd.MelBins = 8;
        frontEnd.TargetSamples = SampleRate;
        return frontEnd;
    }

    private static Recording[] Recordings()
    {
        var random = new Random(3);
        return [.. s_lengths.Select((length, number) => new Recording
        {
            Name = $"recording {number}",
            Features =
            [
                .. Enumerable.Range(0, length).Select(i =>
                    (0.5f * MathF.Sin(i * 0.1f) * MathF.Sin(i * 0.002f)) + (0.1f * (random.NextSingle() - 0.5f))),
            ],
        })];
    }

    /// <summary>A WAV file of float32 samples.</summary>
    private static byte[] Wav(float[] samples)
    {
        using var stream = new MemoryStream();
        AudioFile.Write(stream, samples, SampleRate);
        return stream.ToArray();
    }

    private static string Name(uint key) => s_classes[key - 1];

    private static (string, string, double, double)[] Rows(MLContext mlContext, IDataView events) =>
    [
        .. mlContext.Data.CreateEnumerable<EventRow>(events, reuseRowObject: false)
            .Select(row => (row.Clip, row.Label, row.Onset, row.Offset)),
    ];

    private sealed class Recording
    {
        public string Name { get; set; } = "";

        public float[] Features { get; set; } = [];
    }

    private sealed class OneSecond
    {
        [VectorType(101, 8)]
        public float[] Features { get; set; } = new float[101 * 8];
    }

    private sealed class Detected
    {
        public float[] Score { get; set; } = [];

        public uint[] EventLabels { get; set; } = [];

        public float[] EventOnsets { get; set; } = [];

        public float[] EventOffsets { get; set; } = [];

        public float[] EventScores { get; set; } = [];
    }

    private sealed class EventRow
    {
        public string Clip { get; set; } = "";

        public string Label { get; set; } = "";

        public double Onset { get; set; }

        public double Offset { get; set; }

        public double Score { get; set; }
    }
}
