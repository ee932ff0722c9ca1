using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Tests.Charts;

[TestClass]
public class ChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [TestMethod]
    public void ACurveRunsFromTheLowestThresholdToPrecisionOne()
    {
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute(
            [[1, 0], [0, 1], [1, 1]], [[0.9f, 0.1f], [0.8f, 0.6f], [0.7f, 0.5f]], ["dog <loud>", "cat & co"]);
        XElement svg = Parse(metrics.PrecisionRecallChart(0, 1));
        XElement[] lines = [.. svg.Elements(s_svg + "polyline")];
        Assert.HasCount(2, lines);
        double[][] points = [.. lines[0].Attribute("points")!.Value.Split(' ')
            .Select(point => point.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())];
        // Thresholds 0.7, 0.8, 0.9 and the end: recall 1, 0.5, 0.5, 0 and precision 2/3, 1/2, 1, 1 of 400 pixels.
        CollectionAssert.AreEqual(new[] { 460.0, 260, 260, 60 }, points.Select(point => point[0]).ToArray());
        CollectionAssert.AreEqual(new[] { 173.33, 240, 40, 40 }, points.Select(point => point[1]).ToArray());
        CollectionAssert.Contains(svg.Elements(s_svg + "text").Select(text => text.Value).ToArray(), "dog <loud> (AP 0.8333)");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => metrics.PrecisionRecallChart(2));
    }

    [TestMethod]
    public void AChartIsAsWideAsItsNames()
    {
        string name = new('x', 60);
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute([[1], [0]], [[0.9f], [0.8f]], [name]);
        XElement curve = Parse(metrics.PrecisionRecallChart(0));
        XElement legend = curve.Elements(s_svg + "text").Single(text => text.Value.StartsWith(name, StringComparison.Ordinal));
        Assert.IsLessThan((double)curve.Attribute("width")!, (double)legend.Attribute("x")! + (6.5 * legend.Value.Length));

        XElement timeline = Parse(EventTimeline.Draw("x", 10, [new("x", name, 1, 3)], []));
        XElement label = timeline.Elements(s_svg + "text").Single(text => text.Value == name);
        Assert.IsGreaterThan(0, (double)label.Attribute("x")! - (6.5 * name.Length));
    }

    [TestMethod]
    public void AConfusionTableShowsEveryCount()
    {
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute(
            [0, 0, 1], [[1, 0, 0], [0, 1, 0], [0, 1, 0]], ["a", "b", "c\u0001"]);
        XElement svg = Parse(metrics.ConfusionTable.ToChart());
        // Nine cells and the background; counts of 0 are left empty.
        Assert.AreEqual(10, svg.Elements(s_svg + "rect").Count());
        Assert.AreEqual(3, svg.Elements(s_svg + "text").Count(text => text.Value == "1"));
        CollectionAssert.Contains(
            svg.Descendants(s_svg + "title").Select(title => title.Value).ToArray(), "a taken for b: 1 of 2");
        CollectionAssert.Contains(svg.Elements(s_svg + "text").Select(text => text.Value).ToArray(), "c\uFFFD");
    }

    [TestMethod]
    public void ATimelineShowsTheEventsOfItsClipOverTheSpectrogram()
    {
        float[] logMel = [0, 1, 2, 3, float.NegativeInfinity, 5];
        XElement svg = Parse(EventTimeline.Draw(
            "x",
            10,
            [new("x", "dog", 1, 3), new("y", "dog", 5, 6)],
            [new("x", "dog", 2, 4, 0.5), new("x", "cat", 8, 12)],
            logMel,
            melBins: 2));
        string[] hints = [.. svg.Elements(s_svg + "rect").Select(rect => (string?)rect.Element(s_svg + "title") ?? "")];
        CollectionAssert.AreEqual(
            new[] { "", "cat: 8 to 12 s, score 1", "dog: 1 to 3 s, score 1", "dog: 2 to 4 s, score 0.5" }, hints);
        XElement cat = svg.Elements(s_svg + "rect").ElementAt(1);
        // Beyond its end the clip is not shown: 2 of 10 s of 800 pixels are left.
        Assert.AreEqual("160", (string?)cat.Attribute("width"));

        byte[] png = Convert.FromBase64String(((string)svg.Element(s_svg + "image")!.Attribute("href")!)["data:image/png;base64,".Length..]);
        (int width, byte[] rows) = Decode(png);
        Assert.AreEqual(3, width);
        // The upper bin first: 1, 3, 5 of 0 to 5; then 0, 2, and a silence that is shown as the lowest value.
        CollectionAssert.AreEqual(new byte[] { 0, 51, 153, 255, 0, 0, 102, 0 }, rows);
    }

    [TestMethod]
    public void ACurveOfDetectionIsAStair()
    {
        PolyphonicSoundDetectionScore score = PolyphonicSoundDetectionScore.Compute(
            [new("x", "dog", 1, 3)], [[new("x", "dog", 1, 3)]], new Dictionary<string, double> { ["x"] = 10 });
        XElement svg = Parse(score.ToChart());
        Assert.AreEqual("60,40 460,40", (string?)svg.Elements(s_svg + "polyline").First().Attribute("points"));
    }

    [TestMethod]
    public void AChartIsSavedAsAWhole()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "chart.svg");
        File.WriteAllText(path, "an older one");
        folder.Abandoned("chart.svg", TimeSpan.FromHours(2));
        SvgChart chart = AudioClassificationMetrics.Compute([0], [[1f]]).ConfusionTable.ToChart();
        chart.Save(path);
        Assert.AreEqual(chart.ToString(), File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => chart.Save(Path.Combine(folder.Path, "missing", "chart.svg")));
    }

    [TestMethod]
    public void EmojiStayWholeAndWideNamesHaveRoom()
    {
        const string family = "\U0001F468\u200D\U0001F469\u200D\U0001F467";
        string[] names = [$"{family} talk", "\u72AC\u306E\u9CF4\u304D\u58F0", "\uD83D alone"];
        XElement svg = Parse(AudioClassificationMetrics.Compute([0], [[1f, 0, 0]], names).ConfusionTable.ToChart());
        string[] texts = [.. svg.Elements(s_svg + "text").Select(text => text.Value)];
        CollectionAssert.Contains(texts, names[0]);
        CollectionAssert.Contains(texts, names[1]);
        CollectionAssert.Contains(texts, "\uFFFD alone");

        // Five ideographs as wide as the font is high (12 pixels), and a family that is one picture.
        Assert.IsGreaterThanOrEqualTo(60, TextWidth.Of(names[1]));
        Assert.AreEqual(TextWidth.Of("\u72AC"), TextWidth.Of(family));
        Assert.AreEqual(TextWidth.Of("e"), TextWidth.Of("e\u0301"));
        Assert.AreEqual($"{family}\u2026", TextWidth.Shorten($"{family}{family}", 22));
    }

    [TestMethod]
    public void AConfusionTableOfManyClassesShowsTheMostConfusedAndCountsAll()
    {
        // Class 1999 is taken for 7 three times, class 5 for 1000 once; all other clips, one of each class, are right.
        int[] labels = [.. Enumerable.Range(0, 2000), 1999, 1999, 1999, 5];
        int[] predicted = [.. Enumerable.Range(0, 2000), 7, 7, 7, 1000];
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute(
            labels,
            [.. predicted.Select(best => OneHot(best))],
            [.. Enumerable.Range(0, 2000).Select(label => $"class {label}")]);
        string document = metrics.ConfusionTable.ToChart().ToString();
        Assert.IsLessThan(1_000_000, document.Length);
        XElement svg = XElement.Parse(document);
        string[] hints = [.. svg.Descendants(s_svg + "title").Select(title => title.Value)];
        Assert.HasCount((40 * 40) + 1, hints);
        CollectionAssert.Contains(hints, "class 1999 taken for class 7: 3 of 4");
        CollectionAssert.Contains(hints, "class 5 taken for class 1000: 1 of 2");
        CollectionAssert.Contains(hints, "1961 other classes taken for 1961 other classes: 1961 of 1961");

        static float[] OneHot(int label)
        {
            var scores = new float[2000];
            scores[label] = 1;
            return scores;
        }
    }

    [TestMethod]
    [DataRow(0.0, 1.0, false, "0 0.2 0.4 0.6 0.8 1")]
    [DataRow(0.0, 300.0, false, "0 50 100 150 200 250 300")]
    [DataRow(0.001, 0.0085, false, "0.002 0.004 0.006 0.008")]
    [DataRow(0.0, 0.000001, false, "0 2e-7 4e-7 6e-7 8e-7 1e-6")]
    [DataRow(1e6, 5e6, false, "1e6 2e6 3e6 4e6 5e6")]
    [DataRow(-1e-9, 1e-9, false, "-1e-9 -5e-10 0 5e-10 1e-9")]
    [DataRow(0.97, 0.98, false, "0.97 0.972 0.974 0.976 0.978 0.98")]
    [DataRow(1e20, 1.0000000000000002e20, false, "1e20")]
    [DataRow(0.00001, 0.1, true, "1e-5 0.0001 0.001 0.01 0.1")]
    [DataRow(0.004, 0.3, true, "0.005 0.01 0.02 0.05 0.1 0.2")]
    [DataRow(1e-12, 1.0, true, "1e-12 1e-10 1e-8 1e-6 0.0001 0.01 1")]
    public void TicksAreRoundValuesThatTheirLabelsTellApart(double from, double to, bool isLogarithmic, string expected)
    {
        IReadOnlyList<(double Value, string Text)> ticks = new Axis(from, to, isLogarithmic).Ticks();
        Assert.AreEqual(expected, string.Join(' ', ticks.Select(tick => tick.Text)));
        Assert.IsTrue(ticks.All(tick => Math.Abs(double.Parse(tick.Text, CultureInfo.InvariantCulture) - tick.Value)
            <= 1e-9 * Math.Abs(tick.Value)));
    }

    [TestMethod]
    public void AnAxisIsLogarithmicWhereItsValuesAre()
    {
        Axis rates = Axis.Of([1e-6, 1e-5, double.NaN, 1e-2]);
        Assert.IsTrue(rates.IsLogarithmic);
        Assert.AreEqual(0.25 * (rates.Share(1e-2) - rates.Share(1e-6)), rates.Share(1e-5) - rates.Share(1e-6), 1e-9);
        Assert.IsFalse(Axis.Of([0, 1e-2]).IsLogarithmic);
        Assert.IsFalse(Axis.Of([1e-3, 2e-3]).IsLogarithmic);
        Axis alone = Axis.Of([1e-6]);
        Assert.AreEqual(0.5, alone.Share(1e-6), 1e-9);
        Assert.IsLessThan(1e-5, alone.To);
    }

    [TestMethod]
    public void ATimelineNamesWhatIsWrong()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => EventTimeline.Draw("x", 0, [], [])).Message, "Clip 'x' has the duration 0");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => EventTimeline.Draw("x", 1, [], [], [1, 2, 3], 2)).Message, "3 values");
    }

    private static XElement Parse(SvgChart chart) => XElement.Parse(chart.ToString());

    private static (int Width, byte[] Rows) Decode(byte[] png)
    {
        CollectionAssert.AreEqual(new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A }, png[..8]);
        int width = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16));
        // After the signature and the header's 25 bytes: length, type, data, checksum.
        int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using ZLibStream compressed = new(new MemoryStream(png, 41, length), CompressionMode.Decompress);
        using MemoryStream rows = new();
        compressed.CopyTo(rows);
        // The checksum of the empty last chunk is the same in every PNG file.
        CollectionAssert.AreEqual(new byte[] { 0xAE, 0x42, 0x60, 0x82 }, png[^4..]);
        return (width, rows.ToArray());
    }
}
