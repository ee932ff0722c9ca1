using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class SpectrogramAugmentationTests
{
    private const int Draws = 4000;
    private static readonly FeatureShape s_shape = new(20, 6);

    [TestMethod]
    public void TimeMaskHidesWholeFramesOfAllLengthsAlike()
    {
        var lengths = new int[6];
        var hidden = new int[s_shape.Frames];
        var random = new Random(1);
        var mask = new TimeMask(5, 1, -3);
        for (int i = 0; i < Draws; i++)
        {
            float[] features = Ones();
            mask.Apply(features, s_shape, random);
            int[] frames = [.. Enumerable.Range(0, s_shape.Frames).Where(frame => features[frame * s_shape.Mels] == -3)];
            lengths[frames.Length]++;
            Assert.AreEqual(frames.Length * s_shape.Mels, features.Count(value => value == -3), "whole frames");
            Assert.IsTrue(frames.Length == 0 || frames[^1] - frames[0] == frames.Length - 1, "one stretch");
            Array.ForEach(frames, frame => hidden[frame]++);
        }

        Assert.IsTrue(lengths.All(count => Math.Abs(count - Draws / 6.0) < 130), string.Join(", ", lengths));
        Assert.IsTrue(hidden.All(count => count > 0), "any frame");
    }

    [TestMethod]
    public void FrequencyMaskHidesWholeBandsOfAllWidthsAlike()
    {
        var widths = new int[4];
        var random = new Random(2);
        var mask = new FrequencyMask(3, 1, 0);
        for (int i = 0; i < Draws; i++)
        {
            float[] features = Ones();
            mask.Apply(features, s_shape, random);
            int[] bins = [.. Enumerable.Range(0, s_shape.Mels).Where(bin => features[bin] == 0)];
            widths[bins.Length]++;
            Assert.AreEqual(bins.Length * s_shape.Frames, features.Count(value => value == 0), "whole bands");
            Assert.IsTrue(bins.Length == 0 || bins[^1] - bins[0] == bins.Length - 1, "one band");
        }

        Assert.IsTrue(widths.All(count => Math.Abs(count - Draws / 4.0) < 130), string.Join(", ", widths));
    }

    [TestMethod]
    public void MoreMasksHideMore()
    {
        int Hidden(int count)
        {
            var random = new Random(3);
            return Enumerable.Range(0, 200).Sum(_ =>
            {
                float[] features = Ones();
                new TimeMask(5, count, 0).Apply(features, s_shape, random);
                return features.Count(value => value == 0);
            });
        }

        Assert.IsTrue(Hidden(2) > 1.5 * Hidden(1));
    }

    /// <summary>Of Beta(a, a) the mean of |share - 0.5| is known for a = 1 (1/4), 2 (3/16) and 3 (5/32).</summary>
    [TestMethod]
    [DataRow(1.0, 0.25)]
    [DataRow(2.0, 0.1875)]
    [DataRow(3.0, 0.15625)]
    public void MixupSharesFollowTheBetaDistribution(double alpha, double meanDistance)
    {
        var random = new Random(4);
        var mixup = new Mixup(alpha, 1);
        float[] shares = [.. Enumerable.Range(0, 20000).Select(_ => mixup.DrawShare(random))];

        Assert.IsTrue(shares.All(share => share is >= 0.5f and <= 1));
        Assert.AreEqual(0.5 + meanDistance, shares.Average(), 0.004);
    }

    [TestMethod]
    public void SmallAlphasMixLittle()
    {
        var random = new Random(5);
        double Mean(double alpha) => Enumerable.Range(0, 5000).Average(_ => new Mixup(alpha, 1).DrawShare(random));

        // The variance of Beta(a, a) is 1 / (8 a + 4): 0.156 at 0.3, 0.227 at 0.05.
        Assert.IsTrue(Mean(0.05) > 0.96 && Mean(0.3) is > 0.84 and < 0.9, $"{Mean(0.05)}, {Mean(0.3)}");
    }

    [TestMethod]
    public void TheRestIsNotMixed()
    {
        var random = new Random(6);
        var mixup = new Mixup(2, 0.3);

        Assert.AreEqual(0.3, Enumerable.Range(0, Draws).Count(_ => mixup.DrawShare(random) < 1) / (double)Draws, 0.03);
    }

    private static float[] Ones() => [.. Enumerable.Repeat(1f, s_shape.Length)];
}
