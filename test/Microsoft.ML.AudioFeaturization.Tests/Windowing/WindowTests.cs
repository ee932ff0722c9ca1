using Microsoft.ML.AudioFeaturization.Windowing;

namespace Microsoft.ML.AudioFeaturization.Tests.Windowing;

/// <summary>Windows of a recording whose samples are their own numbers; where they lie is worked out by hand.</summary>
[TestClass]
public sealed class WindowTests
{
    [TestMethod]
    [DataRow(WindowTail.ShiftBack, 10, 5, 0, 24, "0-10 5-15 10-20 14-24")]
    [DataRow(WindowTail.Pad, 10, 5, 0, 24, "0-10 5-15 10-20 15-24")]
    [DataRow(WindowTail.Drop, 10, 5, 0, 24, "0-10 5-15 10-20")]
    [DataRow(WindowTail.ShiftBack, 10, 5, 0, 25, "0-10 5-15 10-20 15-25")]
    [DataRow(WindowTail.Pad, 10, 5, 0, 25, "0-10 5-15 10-20 15-25")]
    [DataRow(WindowTail.ShiftBack, 10, 10, 0, 21, "0-10 10-20 11-21")]
    [DataRow(WindowTail.Pad, 10, 10, 0, 21, "0-10 10-20 20-21")]
    [DataRow(WindowTail.Pad, 10, 10, 1, 21, "0-10 10-20")]
    [DataRow(WindowTail.ShiftBack, 10, 10, 1, 22, "0-10 10-20 12-22")]
    [DataRow(WindowTail.ShiftBack, 10, 3, 0, 11, "0-10 1-11")]
    [DataRow(WindowTail.Pad, 10, 3, 0, 11, "0-10 3-11")]
    [DataRow(WindowTail.Drop, 10, 3, 0, 4, "0-4")]
    [DataRow(WindowTail.Pad, 10, 3, 5, 1, "0-1")]
    [DataRow(WindowTail.ShiftBack, 10, 1, 0, 12, "0-10 1-11 2-12")]
    public void Windows_lie_where_the_rule_says(
        WindowTail tail, int length, int hop, int slack, int samples, string expected)
    {
        var grid = new WindowGrid(length, hop, tail, slack);
        float[] waveform = [.. Enumerable.Range(0, samples).Select(i => (float)i)];

        Assert.AreEqual(expected, Walk(new WaveformWindows(grid), waveform));
        Assert.AreEqual(expected, string.Join(' ', Enumerable.Range(0, (int)grid.Count(samples)).Select(window =>
        {
            long start = grid.Start(window, samples);
            return $"{start}-{Math.Min(samples, start + length)}";
        })));
    }

    /// <summary>The arithmetic of a known length, and the stream that does not know it, are one.</summary>
    [TestMethod]
    public void A_stream_s_windows_are_those_of_its_length()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 300; trial++)
        {
            int length = random.Next(1, 30);
            var grid = new WindowGrid(
                length, random.Next(1, length + 1), (WindowTail)random.Next(3), random.Next(4));
            int samples = random.Next(1, 120);
            var windows = new WaveformWindows(grid);
            windows.Begin(Enumerable.Range(0, samples).Select(i => (float)i).ToArray());
            for (int window = 0; window < grid.Count(samples); window++)
            {
                Assert.IsTrue(windows.MoveNext(), $"{grid}, {samples}");
                Assert.AreEqual(grid.Start(window, samples), windows.Start, $"{grid}, {samples}");
                Assert.AreEqual(windows.Start, (long)windows.Samples[0], $"{grid}, {samples}");
            }

            Assert.IsFalse(windows.MoveNext(), $"{grid}, {samples}");
        }
    }

    [TestMethod]
    public void One_recording_follows_the_other()
    {
        var windows = new WaveformWindows(new WindowGrid(4, 2, WindowTail.Pad));
        Assert.IsFalse(windows.MoveNext());
        Assert.AreEqual("0-4 2-5", Walk(windows, [0, 1, 2, 3, 4]));
        Assert.AreEqual("", Walk(windows, []));
        Assert.AreEqual("0-3", Walk(windows, [0, 1, 2]));
    }

    /// <summary>A hop in seconds, at 100 Hz; a hop beyond the window would leave gaps.</summary>
    [TestMethod]
    public void Hops_are_seconds_or_a_fraction()
    {
        Assert.AreEqual(new WindowGrid(200, 50, WindowTail.Drop), WindowGrid.Create(
            200, 100, new WindowOptions { HopFraction = 0.25, Tail = WindowTail.Drop }, ""));
        Assert.AreEqual(new WindowGrid(200, 150, WindowTail.ShiftBack), WindowGrid.Create(
            200, 100, new WindowOptions { HopSeconds = 1.5 }, ""));
        foreach (double wrong in new[] { 2.01, 0.004 })
        {
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => WindowGrid.Create(200, 100, new WindowOptions { HopSeconds = wrong }, "Windows."));
            StringAssert.Contains(exception.Message, "Windows.HopSeconds", StringComparison.Ordinal);
        }
    }

    private static string Walk(WaveformWindows windows, float[] waveform)
    {
        // The source gives what is asked for, as a file does.
        windows.Begin(waveform);
        List<string> found = [];
        while (windows.MoveNext())
        {
            float[] samples = windows.Samples.ToArray();
            Assert.AreEqual(windows.Start, (long)samples[0]);
            found.Add($"{samples[0]}-{samples[^1] + 1}");
        }

        return string.Join(' ', found);
    }
}
