using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Scheduler = TorchSharp.torch.optim.lr_scheduler.LRScheduler;

namespace AudioMLNet.StandIns.Tests.TorchSharp.Optim;

/// <summary>The numbers are PyTorch's.</summary>
[TestClass]
public class SchedulerTests
{
    [TestMethod]
    public void LambdaScalesEachGroupsInitialRate()
    {
        using SGD optimizer = SGD(
            new[] { new SGD.ParamGroup([nn.Parameter(zeros(1))], 0.1), new SGD.ParamGroup([nn.Parameter(zeros(1))], 0.2) },
            0.1);
        Scheduler scheduler = lr_scheduler.LambdaLR(optimizer, epoch => 1.0 / (epoch + 1));

        scheduler.step();
        scheduler.step();

        AreClose(
            [0.1 / 3, 0.2 / 3], [.. optimizer.ParamGroups.Select(group => group.LearningRate)]);
        AreClose([0.1 / 3, 0.2 / 3], [.. scheduler.get_last_lr()]);
    }

    [TestMethod]
    public void SteppedSchedulesMatchPyTorch()
    {
        AssertRates([0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025], o => lr_scheduler.StepLR(o, 3, 0.5));
        AssertRates([0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025], o => lr_scheduler.MultiStepLR(o, [2, 5], 0.5));
        AssertRates([0.1, 0.05, 0.025, 0.0125], o => lr_scheduler.ExponentialLR(o, 0.5));
        AssertRates([0.025, 0.025, 0.025, 0.1, 0.1], o => lr_scheduler.ConstantLR(o, 0.25, 3));
    }

    [TestMethod]
    public void LinearAndCosineSchedulesMatchPyTorch()
    {
        AssertRates([0.02, 0.035, 0.05, 0.065, 0.08, 0.08], o => lr_scheduler.LinearLR(o, 0.2, 0.8, 4));
        AssertRates(
            [
                0.1, 0.086819805153394639, 0.055, 0.023180194846605363, 0.01, 0.023180194846605363, 0.055,
                0.086819805153394694, 0.1, 0.086819805153394694,
            ],
            o => lr_scheduler.CosineAnnealingLR(o, 4, 0.01));
    }

    [TestMethod]
    public void SequencesMatchPyTorch()
    {
        AssertRates(
            [0.01, 0.04, 0.07, 0.1, 0.090450849718747, 0.065450849718747, 0.034549150281253, 0.009549150281253, 0],
            o => lr_scheduler.SequentialLR(
                o, [lr_scheduler.LinearLR(o, 0.1, 1, 3), lr_scheduler.CosineAnnealingLR(o, 5)], [3]));
        AssertRates(
            [0.05, 0.05, 0.1, 0.05, 0.1, 0.1, 0.01, 0.01],
            o => lr_scheduler.SequentialLR(
                o,
                [
                    lr_scheduler.ConstantLR(o, 0.5, 2), lr_scheduler.ExponentialLR(o, 0.5),
                    lr_scheduler.StepLR(o, 2, 0.1),
                ],
                [2, 4]));
    }

    [TestMethod]
    public void OneCycleMatchesPyTorch()
    {
        using AdamW optimizer = AdamW([nn.Parameter(zeros(1))], 0.1);
        Scheduler scheduler = lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps: 10);
        List<double> rates = [];
        List<double> betas = [];
        for (int i = 0; i < 10; i++)
        {
            rates.Add(optimizer.ParamGroups.Single().LearningRate);
            betas.Add(((IBetas)optimizer.ParamGroups.Single()).Betas.Item1);
            if (i < 9)
            {
                scheduler.step();
            }
        }

        AreClose(
            [
                0.04, 0.52, 1, 0.950484632013474, 0.811745653949763, 0.611262021936289, 0.388741978063711,
                0.188258346050237, 0.0495193679865263, 4e-6,
            ],
            [.. rates]);
        AreClose(
            [
                0.95, 0.9, 0.85, 0.854951556604879, 0.868825509907063, 0.888873953302184, 0.911126046697816,
                0.931174490092937, 0.945048443395121, 0.95,
            ],
            [.. betas]);
    }

    [TestMethod]
    public void SequencesRefuseWhatDoesNotFit()
    {
        using SGD optimizer = NewOptimizer();
        using SGD other = NewOptimizer();
        Scheduler[] schedulers = [lr_scheduler.StepLR(optimizer, 1), lr_scheduler.StepLR(other, 1)];

        Assert.ThrowsExactly<ArgumentException>(() => lr_scheduler.SequentialLR(optimizer, schedulers, [1]));
        Assert.ThrowsExactly<ArgumentException>(() => lr_scheduler.SequentialLR(optimizer, schedulers[..1], [1]));
    }

    private static SGD NewOptimizer() => SGD([nn.Parameter(zeros(1))], 0.1, 0.9);

    private static void AssertRates(double[] expected, Func<Optimizer, Scheduler> schedule)
    {
        using SGD optimizer = NewOptimizer();
        Scheduler scheduler = schedule(optimizer);
        List<double> rates = [];
        foreach (double _ in expected)
        {
            rates.Add(optimizer.ParamGroups.Single().LearningRate);
            optimizer.step();
            scheduler.step();
        }
        AreClose(expected, [.. rates]);
    }

    private static void AreClose(double[] expected, double[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-12, $"element {i}");
        }
    }
}
