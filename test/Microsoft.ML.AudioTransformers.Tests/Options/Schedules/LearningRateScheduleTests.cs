using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioTransformers.Tests.Options;

[TestClass]
public class LearningRateScheduleTests
{
    [TestMethod]
    public void AWarmUpNeverStartsAboveTheBaseLearningRate()
    {
        var first = new TrainingPosition(0, stepsPerEpoch: 10, epochCount: 4);
        var second = new TrainingPosition(5, stepsPerEpoch: 10, epochCount: 4);

        Assert.AreEqual(5e-7, new CosineSchedule(warmupEpochs: 1).LearningRate(1e-6, first));
        Assert.AreEqual(1e-8, new CosineSchedule(warmupEpochs: 1).LearningRate(1e-8, first));
        Assert.AreEqual(1e-8, new CosineSchedule(warmupEpochs: 1).LearningRate(1e-8, second));
        Assert.AreEqual(1e-8, new LinearSchedule(warmupEpochs: 1, warmupLearningRate: 1e-3).LearningRate(1e-8, second));
    }

    [TestMethod]
    public void TheConstantScheduleNeverChanges()
    {
        ConstantSchedule schedule = new();
        Assert.AreEqual(0.1, schedule.LearningRate(0.1, new TrainingPosition(0, 5, 2)));
        Assert.AreEqual(0.1, schedule.LearningRate(0.1, new TrainingPosition(9, 5, 2)));
    }

    [TestMethod]
    public void TheLinearScheduleWarmsUpAndDescendsToItsLastFactor()
    {
        LinearSchedule schedule = new(warmupEpochs: 1, warmupLearningRate: 0.1, lastFactor: 0.5);
        // Four steps up from 0.1 to 1.1, then eight down to half of it.
        Assert.AreEqual(0.1, Rate(0), 1e-12);
        Assert.AreEqual(0.6, Rate(2), 1e-12);
        Assert.AreEqual(1.1, Rate(4), 1e-12);
        Assert.AreEqual(0.825, Rate(8), 1e-12);
        Assert.AreEqual(0.55, Rate(12), 1e-12);
        Assert.AreEqual(0.55, Rate(100), 1e-12);

        double Rate(long step) => schedule.LearningRate(1.1, new TrainingPosition(step, 4, 3));
    }

    [TestMethod]
    public void AnEpochsEndWithinTheWarmupHoldsOnlyUntilTheNextStair()
    {
        // AST's loop: the end of an epoch multiplies the current rate, the next stair overwrites it.
        MultiStepSchedule schedule = new(decayStart: 1, decayInterval: 1, decay: 0.5, warmupSteps: 100, warmupStairSteps: 50);
        Assert.AreEqual(0.5, Rate(59), 1e-12);
        Assert.AreEqual(0.25, Rate(60), 1e-12);
        Assert.AreEqual(0.25, Rate(99), 1e-12);
        Assert.AreEqual(1.0, Rate(100), 1e-12);
        Assert.AreEqual(0.5, Rate(120), 1e-12);
        Assert.AreEqual(0.25, Rate(180), 1e-12);

        double Rate(long step) => schedule.LearningRate(1, new TrainingPosition(step, 60, 10));
    }

    [TestMethod]
    public void WithoutWarmupTheFirstStepHasTheBaseRate()
    {
        TrainingPosition first = new(0, 10, 4);
        Assert.AreEqual(1, new MultiStepSchedule(warmupSteps: 0).LearningRate(1, first));
        Assert.AreEqual(1, new ExponentialWarmupSchedule(warmupEpochs: 0).LearningRate(1, first));
        Assert.AreEqual(1, new CosineSchedule().LearningRate(1, first));
        Assert.AreEqual(1, new LinearSchedule().LearningRate(1, first));
    }

    [TestMethod]
    public void TheCosineEndsAtItsLastRate()
    {
        CosineSchedule schedule = new(lastLearningRate: 0.25);
        Assert.AreEqual(0.25, schedule.LearningRate(1, new TrainingPosition(40, 10, 4)));
        Assert.AreEqual(0.625, schedule.LearningRate(1, new TrainingPosition(20, 10, 4)), 1e-12);
    }

    [TestMethod]
    public void AValueOutsideItsRangeIsNamed()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ExponentialWarmupSchedule(lastFactor: 1.5)).Message,
            "lastFactor is 1.5");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new CosineSchedule(warmupLearningRate: double.NaN)).Message,
            "warmupLearningRate is NaN");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new StagedSchedule([0.1, 0.2])).Message, "2 values");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new StagedSchedule(null, [10, 5])).Message, "5 after 10");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TrainingPosition(0, 0, 1));
    }
}
