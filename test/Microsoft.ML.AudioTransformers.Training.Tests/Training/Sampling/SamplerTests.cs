using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public class SamplerTests
{
    [TestMethod]
    public void ARowWithoutLabelsWeighsNothing()
    {
        double[] weights = BalancedSampling.Weights([[0], [], [0, 1]], 3, offset: 0);
        CollectionAssert.AreEqual(new[] { 500.0, 0.0, 1500.0 }, weights);
    }

    [TestMethod]
    public void ALabelOutsideTheClassesIsNamedWithItsRow()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => BalancedSampling.Weights([[0], [3]], 3, offset: 100));
        StringAssert.Contains(error.Message, "Row 1 has the class 3");
    }

    [TestMethod]
    public void DrawsFollowTheWeights()
    {
        WeightedSampler sampler = new([1, 0, 3], seed: 5);
        int[] drawn = sampler.WithReplacement(40_000, epoch: 0);
        Assert.AreEqual(0, drawn.Count(row => row == 1));
        // Binomial with p = 0.75: a standard deviation of 87.
        Assert.AreEqual(30_000, drawn.Count(row => row == 2), 450);
    }

    [TestMethod]
    public void WithoutReplacementTheFirstRowFollowsTheWeightsAndNoRowRepeats()
    {
        WeightedSampler sampler = new([1, 0, 3, 4], seed: 5);
        int[] firstRows = new int[4];
        for (int epoch = 0; epoch < 20_000; epoch++)
        {
            int[] drawn = sampler.WithoutReplacement(3, epoch);
            CollectionAssert.AreEquivalent(new[] { 0, 2, 3 }, drawn);
            firstRows[drawn[0]]++;
        }

        // Shares 1/8, 3/8 and 1/2: standard deviations of 47, 68 and 71.
        Assert.AreEqual(2_500, firstRows[0], 240);
        Assert.AreEqual(7_500, firstRows[2], 350);
        Assert.AreEqual(10_000, firstRows[3], 360);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(10)]
    [DataRow(500)]
    public void AShuffleBufferDrawsEveryRowOnceAndHoldsNoMoreThanItMay(int buffer)
    {
        var options = new AudioSamplingOptions { ShuffleBuffer = buffer };
        int[] Draw(int epoch, int seed = 3) => EpochSampler.Create(options, new int[200], 1, seed).Indices(epoch);
        int[] order = Draw(epoch: 0);

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 200).ToArray(), order);
        for (int place = 0; place < order.Length; place++)
        {
            Assert.IsTrue(order[place] < place + buffer, "drawn before its row was read");
        }

        CollectionAssert.AreEqual(order, Draw(epoch: 0));
        if (buffer > 1)
        {
            CollectionAssert.AreNotEqual(order, Draw(epoch: 1));
            CollectionAssert.AreNotEqual(order, Draw(epoch: 0, seed: 4));
        }
    }

    /// <summary>A row waits in a buffer of ten for ten draws on average, geometrically distributed.</summary>
    [TestMethod]
    public void RowsWaitInAShuffleBufferAsLongAsChanceHasIt()
    {
        const int rows = 20_000;
        var options = new AudioSamplingOptions { ShuffleBuffer = 10 };
        int[] order = EpochSampler.Create(options, new int[rows], 1, seed: 5).Indices(0);

        // A row enters after as many draws as there are rows before it, less the ten that the buffer begins with.
        double[] waits = [.. Enumerable.Range(0, rows)
            .Where(place => order[place] is >= 10 and < rows - 200)
            .Select(place => (double)(place - (order[place] - 10)))];

        // A standard deviation of sqrt(90 / 20000) = 0.07.
        Assert.AreEqual(10, waits.Average(), 0.3);
        Assert.AreEqual(0.1, waits.Count(wait => wait == 1) / (double)waits.Length, 0.01);
    }

    [TestMethod]
    [DataRow(ClipOrder.Balanced, false, 0)]
    [DataRow(ClipOrder.Shuffled, true, 0)]
    [DataRow(ClipOrder.Shuffled, false, 10)]
    public void AShuffleBufferIsRefusedWhereClipsAreChosenOfAll(ClipOrder order, bool replaced, int samples)
    {
        var options = new PasstOptions
        {
            Sampling =
            {
                ShuffleBuffer = 5,
                Order = order,
                WithReplacement = replaced,
                SamplesPerEpoch = samples,
            },
        };

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OptionCheck.All(options));

        StringAssert.Contains(exception.Message, "Sampling.ShuffleBuffer is 5");
    }

    [TestMethod]
    public void ADrawFollowsFromSeedAndEpoch()
    {
        double[] weights = [.. Enumerable.Range(1, 100).Select(weight => (double)weight)];
        int[] drawn = new WeightedSampler(weights, seed: 7).WithoutReplacement(20, epoch: 3);
        CollectionAssert.AreEqual(drawn, new WeightedSampler(weights, seed: 7).WithoutReplacement(20, epoch: 3));
        CollectionAssert.AreNotEqual(drawn, new WeightedSampler(weights, seed: 7).WithoutReplacement(20, epoch: 4));
        CollectionAssert.AreNotEqual(drawn, new WeightedSampler(weights, seed: 8).WithoutReplacement(20, epoch: 3));
    }

    [TestMethod]
    public void MoreDifferentRowsThanThereAreIsAnError()
    {
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new WeightedSampler([1, 0, 3], seed: 1).WithoutReplacement(3, 0));
        StringAssert.Contains(error.Message, "only 2");
    }

    [TestMethod]
    public void BalancedEpochsLeaveOutClipsWithoutLabels()
    {
        int[][] labels = [[0], [], [0, 1], [1], []];
        var options = new AudioSamplingOptions { Order = ClipOrder.Balanced };
        EpochSampler sampler = EpochSampler.Create(options, labels, 2, seed: 3);
        Assert.AreEqual(3, sampler.Count);
        CollectionAssert.AreEquivalent(new[] { 0, 2, 3 }, sampler.Indices(0));

        options.SamplesPerEpoch = 4;
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => EpochSampler.Create(options, labels, 2, seed: 3)).Message,
            "Sampling.SamplesPerEpoch is 4, but only 3 clips");

        options.WithReplacement = true;
        Assert.HasCount(4, EpochSampler.Create(options, labels, 2, seed: 3).Indices(0));
    }

    [TestMethod]
    public void AWeightThatIsNoWeightIsNamedWithItsRow()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new WeightedSampler([1, double.NaN], 1)).Message, "Row 1");
        Assert.ThrowsExactly<ArgumentException>(() => new WeightedSampler([0, 0], 1));
    }

    [TestMethod]
    public void TheClassQueueGivesEveryClassOneRowATurn()
    {
        ClassQueueSampler sampler = new([[0], [0], [1], [1, 3], []], classCount: 4, seed: 2);
        int[] drawn = sampler.Indices(7, epoch: 0);
        Assert.HasCount(7, drawn);
        foreach (int[] turn in drawn.Chunk(3).Take(2))
        {
            // Class 0 has the rows 0 and 1, class 1 the rows 2 and 3, class 3 the row 3; class 2 has none.
            Assert.AreEqual(1, turn.Count(row => row is 0 or 1));
            Assert.AreEqual(2, turn.Count(row => row is 2 or 3));
            CollectionAssert.Contains(turn, 3);
        }

        CollectionAssert.AreEqual(drawn, new ClassQueueSampler([[0], [0], [1], [1, 3], []], 4, 2).Indices(7, 0));
    }
}
