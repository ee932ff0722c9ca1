using System.Buffers.Binary;
using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.AudioFeaturization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests;

/// <summary>What the formatters make of the library's types.</summary>
[TestClass]
public sealed class FormatterTests
{
    private const string Hostile = "<script>alert(\"1\")</script>&'";

    [ClassInitialize]
    public static void Load(TestContext context) => AudioNotebook.LoadFormatters();

    [TestMethod]
    public void PlayerHasTheSoundAsWav()
    {
        byte[] wav = DataUri(Html(new AudioPlayer([0.5f, -0.5f, 1f, 0f], 8000, "four samples")), "audio/wav");

        Assert.AreEqual("RIFF", Encoding.ASCII.GetString(wav, 0, 4));
        Assert.AreEqual(1, BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(22)), "channels");
        Assert.AreEqual(8000, BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24)), "sample rate");
        Assert.AreEqual(16, BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(34)), "bits");
        short[] samples =
        [
            .. Enumerable.Range(0, 4)
                .Select(i => BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(wav.Length - 8 + (2 * i)))),
        ];
        CollectionAssert.AreEqual(new short[] { 16384, -16384, 32767, 0 }, samples);
    }

    [TestMethod]
    public void PlayerKeepsTheFirstSeconds()
    {
        string html = Html(new AudioPlayer(new float[8000 * 30], 8000, "long", seconds: 2));

        // 16 bits a sample after a header.
        Assert.IsInRange(8000 * 2 * 2, (8000 * 2 * 2) + 100, DataUri(html, "audio/wav").Length);
        StringAssert.Contains(html, "the first 2 of 30 s");
        Assert.IsLessThan(150_000, html.Length);
    }

    [TestMethod]
    public void PlayerOfNoSamplesHasNoPicture() =>
        Assert.DoesNotContain("<img", Html(new AudioPlayer([], 16_000)));

    [TestMethod]
    public void PlayerOpensRecordings()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("birds"));
        string path = folder.File("birds/wren.wav");
        AudioFile.Write(path, new float[4000], 16_000);

        AudioPlayer player = AudioPlayer.Open(path);

        Assert.AreEqual("birds/wren.wav: 0.25 s at 16000 Hz", player.ToString());
    }

    [TestMethod]
    public void PlayerNamesWhatIsWrong()
    {
        string sample = Assert.ThrowsExactly<ArgumentException>(() => new AudioPlayer([0, float.NaN], 8000)).Message;
        string seconds = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AudioPlayer([0], 8000, "", 61)).Message;
        string rate = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AudioPlayer([0], 0)).Message;

        StringAssert.Contains(sample, "Sample 1 is NaN");
        StringAssert.Contains(seconds, "The seconds are 61; expected above 0, up to 60.");
        StringAssert.Contains(rate, "The sample rate is 0 Hz; expected 1 to 768000.");
    }

    [TestMethod]
    public void PictureHasAColumnAFrameAndARowABin()
    {
        var picture = new LogMelPicture(new float[7 * 5], melBins: 5, "seven frames", hopSeconds: 0.01);

        string html = Html(picture);
        byte[] png = DataUri(html, "image/png");

        // Width and height are the first words of a PNG's header chunk.
        Assert.AreEqual(7, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        Assert.AreEqual(5, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
        StringAssert.Contains(html, ">seconds<");
        StringAssert.Contains(html, "7 frames of 5 mel bins");
        StringAssert.Contains(Html(new LogMelPicture(new float[5], 5)), ">frames<");
    }

    [TestMethod]
    public void PictureOfALongClipIsBounded()
    {
        byte[] png = DataUri(Html(new LogMelPicture(new float[100_000 * 4], 4)), "image/png");

        Assert.AreEqual(600, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
    }

    [TestMethod]
    public void PictureOfNoWholeFramesIsRefused()
    {
        string message = Assert.ThrowsExactly<ArgumentException>(() => new LogMelPicture(new float[7], 5)).Message;

        StringAssert.Contains(message, "The log-mel has 7 values; expected whole frames of 5 bins.");
    }

    [TestMethod]
    public void MetricsHaveNumbersAndTheConfusionTable()
    {
        // Two of three clips are right; the class rates are 1/2 and 1.
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute(
            [0, 0, 1], [[0.9f, 0.1f], [0.2f, 0.8f], [0.3f, 0.7f]], ["dog", "cat"]);

        string html = Html(metrics);

        StringAssert.Contains(html, ">0.667<");
        StringAssert.Contains(html, ">0.750<");
        StringAssert.Contains(html, "dog taken for cat: 1 of 2");
        Assert.AreEqual(
            "accuracy 0.667, mean class accuracy 0.750, macro F1 0.667, clips 3",
            metrics.ToDisplayString(PlainTextFormatter.MimeType));
    }

    [TestMethod]
    public void TextOfDataIsEncoded()
    {
        AudioClassificationMetrics classes = AudioClassificationMetrics.Compute([0], [[0.9f, 0.1f]], [Hostile, "cat"]);
        AudioTaggingMetrics tags = AudioTaggingMetrics.Compute(
            [[1, 0], [0, 1]], [[0.9f, 0.1f], [0.2f, 0.8f]], [Hostile, "cat"]);
        SvgChart timeline = EventTimeline.Draw(Hostile, 1, [new SoundEvent(Hostile, Hostile, 0, 1)], []);

        foreach (object value in new object[]
        {
            classes, classes.ConfusionTable, tags, timeline, new AudioPlayer([0], 8000, Hostile),
            new LogMelPicture(new float[4], 4, Hostile), new TrainingView(Hostile, null),
        })
        {
            Assert.DoesNotContain("<script", Html(value), value.GetType().Name);
            Assert.Contains("&lt;script", Html(value), value.GetType().Name);
        }
    }

    [TestMethod]
    public void TableHasARowAValue()
    {
        object table = AudioNotebook.Table([new { Name = Hostile, Share = 0.5, Count = 3 }]);

        string html = Html(table);

        StringAssert.Contains(html, ">Share</th>");
        StringAssert.Contains(html, "text-align:right\">0.500</td>");
        StringAssert.Contains(html, ">3</td>");
        Assert.DoesNotContain("<script", html);
        Assert.AreEqual(
            "N   V\na   1\nb  20", AudioNotebook.Table([new { N = "a", V = 1 }, new { N = "b", V = 20 }]).ToString());
        object longer = AudioNotebook.Table(Enumerable.Range(0, 203).Select(i => new { i }));
        StringAssert.Contains(Html(longer), "<p>and 3 more</p>");
    }

    [TestMethod]
    public void TableIsBounded()
    {
        // A character of two surrogates stands where the cell is cut.
        string text = new string('x', 199) + "\U0001F426" + new string('y', 1000);
        static IEnumerable<object> Endless()
        {
            while (true)
            {
                yield return "row";
            }
        }

        string cut = AudioNotebook.Table([new { Text = text }]).ToString()!;
        string endless = AudioNotebook.Table(Endless().Select(row => new { row })).ToString()!;

        Assert.AreEqual($"Text\n{new string('x', 199)}...", cut);
        Assert.HasCount(202, endless.Split('\n'));
        StringAssert.EndsWith(endless, "\nand more than 999800 more");
    }

    [TestMethod]
    public void LongTextIsCut()
    {
        string[] names = [.. Enumerable.Range(0, 5000).Select(label => $"class {label}")];
        float[] target = new float[5000];
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute([target, target], [target, target], names);

        Assert.IsLessThan(2 * HtmlText.MaximumText, Html(metrics).Length);
    }

    [TestMethod]
    public void WhatIsTooLargeIsNamed() => Assert.AreEqual(
        "<p>Too large to show: 9 MB of 8.</p>", HtmlText.Bounded(new string('x', 9_000_000)));

    private static string Html(object value) => value.ToDisplayString(HtmlFormatter.MimeType);

    private static byte[] DataUri(string html, string mimeType)
    {
        string start = $"data:{mimeType};base64,";
        int first = html.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return Convert.FromBase64String(html[first..html.IndexOf('"', first)]);
    }
}
