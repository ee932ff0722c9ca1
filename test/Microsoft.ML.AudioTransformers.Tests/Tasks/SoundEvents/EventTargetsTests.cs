using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public sealed class EventTargetsTests
{
    private static readonly Dictionary<string, int> s_classes = new() { ["a"] = 0, ["b"] = 1 };

    [TestMethod]
    public void AStepIsTaggedByWhatIsHeardInItsMiddle()
    {
        // Middles: 0.5, 1.5, 2.5, 3.5.
        CollectionAssert.AreEqual(new[] { 0, 2, 2, 0 }, Steps(("b", 1, 3)));
        CollectionAssert.AreEqual(new[] { 0, 1, 1, 0 }, Steps(("a", 1.4, 2.6)));
        CollectionAssert.AreEqual(new[] { 0, 1, 0, 0 }, Steps(("a", 1.5, 2.5)));
        CollectionAssert.AreEqual(new[] { 1, 3, 2, 2 }, Steps(("a", 0, 1.6), ("b", 1.1, 99)));
    }

    [TestMethod]
    public void AShortEventTagsTheStepThatItIsIn()
    {
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 0 }, Steps(("a", 2.6, 2.9)));
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 2 }, Steps(("b", 3.01, 3.02)));
    }

    [TestMethod]
    public void WhatIsBeyondTheEndTagsNothing()
    {
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 0 }, Steps(("a", 4.1, 4.2), ("b", 7, 9), ("b", 1e12, 2e12)));
    }

    [TestMethod]
    public void AClipIsTaggedByAllThatIsHeard()
    {
        CollectionAssert.AreEqual(new float[] { 0, 0 }, EventTargets.OfClip([], s_classes));
        CollectionAssert.AreEqual(
            new float[] { 0, 1 }, EventTargets.OfClip([new SoundEvent("", "b", 0, 1), new SoundEvent("", "b", 2, 3)], s_classes));
    }

    /// <summary>For each of four steps of a second, 1 for a and 2 for b.</summary>
    private static int[] Steps(params (string Label, double Onset, double Offset)[] events)
    {
        float[] tags = EventTargets.OfSteps(
            [.. events.Select(item => new SoundEvent("", item.Label, item.Onset, item.Offset))], s_classes, 4, 1);
        return [.. tags.Chunk(2).Select(step => (int)(step[0] + (2 * step[1])))];
    }
}
