using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp.Optim;

/// <summary>The numbers are PyTorch's after five steps on sum(w p^2 + p).</summary>
[TestClass]
public class OptimizerTests
{
    private static readonly float[] Start = [1, -2, 3, 0.5f, 0, -1];

    private static readonly float[] Curvature = [1, 2, 0.5f, 3, -1, 0.1f];

    private static readonly double[] AfterAdamW =
        [0.485239089, -1.45979142, 2.43233585, 0.0105515122, -0.497526228, -1.468979];

    private static AdamW NewAdamW(Parameter parameter) =>
        optim.AdamW([parameter], 0.1, 0.8, 0.9, 1e-6, weight_decay: 0.05);

    [TestMethod]
    public void AdamWMatchesPyTorch()
    {
        using Parameter parameter = NewParameter();
        using AdamW optimizer = NewAdamW(parameter);

        Run(optimizer, parameter);

        TensorAssert.AreClose(AfterAdamW, parameter, 1e-5);
        var state = (AdamW.State)optimizer.state_dict().State.Single();
        Assert.AreEqual(5, state.step);
        TensorAssert.AreClose(
            [1.67621171, -3.99177527, 2.50213742, 1.70127761, 0.998889625, 0.506935775], state.exp_avg, 1e-5);
        TensorAssert.AreClose(
            [2.67702889, 15.0718775, 5.76157856, 3.19861484, 0.881751537, 0.235751882], state.exp_avg_sq, 1e-5);
    }

    [TestMethod]
    public void AdamWTakesOtherTypesAndLayouts()
    {
        using Parameter wide = nn.Parameter(tensor(Start, float64).reshape(2, 3));
        using Parameter across = nn.Parameter(tensor(Start).reshape(2, 3).t().contiguous().t());
        foreach (Parameter parameter in new[] { wide, across })
        {
            using AdamW optimizer = NewAdamW(parameter);
            Run(optimizer, parameter);
            TensorAssert.AreClose(AfterAdamW, parameter, 1e-5);
        }
    }

    [TestMethod]
    public void AdamWTakesItsOptions()
    {
        using Parameter first = NewParameter();
        using Parameter second = NewParameter();

        Run(optim.AdamW([first], 0.1, weight_decay: 0.05, amsgrad: true), first);
        Run(optim.AdamW([second], 0.1, weight_decay: 0.05, maximize: true), second);

        TensorAssert.AreClose(
            [0.484839201, -1.45944452, 2.43219829, 0.00902885944, -0.496775478, -1.46909142], first, 1e-5);
        TensorAssert.AreClose(
            [1.47206163, -2.44709802, 3.42156696, 0.984831572, 0.467612684, -0.479272604], second, 1e-5);
    }

    [TestMethod]
    public void AdamMatchesPyTorch()
    {
        using Parameter parameter = NewParameter();
        using Adam optimizer = optim.Adam([parameter], 0.1, weight_decay: 0.05);

        Run(optimizer, parameter);

        TensorAssert.AreClose(
            [0.50440836, -1.50351918, 2.50128508, 0.0159649402, -0.501802564, -1.49822056], parameter, 1e-5);
    }

    [TestMethod]
    public void SgdMatchesPyTorch()
    {
        using Parameter plain = NewParameter();
        using Parameter heavy = NewParameter();
        using Parameter nesterov = NewParameter();

        Run(optim.SGD([plain], 0.05), plain);
        Run(optim.SGD([heavy], 0.05, 0.9, 0.2, 0.05), heavy);
        Run(optim.SGD([nesterov], 0.05, 0.9, nesterov: true), nesterov);

        TensorAssert.AreClose(
            [0.385735005, -0.823440015, 2.09512377, -0.0546200089, -0.305254996, -1.1960398], plain, 1e-5);
        TensorAssert.AreClose(
            [-0.399578094, 0.613740742, 0.885471165, -0.669036567, -0.684450269, -1.41453707], heavy, 1e-5);
        TensorAssert.AreClose(
            [-0.656872571, 0.477505654, 0.263769329, -0.398568124, -1.24623978, -1.64623702], nesterov, 1e-5);
    }

