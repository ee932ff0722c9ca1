using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class DatarModelTests
{
    /// <summary>Those of the paper's backbones at 128 x 1024 with AudioSet's 527 classes.</summary>
    [TestMethod]
    [DataRow("Tiny", 28.0)]
    [DataRow("Small", 49.5)]
    [DataRow("Base", 87.6)]
    public void PresetsHaveTheirParameters(string name, double millions)
    {
        DatarConfig options = (DatarConfig)typeof(DatarConfig).GetProperty(name)!.GetValue(null)!;
        using Datar model = new(options, new Generator(1));

        Assert.AreEqual(millions, Math.Round(model.parameters().Sum(parameter => parameter.numel()) / 1e6, 1));
    }

    [TestMethod]
    public void SameSeedSameWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar first = new(TinySizes(), new Generator(3));
        using Datar second = new(TinySizes(), new Generator(3));
        using Datar other = new(TinySizes(), new Generator(4));

        foreach (((string name, Parameter a), (_, Parameter b)) in first.named_parameters().Zip(second.named_parameters()))
        {
            Assert.IsTrue(a.allclose(b, 0, 0), name);
        }

        Dictionary<string, Parameter> others =
            other.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        string[] same =
        [
            .. first.named_parameters()
                .Where(pair => pair.parameter.allclose(others[pair.name], 0, 0))
                .Select(pair => pair.name),
        ];
        Assert.IsTrue(
            Array.TrueForAll(same, name => name.Contains("norm", StringComparison.Ordinal) || name == "adaptor.alpha"),
            string.Join(", ", same));
    }

    [TestMethod]
    [DataRow(DatVersion.Dat, nameof(DeformablePositionBias.Interpolated), 2.0)]
    [DataRow(DatVersion.Dat, nameof(DeformablePositionBias.Convolutional), -1.0)]
    [DataRow(DatVersion.DatPlusPlus, nameof(DeformablePositionBias.Interpolated), 1.0)]
    [DataRow(DatVersion.DatPlusPlus, nameof(DeformablePositionBias.LogSpaced), -1.0)]
    public void GradientsAreThoseOfFiniteDifferences(DatVersion version, string bias, double offsetRange)
    {
        using DisposeScope scope = NewDisposeScope();
        DatarConfig options = TinySizes() with { Version = version };
        var positionBias = Enum.Parse<DeformablePositionBias>(bias);
        options = options with
        {
            Stages =
            [
                .. options.Stages.Select(stage => stage with { PositionBias = positionBias, OffsetRange = offsetRange }),
            ],
        };
        using Datar model = new(options, new Generator(5));
        model.to(ScalarType.Float64);
        Tensor input = rand([2, 1, 20, 36], ScalarType.Float64, generator: new Generator(6));
        Tensor mix = rand([2, 3], ScalarType.Float64, generator: new Generator(7));
        Tensor Loss() => (model.call(input) * mix).sum();
        Loss().backward();

        const double step = 1e-6;
        int compared = 0;
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            using DisposeScope inner = NewDisposeScope();
            using IDisposable guard = no_grad();
            Tensor flat = parameter.view(-1);
            Tensor? gradient = parameter.grad;
            Assert.IsNotNull(gradient, name);
            for (long element = 0; element < flat.shape[0]; element += Math.Max(1, flat.shape[0] - 1))
            {
                Tensor place = flat.narrow(0, element, 1);
                place.add_(step);
                double above = Loss().item<double>();
                place.sub_(2 * step);
                double below = Loss().item<double>();
                place.add_(step);
                double expected = (above - below) / (2 * step);
                double actual = gradient.view(-1)[element].item<double>();
                Assert.AreEqual(expected, actual, 1e-7 + (1e-5 * Math.Abs(expected)), $"{name}, element {element}");
                compared++;
            }
        }

        Assert.IsGreaterThan(100, compared);
    }

    [TestMethod]
    public void ClipIsIndependentOfTheOthersOfItsBatch()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        using Datar model = new(TinySizes(), new Generator(1));
        model.eval();
        Tensor batch = rand([3, 1, 20, 36], generator: new Generator(2));

        Tensor together = model.call(batch);
        for (int clip = 0; clip < 3; clip++)
        {
            Tensor alone = model.call(batch.narrow(0, clip, 1));
            Assert.IsTrue(together.narrow(0, clip, 1).allclose(alone, 1e-4, 1e-5), $"clip {clip}");
        }
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(3, 50)]
    [DataRow(8, 16)]
    [DataRow(33, 7)]
    [DataRow(101, 64)]
    public void TakesMapsOfAnySize(int frequency, int time)
    {
        foreach ((DatVersion version, bool isOverlapping) in
            from version in Enum.GetValues<DatVersion>() from flag in new[] { false, true } select (version, flag))
        {
            using DisposeScope scope = NewDisposeScope();
            using Datar model = new(
                TinySizes() with
                {
                    InputFrequency = frequency,
                    InputTime = time,
                    Version = version,
                    ConvolutionalPatches = isOverlapping,
                    DropPath = 0.5,
                },
                new Generator(1));
            Tensor logits = model.call(rand([2, 1, frequency, time], generator: new Generator(2)));
            logits.sum().backward();

            CollectionAssert.AreEqual(new long[] { 2, 3 }, logits.shape);
            Assert.IsTrue(logits.isfinite().all().item<bool>());
            foreach ((string name, Parameter parameter) in model.named_parameters())
            {
                Assert.IsTrue(parameter.grad!.isfinite().all().item<bool>(), name);
            }
        }
    }

    [TestMethod]
    public void ConstructionAndForwardPassLeaveNoTensorsBehind()
    {
        using Datar model = new(TinySizes(), new Generator(1));
        using Tensor input = rand([1, 1, 20, 36], generator: new Generator(2));
        model.eval();
        using IDisposable guard = no_grad();
        model.call(input).Dispose();

        AudioMLNet.TestSupport.LeakCheck.NoGrowth(
            () => LiveTensors.Count,
            () =>
            {
                model.call(input).Dispose();
                model.SampledPoints(input, 2);
            },
            steps: 5);
    }

    [TestMethod]
    public void SampledPointsOfAClip()
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar model = new(TinySizes() with { InputFrequency = 64, InputTime = 128 }, new Generator(1));
        Tensor clips = rand([2, 1, 64, 128], generator: new Generator(2));

        DeformablePoints points = model.SampledPoints(clips, stage: 2);

        // The third map is 4 x 8; two groups of two heads each.
        Assert.AreEqual((2, 2, 4, 4, 8), (points.Clips, points.Groups, points.Heads, points.Rows, points.Columns));
        Assert.HasCount(2 * 2 * 4 * 8 * 2, points.Positions);
        Assert.HasCount(2 * 4 * 4 * 8, points.Weights);
        Assert.AreEqual(-0.75f, points.References[0], 1e-6f, "the first row's centre");
        Assert.AreEqual(-0.875f, points.References[1], 1e-6f, "the first column's centre");
        for (int i = 0; i < points.Positions.Length; i += 2)
        {
            Assert.IsLessThanOrEqualTo(2.0 / 4 + 1e-6, Math.Abs(points.Positions[i] - points.References[i]));
            Assert.IsLessThanOrEqualTo(2.0 / 8 + 1e-6, Math.Abs(points.Positions[i + 1] - points.References[i + 1]));
        }

        Assert.IsTrue(points.Positions.Zip(points.References).Any(pair => pair.First != pair.Second));
        foreach (float[] head in points.Weights.Chunk(4 * 8))
        {
            Assert.AreEqual(1, head.Sum(), 1e-4);
        }

        Assert.ThrowsExactly<ArgumentException>(() => model.SampledPoints(clips, stage: 0));
        Assert.ThrowsExactly<ArgumentException>(() => model.SampledPoints(clips, stage: 2, block: 0));
        Assert.ThrowsExactly<ArgumentException>(() => model.SampledPoints(clips, stage: 9));
    }

    [TestMethod]
    public void WithoutOffsetsThePointsStayOnTheGrid()
    {
        using DisposeScope scope = NewDisposeScope();
        DatarConfig options = TinySizes();
        options = options with { Stages = [.. options.Stages.Select(stage => stage with { NoOffsets = true })] };
        using Datar model = new(options, new Generator(1));

        DeformablePoints points = model.SampledPoints(rand([1, 1, 20, 36], generator: new Generator(2)), stage: 2);

        CollectionAssert.AreEqual(points.References, points.Positions);
    }

    [TestMethod]
    public void AdaptorAddsItsConvolution()
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar model = new(TinySizes() with { AdaptorStrength = 0.2 }, new Generator(1));
        Dictionary<string, Tensor> weights = model.state_dict();
        Tensor input = rand([1, 1, 20, 36], generator: new Generator(2));

        Tensor expected = input + 0.2 * nn.functional.conv2d(
            input, weights["adaptor.conv.weight"], weights["adaptor.conv.bias"], [1, 1], [1, 1]);

        Assert.IsTrue(model.Adapt(input).allclose(expected, 1e-5, 1e-6));
        Assert.AreEqual(0.2f, weights["adaptor.alpha"].item<float>());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(16)]
    public void GradientOfTheAdaptorsStrengthIsThatOfFiniteDifferences(int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar model = new(TinySizes(), new Generator(1));
        Tensor input = rand([batch, 1, 20, 36], generator: new Generator(2));
        Tensor mix = rand([batch, 3], generator: new Generator(3));
        (model.call(input) * mix).sum().backward();
        double actual = model.named_parameters().Single(pair => pair.name == "adaptor.alpha").parameter.grad!.item<float>();

        model.to(ScalarType.Float64);
        using IDisposable guard = no_grad();
        Tensor alpha = model.named_parameters().Single(pair => pair.name == "adaptor.alpha").parameter;
        double Loss(double strength)
        {
            alpha.fill_(strength);
            return (model.call(input.to(ScalarType.Float64)) * mix).sum().item<double>();
        }

        const double step = 1e-6;
        double strength = alpha.item<double>();
        double expected = (Loss(strength + step) - Loss(strength - step)) / (2 * step);

        Assert.AreEqual(expected, actual, 1e-3 * Math.Abs(expected));
    }

    [TestMethod]
    [DataRow(DatarAdaptor.Gaussian, 1.0, 3.0)]
    [DataRow(DatarAdaptor.Laplacian, 1.4142, 6.0)]
    public void PerturbationsAreNoiseInTrainingOnly(DatarAdaptor adaptor, double deviation, double kurtosis)
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar model = new(TinySizes() with { Adaptor = adaptor, AdaptorStrength = 0.5 }, new Generator(1));
        Tensor input = rand([64, 1, 20, 36], generator: new Generator(2));

        model.Generator.manual_seed(9);
        Tensor noise = (model.Adapt(input) - input).div(0.5).to(ScalarType.Float64);
        model.Generator.manual_seed(9);
        Assert.IsTrue((model.Adapt(input) - input).div(0.5).to(ScalarType.Float64).allclose(noise), "follows from the seed");
        double variance = noise.pow(2).mean().item<double>();

        Assert.AreEqual(0, noise.mean().item<double>(), 0.03);
        Assert.AreEqual(deviation, Math.Sqrt(variance), 0.03);
        Assert.AreEqual(kurtosis, noise.pow(4).mean().item<double>() / (variance * variance), 0.3);
        Assert.IsFalse(model.state_dict().Keys.Any(name => name.StartsWith("adaptor", StringComparison.Ordinal)));
        model.eval();
        Assert.IsTrue(model.Adapt(input).allclose(input, 0, 0));
    }

    [TestMethod]
    public void TwoHeadsGiveVerbsAndNouns()
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar model = new(TinySizes() with { Classes = 3, NounClasses = 5 }, new Generator(1));
        model.eval();
        Tensor input = rand([2, 1, 20, 36], generator: new Generator(2));

        Tensor logits = model.call(input);

        CollectionAssert.AreEqual(new long[] { 2, 3 + 5 }, logits.shape);
        Assert.IsTrue(Head("cls_head").allclose(logits.narrow(1, 0, 3), 1e-5, 1e-6), "verbs");
        Assert.IsTrue(Head("noun_head").allclose(logits.narrow(1, 3, 5), 1e-5, 1e-6), "nouns");

        Tensor Head(string name)
        {
            Dictionary<string, Tensor> weights = model.state_dict();
            return nn.functional.linear(model.Features(input), weights[$"{name}.weight"], weights[$"{name}.bias"]);
        }
    }

    [TestMethod]
    public void InputOfAnotherShapeIsRefusedBeforeTheNativeCall()
    {
        using DisposeScope scope = NewDisposeScope();
        using Datar model = new(TinySizes(), new Generator(1));

        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => model.call(zeros(1, 1, 20, 37)));

        Assert.Contains("20, 36", error.Message);
        Assert.Contains("20, 37", error.Message);
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        AssertNamed("Groups", stage => stage with { Groups = 3 });
        AssertNamed("Dim", stage => stage with { Dim = 17 });
        AssertNamed("Blocks", stage => stage with { Blocks = "LQ" });
        AssertNamed("WindowSize", stage => stage with { Blocks = "S", WindowSize = 1 });
        AssertNamed("WindowSize", stage => stage with { Blocks = "X", WindowSize = 4 });
        AssertNamed("NeighborhoodKernel", stage => stage with { Blocks = "N", NeighborhoodKernel = 4 });
        AssertNamed("OffsetRange", stage => stage with { OffsetRange = double.NaN });
        AssertNamed("PositionBias", stage => stage with { PositionBias = DeformablePositionBias.LogSpaced });
    }

    private static void AssertNamed(string option, Func<DatarStageConfig, DatarStageConfig> change)
    {
        DatarConfig options = TinySizes();
        options = options with { Stages = [.. options.Stages.Select((stage, i) => i == 2 ? change(stage) : stage)] };
        using Generator generator = new(1);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Datar(options, generator));

        Assert.Contains($"Option Stages[2].{option} is", error.Message);
    }

    /// <summary>A 20 x 36 input gives maps of 5 x 9, 2 x 4, 1 x 2 and 1 x 1, which no window divides.</summary>
    private static DatarConfig TinySizes()
    {
        DatarStageConfig stage = new() { Groups = 2, OffsetKernel = 3, PositionBias = DeformablePositionBias.Interpolated };
        return new DatarConfig
        {
            InputFrequency = 20,
            InputTime = 36,
            StemDim = 4,
            Expansion = 2,
            DropPath = 0,
            Classes = 3,
            Stages =
            [
                stage with { Dim = 4, Heads = 2, Blocks = "LS", WindowSize = 4 },
                stage with { Dim = 8, Heads = 2, Blocks = "SL", WindowSize = 3 },
                stage with { Dim = 16, Heads = 4, Blocks = "LD", WindowSize = 2 },
                stage with { Dim = 16, Heads = 4, Blocks = "LD", WindowSize = 2 },
            ],
        };
    }
}
