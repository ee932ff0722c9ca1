using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>What sound event detection asks of any model.</summary>
[TestClass]
public class PresenceMapTests
{
    [TestMethod]
    public void AModelWithoutAMapSaysSo()
    {
        using AudioModel model = new Ast(
            new AstConfig { InputFrequency = 32, InputTime = 40, EmbedDim = 8, Depth = 1, Heads = 2, Classes = 3 }, new(1));
        using Tensor input = zeros(1, 1, 32, 40);

        Assert.IsNull(model.PresenceMap);
        Assert.IsFalse(model.LearnsSteps);
        model.LearnsSteps = false;
        foreach (Action use in new Action[]
        {
            () => model.Detect(input), () => model.LearnsSteps = true, () => new PresenceEnsemble([model]).Dispose(),
        })
        {
            var error = Assert.ThrowsExactly<NotSupportedException>(use);
            StringAssert.Contains(error.Message, "Ast gives no presence map");
        }
    }

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