    [TestMethod]
    public void GroupsHaveTheirOwnOptions()
    {
        using Parameter decayed = NewParameter();
        using Parameter plain = NewParameter();
        using Parameter idle = NewParameter();
        using AdamW optimizer = optim.AdamW(
            [
                new AdamW.ParamGroup([decayed], 0.1, 0.8, 0.9, 1e-6, 0.05),
                new AdamW.ParamGroup([plain, idle], new AdamW.Options { LearningRate = 0 }),
            ],
            lr: 0.5, weight_decay: 0.01);

        Run(optimizer, decayed);

        TensorAssert.AreClose(AfterAdamW, decayed, 1e-5);
        TensorAssert.AreClose([.. Start.Select(value => (double)value)], plain);
        double[] rates = [.. optimizer.ParamGroups.Select(group => group.LearningRate)];
        CollectionAssert.AreEqual(new[] { 0.1, 0.0 }, rates);
        CollectionAssert.AreEqual(
            rates, optimizer.ParamGroups.Select(group => group.InitialLearningRate).ToArray());
        Assert.AreEqual(3, optimizer.parameters().Count());
        Assert.AreEqual(0, ((AdamW.State)optimizer.state_dict().State[2]).step);
        var options = (AdamW.Options)optimizer.state_dict().Options[1];
        Assert.AreEqual(0.01, options.weight_decay);
    }

    [TestMethod]
    public void TrainingResumesFromTheState()
    {
        using Parameter through = NewParameter();
        using AdamW whole = NewAdamW(through);
        Run(whole, through, 7);

        using Parameter parameter = NewParameter();
        using AdamW first = NewAdamW(parameter);
        Run(first, parameter, 3);
        using AdamW second = NewAdamW(parameter);
        second.load_state_dict(first.state_dict());
        Run(second, parameter, 2);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        second.save_state_dict(writer);
        writer.Flush();
        stream.Position = 0;
        using AdamW third = NewAdamW(parameter);
        using var reader = new BinaryReader(stream);
        third.load_state_dict(reader);
        Run(third, parameter, 2);

        Assert.IsTrue(parameter.allclose(through, 0, 0));
        using SGD other = optim.SGD([parameter], 0.1);
        stream.Position = 0;
        Assert.ThrowsExactly<InvalidDataException>(() => other.load_state_dict(reader));
    }

    [TestMethod]
    public void AClosureIsRunWithGradientsAndItsLossReturned()
    {
        using Parameter parameter = nn.Parameter(ones(1));
        using SGD optimizer = optim.SGD([parameter], 0.25);
        using IDisposable noGrad = no_grad();

        Tensor loss = optimizer.step(() =>
        {
            optimizer.zero_grad();
            Tensor square = parameter * parameter;
            square.sum().backward();
            return square;
        });

        TensorAssert.AreClose([1], loss);
        TensorAssert.AreClose([0.5], parameter);
    }

    [TestMethod]
    public void ZeroingKeepsTheGradients()
    {
        using Parameter parameter = nn.Parameter(ones(2));
        parameter.sum().backward();
        using SGD optimizer = optim.SGD([parameter], 0.25);

        optimizer.zero_grad();

        TensorAssert.AreClose([0, 0], parameter.grad!);
    }

    [TestMethod]
    public void OptionsOutOfRangeAreRefused()
    {
        using Parameter parameter = NewParameter();

        Assert.ThrowsExactly<ArgumentException>(() => optim.AdamW([parameter], -1));
        Assert.ThrowsExactly<ArgumentException>(() => optim.AdamW([parameter], beta1: 1));
        Assert.ThrowsExactly<ArgumentException>(() => optim.SGD([parameter], 0.1, nesterov: true));
    }

    [TestMethod]
    public void StepsLeaveNoTensorsBehind()
    {
        using Linear layer = nn.Linear(4, 4);
        using Tensor input = ones(2, 4);
        using AdamW optimizer = optim.AdamW(layer.parameters(), weight_decay: 0.01);
        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            layer.call(input).square().mean().backward();
            nn.utils.clip_grad_norm_(layer.parameters(), 1);
            optimizer.step();
        }

        AudioMLNet.TestSupport.LeakCheck.NoGrowth(() => Tensor.TotalCount, Step, 20);
    }

    private static Parameter NewParameter() => nn.Parameter(tensor(Start).reshape(2, 3));

    private static void Run(optim.Optimizer optimizer, Parameter parameter, int steps = 5)
    {
        using Tensor curvature = tensor(Curvature, parameter.dtype).reshape(2, 3);
        for (int i = 0; i < steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            ((parameter * parameter * curvature).sum() + parameter.sum()).backward();
            optimizer.step();
        }
    }
}
