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
        SvgChart chart = AudioClassificationMetrics.Compute([0], [[1f]]).ConfusionTable.ToChart();
        chart.Save(path);
        Assert.AreEqual(chart.ToString(), File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => chart.Save(Path.Combine(folder.Path, "missing", "chart.svg")));
    }

    [TestMethod]
    public void TicksAreRoundValuesWithinTheRange()
    {
        CollectionAssert.AreEqual(new[] { 0.0, 0.2, 0.4, 0.6, 0.8, 1 }, Rounded(0, 1));
        CollectionAssert.AreEqual(new[] { 0.0, 50, 100, 150, 200, 250, 300 }, Rounded(0, 300));
        CollectionAssert.AreEqual(new[] { 0.002, 0.004, 0.006, 0.008 }, Rounded(0.001, 0.0085));

        static double[] Rounded(double from, double to) => [.. PlotArea.Ticks((from, to)).Select(tick => Math.Round(tick, 9))];
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
