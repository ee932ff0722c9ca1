using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class TimeRollTests
{
    private static readonly FeatureShape s_shape = new(5, 2);

    [TestMethod]
    public void FramesStayWholeAndInCyclicOrder()
    {
        var roll = new TimeRoll(MaximumFrames: 3);
        for (int seed = 0; seed < 50; seed++)
        {
            float[] features = Enumerable.Range(0, 10).Select(i => (float)i).ToArray();
            roll.Apply(features, s_shape, new Random(seed));

            int first = (int)features[0] / 2;
            float[] expected = Enumerable.Range(0, 5)
                .SelectMany(frame => new[] { (first + frame) % 5 * 2f, (first + frame) % 5 * 2f + 1 }).ToArray();
            CollectionAssert.AreEqual(expected, features);
        }
    }

    [TestMethod]
    public void EveryShiftUpToTheLimitComesAsOftenAsTheOthers()
    {
        var roll = new TimeRoll(MaximumFrames: 1);
        var random = new Random(1);
        var counts = new int[5];
        for (int i = 0; i < 30_000; i++)
        {
            float[] features = [0, 0, 1, 0, 2, 0, 3, 0, 4, 0];
            roll.Apply(features, s_shape, random);
            counts[(int)features[0]]++;
        }

        Assert.AreEqual(0, counts[2] + counts[3]);
        foreach (int frame in new[] { 0, 1, 4 })
        {
            // Five standard deviations of a binomial count.
            Assert.AreEqual(10_000, counts[frame], 5 * Math.Sqrt(30_000 * (1 / 3.0) * (2 / 3.0)));
        }
    }
}
