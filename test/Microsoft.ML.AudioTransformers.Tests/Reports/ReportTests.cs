using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.Reports;

[TestClass]
public class ReportTests
{
    private const string Hostile = "</script><img src=x onerror=alert(1)> & \"quotes\"";
    private const string Family = "\U0001F468\u200D\U0001F469\u200D\U0001F467 talk";
    private static readonly string[] s_names = ["dog", Hostile, Family, "\u72AC\u306E\u58F0"];

    [TestMethod]
    public void MetricsWithoutTheirClipsHaveNoReport()
    {
        using TemporaryFolder folder = new();
        AudioClassificationMetrics resampled = Metrics().Resample([0, 1]);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => resampled.SaveReport(folder.File("report.html")));

        StringAssert.Contains(exception.Message, "pooled from groups");
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void AClassificationHasItsNumbersAndItsClips()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        IDataView clips = SavedClips(folder, 5);

        Metrics().SaveReport(path, new AudioReportOptions
        {
            Clips = clips, OffsetColumnName = "Offset", DurationColumnName = "Duration", SampleRate = 8000, Code = "a < b",
        });

        var report = new ReportFile(path);
        report.AssertIsClosed();
        CollectionAssert.AreEqual(s_names, report.Classes);
        Assert.AreEqual(0.6, report.Number("Accuracy"), 1e-6);
        JsonElement accuracy = report.Section("Numbers").GetProperty("items")[0];
        Assert.IsLessThan(0.6, accuracy.GetProperty("low").GetDouble());
        Assert.IsGreaterThan(0.6, accuracy.GetProperty("high").GetDouble());

