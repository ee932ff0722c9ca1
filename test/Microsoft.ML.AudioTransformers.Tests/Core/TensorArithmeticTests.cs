using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

[TestClass]
public class TensorArithmeticTests
{
    private static readonly float[] s_x = [-1.5f, 0, 0.25f, 3];
    private static readonly float[] s_y = [2, -0.5f, 0.25f, 8];

    /// <summary>Each operation, and the same on single numbers.</summary>
    private static readonly
        (string Name, Func<Tensor, Tensor, Tensor> Tensors, Func<float, float, float> Numbers)[] s_operations =
    [
        ("Plus a tensor", (x, y) => x.Plus(y), (x, y) => x + y),
        ("Plus a scaled tensor", (x, y) => x.Plus(y, factor: 0.5), (x, y) => x + (0.5f * y)),
        ("Plus", (x, _) => x.Plus(1.25), (x, _) => x + 1.25f),
        ("Minus", (x, _) => x.Minus(1.25), (x, _) => x - 1.25f),
        ("Times", (x, _) => x.Times(-1.5), (x, _) => x * -1.5f),
        ("Over", (x, _) => x.Over(-4), (x, _) => x / -4),
        ("Clamp", (x, _) => x.Clamp(-1, 0.125), (x, _) => Math.Clamp(x, -1, 0.125f)),
        ("ClampMin", (x, _) => x.ClampMin(0.125), (x, _) => Math.Max(x, 0.125f)),
        ("AtLeast", (x, _) => x.AtLeast(0.25).to(ScalarType.Float32), (x, _) => x >= 0.25f ? 1 : 0),
        ("Full", (_, _) => TensorArithmetic.Full([4], 0.75), (_, _) => 0.75f),
        ("AddInPlace", (x, y) => x.clone().AddInPlace(y), (x, y) => x + y),
    ];

    private const int CallsBetween = 16;

    [TestMethod]
    public void ComputesWhatNumbersDo()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor x, Tensor y) = (tensor(s_x), tensor(s_y));
        foreach (var operation in s_operations)
        {
            CollectionAssert.AreEqual(
                s_x.Zip(s_y, operation.Numbers).ToArray(), Values(operation.Tensors(x, y)), operation.Name);
        }
    }

    [TestMethod]
    public void AddsInPlaceToTheTensorItself()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(s_x);

        Tensor returned = x.AddInPlace(tensor(s_y));

        Assert.AreSame(x, returned);
        CollectionAssert.AreEqual(s_x.Zip(s_y, (a, b) => a + b).ToArray(), Values(x));
    }

    [TestMethod]
    [DataRow(ScalarType.Float32)]
    [DataRow(ScalarType.Float64)]
    [DataRow(ScalarType.BFloat16)]
    public void KeepsTheType(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones([2], type);

        Assert.AreEqual(type, x.Plus(0.1).Minus(0.1).Times(3).Over(3).Clamp(0, 1).ClampMin(0).Plus(x).dtype);
        Assert.AreEqual(type, TensorArithmetic.Full([2], 0.1, type).dtype);
    }

    /// <summary>
    /// A million calls while another thread collects, every few calls and at any place of one: TorchSharp's own operators
    /// do not come through it. In a process of its own, whose heap is small.
    /// </summary>
    [TestMethod]
    public void HoldsItsScalarsThroughAMillionCalls()
    {
        string[] counts = FreshProcess.Run(CallUnderCollections, "1000000").Split(' ');

        Assert.AreEqual("1000000", counts[0]);
        Assert.IsGreaterThan(100, int.Parse(counts[1], CultureInfo.InvariantCulture), "too few collections");
    }

    /// <summary>Makes so many calls, each of which must give the right numbers, and returns calls and collections.</summary>
    private static string CallUnderCollections(string[] arguments)
    {
        int calls = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        (Tensor x, Tensor y) = (tensor(s_x), tensor(s_y));
        float[][] expected = [.. s_operations.Select(operation => s_x.Zip(s_y, operation.Numbers).ToArray())];
        int call = 0;
        bool isDone = false;
        var collector = new Thread(() =>
        {
            // Without a pause, collections leave the calls no time.
            for (int seen = 0; !Volatile.Read(ref isDone); seen = Volatile.Read(ref call))
            {
                while (Volatile.Read(ref call) - seen < CallsBetween && !Volatile.Read(ref isDone))
                {
                    Thread.SpinWait(1);
                }

                GC.Collect(0);
            }
        });
        collector.Start();
        try
        {
            for (; call < calls; Volatile.Write(ref call, call + 1))
            {
                using DisposeScope ofCall = NewDisposeScope();
                int operation = call % s_operations.Length;
                Tensor actual = s_operations[operation].Tensors(x, y);
                Assert.IsTrue(
                    TensorData.Read<float>(actual).SequenceEqual(expected[operation]),
                    $"call {call}, {s_operations[operation].Name}");
            }
        }
        finally
        {
            Volatile.Write(ref isDone, true);
            collector.Join();
        }

        return FormattableString.Invariant($"{call} {GC.CollectionCount(0)}");
    }

    [TestMethod]
    [DataRow(new long[] { 2, 3, 4 }, new long[] { 2, 4, 5 })]
    [DataRow(new long[] { 2, 3, 1, 4 }, new long[] { 2, 3, 4, 1 })]
    [DataRow(new long[] { 2, 1, 3, 2, 4 }, new long[] { 2, 1, 3, 4, 3 })]
    public void MultipliesMatrices(long[] left, long[] right)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3);
        Tensor x = randn(left, generator: generator).requires_grad_();
        Tensor y = randn([.. right[..^2], right[^1], right[^2]], generator: generator).transpose(-2, -1);

        Tensor product = x.MatMul(y);
        product.sum().backward();

        // Element by element: the rows of x with the columns of y, in products of which only the sum is taken.
        Tensor expected = (x.unsqueeze(-1) * y.unsqueeze(-3)).sum(-2);
        CollectionAssert.AreEqual(expected.shape, product.shape);
        Assert.IsTrue(expected.allclose(product, 1e-5, 1e-6));
        Assert.IsTrue(y.sum(-1).unsqueeze(-2).expand(left).allclose(x.grad!, 1e-5, 1e-6));
    }

    /// <summary>TorchSharp's own ends the process.</summary>
    [TestMethod]
    [DataRow(new long[] { 2, 3, 4 }, new long[] { 2, 5, 6 })]
    [DataRow(new long[] { 2, 3, 4 }, new long[] { 3, 4, 5 })]
    [DataRow(new long[] { 2, 3, 4 }, new long[] { 4, 5 })]
    [DataRow(new long[] { 3, 4 }, new long[] { 4, 5 })]
    [DataRow(new long[] { 4 }, new long[] { 4 })]
    [DataRow(new long[0], new long[0])]
    public void RefusesMatricesThatDoNotFit(long[] left, long[] right)
    {
        using DisposeScope scope = NewDisposeScope();

        string message = Assert.ThrowsExactly<ArgumentException>(() => ones(left).MatMul(ones(right))).Message;

        StringAssert.Contains(message, $"({string.Join(", ", left)}) and ({string.Join(", ", right)})");
    }

    [TestMethod]
    public void RefusesMatricesOfTwoTypes()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.Throws<Exception>(() => ones(1, 2, 3).MatMul(ones([1, 3, 2], ScalarType.Float64)));
    }

    private static float[] Values(Tensor tensor) => TensorData.Read<float>(tensor.contiguous()).ToArray();
}
