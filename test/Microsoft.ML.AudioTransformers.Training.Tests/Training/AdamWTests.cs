using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = Microsoft.ML.AudioTransformers.Training.AdamW;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class AdamWTests
{
    /// <summary>All remainders of a vector's length, and sizes that are split among threads or are not.</summary>
    private static readonly long[][] s_shapes =
    [
        .. Enumerable.Range(1, 70).Select(length => new long[] { length }),
        [3, 5, 7], [31, 33], [1, 1000], [129, 257], [96, 3, 16, 16], [70_001], [768, 768],
    ];

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void UpdatesAsFloat64ArithmeticDoes(int threads)
    {
        set_num_threads(threads);
        try
        {
            var random = new Random(7);
            using var scope = NewDisposeScope();
            (string, Parameter)[] parameters =
            [
                .. s_shapes.Select((shape, i) =>
                    ($"parameter {i}", new Parameter(tensor(Values(random, shape), shape)))),
            ];
            ParameterGroup[] groups =
            [
                new(1, 0.1, [.. parameters.Where((_, i) => i % 3 != 0)]),
                new(0.25, 0, [.. parameters.Where((_, i) => i % 3 == 0)]),
            ];
            using var optimizer = new AdamW(groups);
            Reference[] references =
            [
                .. groups.SelectMany(group => group.Parameters.Select(item =>
                    new Reference(item.Parameter, group.RateScale, group.WeightDecay)
                    {
                        // Down to where epsilon counts.
                        GradientScale = Math.Pow(10, random.Next(-8, 2)),
                    })),
            ];
            for (int step = 0; step < 6; step++)
            {
                double rate = 3e-3 / (1 + step);
                foreach (Reference reference in references)
                {
                    float[] gradient = Values(random, reference.Parameter.shape, reference.GradientScale);
                    reference.Parameter.grad = tensor(gradient, reference.Parameter.shape);
                    reference.Update(gradient, rate);
                }

                optimizer.Step(rate);
            }

            foreach ((Reference reference, AdamW.Moments own) in references.Zip(optimizer.States))
            {
                AssertClose(reference.Values, reference.Parameter, own.Name, 1e-6);
                AssertClose(reference.Mean, own.Mean, own.Name + "'s mean", 1e-6 * reference.GradientScale);
                AssertClose(reference.Square, own.Square, own.Name + "'s square", 0);
            }
        }
        finally
        {
            set_num_threads(1);
        }
    }

    [TestMethod]
    public void ParametersWithoutGradientStayAndCountNoSteps()
    {
        using var scope = NewDisposeScope();
        Parameter first = new(ones(5));
        Parameter late = new(ones(3));
        using var optimizer = new AdamW([new(1, 0.5, [("first", first), ("late", late)])]);
        Reference expectedFirst = new(first, 1, 0.5);
        Reference expectedLate = new(late, 1, 0.5);
        first.grad = ones(5);
        optimizer.Step(0.1);
        expectedFirst.Update([1, 1, 1, 1, 1], 0.1);

        CollectionAssert.AreEqual(new float[] { 1, 1, 1 }, late.data<float>().ToArray());

        late.grad = ones(3);
        optimizer.Step(0.1);
        expectedFirst.Update([1, 1, 1, 1, 1], 0.1);
        expectedLate.Update([1, 1, 1], 0.1);

        CollectionAssert.AreEqual(new long[] { 2, 1 }, optimizer.States.Select(own => own.Steps).ToArray());
        AssertClose(expectedFirst.Values, first, "first", 1e-6);
        AssertClose(expectedLate.Values, late, "late", 1e-6);

    }

    /// <summary>As with PyTorch's gradients that are set to zero: a step that does not use a parameter decays it.</summary>
    [TestMethod]
    public void ClearedGradientsAreGoneAndThoseNotFoundAgainAreZero()
    {
        using var scope = NewDisposeScope();
        Parameter used = new(ones(5));
        Parameter once = new(ones(3));
        Parameter never = new(ones(2));
        using var optimizer = new AdamW([new(1, 0.5, [("used", used), ("once", once), ("never", never)])]);
        Reference expectedUsed = new(used, 1, 0.5);
        Reference expectedOnce = new(once, 1, 0.5);
        (used.grad, once.grad) = (ones(5), TensorArithmetic.Full([3], 2));
        optimizer.Step(0.1);
        expectedUsed.Update([1, 1, 1, 1, 1], 0.1);
        expectedOnce.Update([2, 2, 2], 0.1);

        optimizer.ClearGradients();
        Assert.IsNull(used.grad);
        Assert.IsNull(once.grad);
        optimizer.ZeroGradients();
        Assert.IsNull(used.grad);

        used.grad = TensorArithmetic.Full([5], -1);
        optimizer.Step(0.1);
        expectedUsed.Update([-1, -1, -1, -1, -1], 0.1);
        expectedOnce.Update([0, 0, 0], 0.1);

        CollectionAssert.AreEqual(new long[] { 2, 2, 0 }, optimizer.States.Select(own => own.Steps).ToArray());
        AssertClose(expectedUsed.Values, used, "used", 1e-6);
        AssertClose(expectedOnce.Values, once, "once", 1e-6);
        CollectionAssert.AreEqual(new float[] { 1, 1 }, never.data<float>().ToArray());

        optimizer.ZeroGradients();
        Assert.AreEqual(0f, used.grad!.abs().sum().item<float>());
    }

    /// <summary>Autograd lays a gradient out as its parameter, but one that is set may lie otherwise.</summary>
    [TestMethod]
    public void GradientsMayLieInAnyOrder()
    {
        using var scope = NewDisposeScope();
        Tensor gradient = arange(12, ScalarType.Float32).reshape(3, 4);
        Parameter plain = new(ones(4, 3));
        Parameter other = new(ones(4, 3));
        using var optimizer = new AdamW([new(1, 0, [("plain", plain), ("other", other)])]);
        plain.grad = gradient.t().contiguous();
        other.grad = gradient.t();

        optimizer.Step(0.1);
        optimizer.Step(0.1);

        CollectionAssert.AreEqual(
            optimizer.States[0].Mean.data<float>().ToArray(), optimizer.States[1].Mean.data<float>().ToArray());
        CollectionAssert.AreEqual(plain.data<float>().ToArray(), other.data<float>().ToArray());
    }

    [TestMethod]
    public void ParametersThatLieInAnotherOrderAreRefused()
    {
        using var scope = NewDisposeScope();
        Parameter turned = new(ones(4, 3).t());

        var exception = Assert.ThrowsExactly<ArgumentException>(() => new AdamW([new(1, 0, [("turned", turned)])]));

        StringAssert.Contains(exception.Message, "'turned'");
    }

    [TestMethod]
    public void StepsLeaveNoTensors()
    {
        using var scope = NewDisposeScope();
        Parameter parameter = new(ones(4, 3));
        using var optimizer = new AdamW([new(1, 0.1, [("parameter", parameter)])]);
        parameter.grad = ones(4, 3);

        LeakCheck.NoGrowth(
            () => LiveTensors.Count,
            () =>
            {
                optimizer.ClearGradients();
                optimizer.Step(0.1);
            },
            steps: 10,
            warmUp: 0);
    }

    private static float[] Values(Random random, long[] shape, double scale = 1)
    {
        var values = new float[shape.Aggregate(1L, (product, length) => product * length)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((random.NextDouble() - 0.5) * scale);
        }

        return values;
    }

    private static void AssertClose(double[] expected, Tensor actual, string what, double absolute)
    {
        float[] values = actual.data<float>().ToArray();
        Assert.HasCount(expected.Length, values);
        for (int i = 0; i < expected.Length; i++)
        {
            // Float32 arithmetic: a few roundings at each of the steps, of numbers whose sum may be smaller than they.
            double allowed = absolute + (1e-5 * Math.Abs(expected[i]));
            Assert.AreEqual(expected[i], values[i], allowed, $"{what} at {i}");
        }
    }

    /// <summary>The algorithm of the paper, a number at a time, in float64.</summary>
    private sealed class Reference(Parameter parameter, double rateScale, double weightDecay)
    {
        private int _step;

        public Parameter Parameter { get; } = parameter;

        public double GradientScale { get; init; } = 1;

        public double[] Values { get; } = [.. parameter.data<float>().ToArray().Select(value => (double)value)];

        public double[] Mean { get; } = new double[parameter.numel()];

        public double[] Square { get; } = new double[parameter.numel()];

        public void Update(float[] gradient, double learningRate)
        {
            _step++;
            double rate = learningRate * rateScale;
            for (int i = 0; i < gradient.Length; i++)
            {
                double g = gradient[i];
                Mean[i] = (0.9 * Mean[i]) + (0.1 * g);
                Square[i] = (0.999 * Square[i]) + (0.001 * g * g);
                double mean = Mean[i] / (1 - Math.Pow(0.9, _step));
                double square = Square[i] / (1 - Math.Pow(0.999, _step));
                Values[i] -= rate * ((weightDecay * Values[i]) + (mean / (Math.Sqrt(square) + 1e-8)));
            }
        }
    }
}