        // Clips 1 and 3 are wrong, clip 3 more surely.
        CollectionAssert.AreEqual(new[] { 3, 1 }, Ints(report.Section("Worst mistakes").GetProperty("clips")));
        JsonElement counts = report.Section("Confusion").GetProperty("counts");
        CollectionAssert.AreEqual(new[] { 1, 1, 0, 0 }, Ints(counts[0]));
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 0 }, Ints(counts[3]));
        JsonElement clip = report.Clips[3];
        CollectionAssert.AreEqual(new[] { 3 }, Ints(clip.GetProperty("e")));
        CollectionAssert.AreEqual(new[] { 2 }, Ints(clip.GetProperty("p")));
        StringAssert.EndsWith(clip.GetProperty("f").GetString(), "clip 3.wav");
        Assert.AreEqual(0.25, clip.GetProperty("o").GetDouble());
        Assert.AreEqual("a < b", report.Section("Code").GetProperty("text").GetString());
        StringAssert.StartsWith(clip.GetProperty("i").GetString(), "data:image/png;base64,");

        // Half a second at 8 kHz, in 16 bits, after a header of 44 bytes.
        byte[] wav = Bytes(clip.GetProperty("w").GetString()!, "data:audio/wav;base64,");
        Assert.AreEqual("RIFF", Encoding.ASCII.GetString(wav[..4]));
        Assert.AreEqual((1, 8000, 16), (
            BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(22)),
            BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24)),
            BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(34))));
        Assert.AreEqual(44 + (2 * 4000), wav.Length);
    }

    [TestMethod]
    public void AnyNameIsText()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        Metrics().SaveReport(path, new AudioReportOptions { Title = Hostile });
        var report = new ReportFile(path);
        report.AssertIsClosed();
        Assert.AreEqual(Hostile, report.Data.GetProperty("title").GetString());
        Assert.DoesNotContain("<img", report.Html);
        Assert.Contains("<title>&lt;/script&gt;", report.Html);
    }

    [TestMethod]
    public void ClipsAreBoundedAndSayWhyTheyAreSilent()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        IDataView clips = SavedClips(folder, 5);
        File.Delete(folder.File("clip 3.wav"));
        File.WriteAllText(folder.File("clip 1.wav"), "no sound");
        Metrics().SaveReport(path, new() { Clips = clips, ClipsPerKind = 2, ClipSeconds = 0.1, SampleRate = 8000 });

        var report = new ReportFile(path);
        Assert.HasCount(2, Ints(report.Section("Least sure").GetProperty("clips")));
        Assert.IsFalse(report.Clips[3].TryGetProperty("w", out _));
        StringAssert.Contains(report.Clips[3].GetProperty("x").GetString(), "clip 3.wav");
        StringAssert.StartsWith(report.Clips[1].GetProperty("x").GetString(), "No sound: ");
        byte[] heard = report.Clips.Where(clip => clip.TryGetProperty("w", out _))
            .Select(clip => Bytes(clip.GetProperty("w").GetString()!, "data:audio/wav;base64,")).First();
        Assert.AreEqual(44 + (2 * 800), heard.Length);
    }

    [TestMethod]
    public void WhatDoesNotFitIsNamed()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        AudioClassificationMetrics metrics = Metrics();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => metrics.SaveReport(path, new() { Clips = SavedClips(folder, 4) })).Message,
            "has 4 rows, and 5 were evaluated");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(
                () => metrics.SaveReport(path, new() { Clips = SavedClips(folder, 6) })).Message,
            "has 6 rows, and 5 were evaluated");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => metrics.SaveReport(path, new() { Clips = SavedClips(folder, 5), PathColumnName = "File" })).Message,
            "'File'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => metrics.SaveReport(path, new() { ClipSeconds = 61 })).Message,
            "ClipSeconds");
        Assert.IsFalse(File.Exists(path));
    }

    /// <summary>Clips without a label are rows of the evaluated view, in which the report finds the files.</summary>
    [TestMethod]
    public void ClipsWithoutALabelKeepTheirRows()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        var mlContext = new MLContext();
        string?[] labels = [null, "dog", null, "cat", null];
        IDataView rows = mlContext.Data.LoadFromEnumerable(labels.Select(label => new LabelledRow
        {
            Label = label ?? "", Verb = label ?? "", Noun = label ?? "", Score = [0.8f, 0.2f], NounScore = [0.8f, 0.2f],
        }).ToArray());
        InputOutputColumnPair[] pairs = [new("Label"), new("Verb"), new("Noun")];
        IDataView known = mlContext.Data.LoadFromEnumerable(
            new[] { "dog", "cat" }.Select(name => new { Label = name }));
        IDataView keys = mlContext.Transforms.Conversion.MapValueToKey(pairs, keyData: known).Fit(rows).Transform(rows);
        var options = new AudioReportOptions { Clips = SavedClips(folder, 5) };

        mlContext.AudioClassification().Evaluate(keys).SaveReport(path, options);
        AssertFiles();
        mlContext.ActionRecognition().Evaluate(keys, verbScoreColumnName: "Score").SaveReport(path, options);
        AssertFiles();

        void AssertFiles() => CollectionAssert.AreEqual(
            new[] { "clip 1.wav", "clip 3.wav" },
            new ReportFile(path).Clips.Select(clip => Path.GetFileName(clip.GetProperty("f").GetString())).ToArray());
    }

    [TestMethod]
    public void ATaggingHasCurvesWithThresholds()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        AudioTaggingMetrics.Compute([[1, 0], [0, 1], [1, 1]], [[0.9f, 0.1f], [0.8f, 0.6f], [0.7f, 0.5f]], ["dog", "cat"])
            .SaveReport(path);
        var report = new ReportFile(path);
        report.AssertIsClosed();

        // dog: right at ranks 1 and 3: (1 + 2/3) / 2. cat: both before the other.
        Assert.AreEqual((5.0 / 6 + 1) / 2, report.Number("mAP"), 1e-6);
        JsonElement dog = report.Section("Precision and recall").GetProperty("curves")[0];
        Assert.AreEqual("dog (AP 0.833)", dog.GetProperty("name").GetString());
        CollectionAssert.AreEqual(new[] { 1, 0.5, 0.5, 0 }, Doubles(dog.GetProperty("x")));
        CollectionAssert.AreEqual(new[] { 0.7, 0.8, 0.9, double.NaN }, Doubles(dog.GetProperty("t")));

        // Only of the second clip a label that is not there stands above one that is.
        CollectionAssert.AreEqual(new[] { 1 }, Ints(report.Section("Worst mistakes").GetProperty("clips")));
        CollectionAssert.AreEqual(new[] { 0, 1 }, Ints(report.Clips[1].GetProperty("p")));
    }

    [TestMethod]
    public void ActionsHaveBothConfusions()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        ActionRecognitionMetrics.Compute(
            [0, 1], [[0.9f, 0.1f], [0.6f, 0.4f]], [2, 0], [[0.1f, 0.2f, 0.7f], [0.8f, 0.1f, 0.1f]], probabilities: true)
            .SaveReport(path);
        var report = new ReportFile(path);
        Assert.AreEqual(0.5, report.Number("Action accuracy"));
        Assert.AreEqual(1, report.Number("Noun accuracy"));
        Assert.HasCount(5, report.Classes);
        CollectionAssert.AreEqual(new[] { 2, 3, 4 }, Ints(report.Section("Confusion of nouns").GetProperty("labels")));
        CollectionAssert.AreEqual(new[] { 1, 2 }, Ints(report.Clips[1].GetProperty("e")));
        CollectionAssert.AreEqual(new[] { 0, 2 }, Ints(report.Clips[1].GetProperty("p")));
    }

    [TestMethod]
    public void EventsHaveTimelinesOfTheirClips()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        var mlContext = new MLContext();
        SoundEventDetectionMetrics metrics = mlContext.SoundEventDetection().Evaluate(
            mlContext.Data.LoadFromEnumerable<EventRow>([new("a", "dog", 1, 2, 1), new("b", "cat", 0, 1, 1)]),
            mlContext.Data.LoadFromEnumerable<EventRow>(
                [new("a", "dog", 1.1, 2, 0.9), new("a", "cat", 0, 1, 0.3), new("b", "cat", 0, 1, 0.8)]),
            new()
            {
                EstimatedColumns = new() { Score = "Score" },
                ClipDurations = new Dictionary<string, double> { ["a"] = 4, ["b"] = 4 },
            });
        SavedClips(folder, 2);
        IDataView clips = mlContext.Data.LoadFromEnumerable<NamedClip>(
            [new("b", folder.File("clip 0.wav")), new("a", folder.File("clip 1.wav"))]);

        metrics.SaveReport(path, new() { Clips = clips });

        var report = new ReportFile(path);
        report.AssertIsClosed();

        // Two of three found events are right, and both annotated ones found: F1 = 4/5.
        Assert.AreEqual(0.8, report.Number("Event F1, overall"), 1e-6);
        JsonElement first = report.Clips[report.Section("Worst mistakes").GetProperty("clips")[0].GetInt32()];
        Assert.AreEqual("a", first.GetProperty("n").GetString());
        StringAssert.EndsWith(first.GetProperty("f").GetString(), "clip 1.wav");
        CollectionAssert.AreEqual(new[] { 1.0, 1, 2 }, Doubles(first.GetProperty("ref")[0]));
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 0.3 }, Doubles(first.GetProperty("det")[1]));
        Assert.AreEqual(0.3, report.Section("Threshold").GetProperty("from").GetDouble());
        JsonElement f1 = report.Section("Scores by threshold").GetProperty("curves")[0];
        Assert.AreEqual(1, Doubles(f1.GetProperty("y"))[1], 1e-6);
    }

    [TestMethod]
    public void TenThousandClipsOfTwoThousandClassesStaySmall()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        var random = new Random(1);
        int[] labels = [.. Enumerable.Range(0, 10_000).Select(_ => random.Next(2000))];
        var scores = new float[2000];
        var collector = new AudioClassificationCollector([.. Enumerable.Range(0, 2000).Select(i => $"class {i}")]);
        foreach (int label in labels)
        {
            scores[label] = 0.5f;
            scores[random.Next(2000)] += 0.4f;
            collector.Add(label, scores);
            Array.Clear(scores);
        }

        collector.ToMetrics().SaveReport(path);

        Assert.IsLessThan(8_000_000, new FileInfo(path).Length);
        var report = new ReportFile(path);
        Assert.HasCount(10_000, report.Clips);
        JsonElement confusion = report.Section("Confusion");
        Assert.AreEqual(25, confusion.GetProperty("labels").GetArrayLength());
        Assert.AreEqual(10_000, confusion.GetProperty("counts").EnumerateArray().Sum(row => Ints(row).Sum()));
        Assert.AreEqual(2000, report.Section("Classes").GetProperty("rows").GetArrayLength());
    }

    internal static AudioClassificationMetrics Metrics() => AudioClassificationMetrics.Compute(
        [0, 0, 1, 3, 2],
        [
            [0.7f, 0.1f, 0.1f, 0.1f], [0.3f, 0.5f, 0.1f, 0.1f], [0.2f, 0.6f, 0.1f, 0.1f], [0, 0, 0.9f, 0.1f],
            [0.1f, 0.1f, 0.7f, 0.1f],
        ],
        s_names);

    /// <summary>Clips of a second each, and the rows that name them: half a second from a quarter on.</summary>
    internal static IDataView SavedClips(TemporaryFolder folder, int count)
    {
        for (int i = 0; i < count; i++)
        {
            float[] samples = [.. Enumerable.Range(0, 16_000).Select(t => 0.5f * MathF.Sin(0.05f * (i + 1) * t))];
            AudioFile.Write(folder.File($"clip {i}.wav"), samples, 16_000);
        }

        return new MLContext().Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(
            i => new ClipRow { Path = folder.File($"clip {i}.wav"), Offset = 0.25f, Duration = 0.5f }));
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];

    private static double[] Doubles(JsonElement array) =>
        [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? double.NaN : item.GetDouble())];

    private static byte[] Bytes(string uri, string prefix)
    {
        StringAssert.StartsWith(uri, prefix);
        return Convert.FromBase64String(uri[prefix.Length..]);
    }

    private sealed class ClipRow
    {
        public string Path { get; set; } = "";

        public float Offset { get; set; }

        public float Duration { get; set; }
    }

    private sealed class LabelledRow
    {
        public string Label { get; set; } = "";

        public string Verb { get; set; } = "";

        public string Noun { get; set; } = "";

        [VectorType(2)]
        public float[] Score { get; set; } = [];

        [VectorType(2)]
        public float[] NounScore { get; set; } = [];
    }

    private sealed record EventRow(string Clip, string Label, double Onset, double Offset, double Score);

    private sealed record NamedClip(string Clip, string Path);
}
