using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp.NN;

/// <summary>The numbers are PyTorch's after the same seed.</summary>
[TestClass]
public class InitTests
{
    [TestMethod]
    public void LayersDrawWhatPyTorchDraws()
    {
        manual_seed(0);
        using Linear linear = nn.Linear(3, 2);
        using Conv2d conv2d = nn.Conv2d(2, 4, (3, 2), groups: 2);
        using Conv1d conv1d = nn.Conv1d(2, 2, 3);
        using Embedding embedding = nn.Embedding(3, 2, padding_idx: 1);

        TensorAssert.AreClose(
            [-0.0043225177, 0.30971584, -0.47518533, -0.4248946, -0.22236897, 0.15482073], linear.weight!);
        TensorAssert.AreClose([-0.011439145, 0.45777494], linear.bias!);
        TensorAssert.AreClose([-0.036229607, 0.10802763, -0.12337797, -0.080247484], conv2d.weight!.flatten()[..4]);
        TensorAssert.AreClose([-0.26461825, -0.18793011, -0.28521878, -0.38234943], conv2d.bias!);
        TensorAssert.AreClose([-0.23831105, 0.35092944, 0.18216789], conv1d.weight!.flatten()[..3]);
        TensorAssert.AreClose([-0.1810561, -0.014730574], conv1d.bias!);
        TensorAssert.AreClose([-1.2427317, -0.47623158, 0, 0, 0.25498274, 1.8042485], embedding.weight!);
    }

    [TestMethod]
    public void InitializersDrawWhatPyTorchDraws()
    {
        (Func<Tensor, Tensor> Fill, double[] Expected)[] cases =
        [
            (t => nn.init.xavier_uniform_(t), [-0.54370224, -0.020831797, 0.75238359, -0.51371032]),
            (t => nn.init.kaiming_uniform_(t), [-0.70191658, -0.026893735, 0.97132301, -0.66319716]),
            (t => nn.init.kaiming_normal_(t), [-0.29490909, 0.5936728, -0.20389216, 0.07100907]),
            (
                t => nn.init.kaiming_normal_(
                    t, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU),
                [-0.36118841, 0.72709793, -0.24971588, 0.08696799]),
            (t => nn.init.normal_(t, 1, 2), [-0.02159512, 3.0565436, 0.29369682, 1.2459826]),
            (t => nn.init.uniform_(t, -1, 2), [-0.55287486, 0.4596594, 1.9569845, -0.49479574]),
        ];
        foreach (var (fill, expected) in cases)
        {
            manual_seed(11);
            using Tensor filled = empty(4, 6);
            Assert.AreSame(filled, fill(filled));
            TensorAssert.AreClose(expected, filled.flatten()[..4]);
        }
    }

    [TestMethod]
    public void ConstantsFillParametersWithoutRecording()
    {
        using Parameter parameter = nn.Parameter(empty(2));

        TensorAssert.AreClose([0, 0], nn.init.zeros_(parameter));
        TensorAssert.AreClose([1, 1], nn.init.ones_(parameter));
        TensorAssert.AreClose([-3, -3], nn.init.constant_(parameter, -3));
        Assert.IsTrue(parameter.is_leaf && parameter.requires_grad);
    }

    [TestMethod]
    public void DeviationsAreAsWanted()
    {
        manual_seed(7);
        using Tensor sample = empty(200, 300);

        Assert.AreEqual(Math.Sqrt(2.0 / 500), Deviation(nn.init.xavier_normal_(sample)), 1e-3);
        Assert.AreEqual(0.5, Deviation(nn.init.normal_(sample, 3, 0.5)), 1e-2);
        Assert.AreEqual(Math.Sqrt(2.0 / 300), Deviation(nn.init.kaiming_normal_(sample)), 1e-3);
        Assert.AreEqual(5.0 / 3, nn.init.calculate_gain(nn.init.NonlinearityType.Tanh), 1e-12);
        Assert.AreEqual(
            Math.Sqrt(2 / 1.04), nn.init.calculate_gain(nn.init.NonlinearityType.LeakyReLU, 0.2), 1e-12);
        Assert.AreEqual((12L, 20L), nn.init.CalculateFanInAndFanOut(zeros(5, 3, 2, 2)));
    }

    private static double Deviation(Tensor tensor) => tensor.std().item<float>();
}
