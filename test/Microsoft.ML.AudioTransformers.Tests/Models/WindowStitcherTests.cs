using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class WindowStitcherTests
{
    [TestMethod]
    public void OverlapsAreWeightedByTheDistanceFromTheEnds()
    {
        var stitcher = new WindowStitcher(Geometry(steps: 4, classes: 1));
        List<float> joined = [];

        stitcher.Add([1, 1, 1, 1], 0, joined);
        stitcher.Add([4, 4, 4, 4], 2, joined);
        Assert.HasCount(2, joined, "what the second window leaves as it is");
        stitcher.Finish(joined);

        // Weights 1 2 2 1: (2 * 1 + 1 * 4) / 3, then (1 * 1 + 2 * 4) / 3.
        CollectionAssert.AreEqual(new float[] { 1, 1, 2, 3, 4, 4 }, joined);
    }

    [TestMethod]
    public void WindowsOfOneMapGiveItBack()
    {
        const int width = 3;
        float[] map = [.. Enumerable.Range(0, 23 * width).Select(i => MathF.Sin(i))];
        var stitcher = new WindowStitcher(Geometry(steps: 8, width));
        List<float> joined = [];

        foreach (int start in new[] { 0, 4, 8, 12, 15 })
        {
            stitcher.Add(map.AsSpan(start * width, 8 * width), start, joined);
        }

        stitcher.Finish(joined);

        Assert.HasCount(map.Length, joined);
        Assert.IsTrue(map.Zip(joined).All(pair => Math.Abs(pair.First - pair.Second) < 1e-6));
    }

    [TestMethod]
    public void WindowsFollowOnEachOther()
    {
        var stitcher = new WindowStitcher(Geometry(steps: 2, classes: 1));
        List<float> joined = [];
        stitcher.Add([1, 2], 0, joined);
        stitcher.Add([1, 2], 0, joined);

        Assert.ThrowsExactly<ArgumentException>(() => stitcher.Add([1, 2], -1, joined));
        Assert.ThrowsExactly<ArgumentException>(() => stitcher.Add([1, 2], 3, joined));
        Assert.ThrowsExactly<ArgumentException>(() => stitcher.Add([1, 2, 3], 1, joined));
        stitcher.Add([3, 4], 2, joined);
        stitcher.Finish(joined);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4 }, joined);
    }

    /// <summary>A step is one frame.</summary>
    private static PresenceMapGeometry Geometry(int steps, int classes) => new()
    {
        Classes = classes,
        Mels = 1,
        Frames = steps,
        Steps = steps,
        FramesPerStep = 1,
        RepeatsShortClips = false,
        KnowsPositions = true,
    };
}
