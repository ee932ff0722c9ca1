using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>What sound event detection asks of any model.</summary>
[TestClass]
public class PresenceMapTests
{
    /// <summary>A clip of 200 frames in an image of 1024 frames and 32 steps.</summary>
    [TestMethod]
    [DataRow(HtsAtShortClips.Resize, 1, 6.25, true)]
    [DataRow(HtsAtShortClips.Repeat, 5, 31.25, true)]
    [DataRow(HtsAtShortClips.RepeatWindows, 1, 6.25, false)]
    public void AShortClipIsStretchedOrRepeated(
        HtsAtShortClips shortClips, int copies, double framesPerStep, bool knowsPositions)
    {
        PresenceMapGeometry map = new HtsAtConfig { ShortClips = shortClips }.PresenceMap;

        Assert.AreEqual(copies, map.Copies(200));
        Assert.AreEqual(framesPerStep, map.StepLength(200));
        Assert.AreEqual(knowsPositions, map.KnowsPositions);
    }
}
