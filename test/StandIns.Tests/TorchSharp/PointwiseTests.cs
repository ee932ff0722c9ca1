using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

/// <summary>Functions of each element, against values that PyTorch 1.13 gives.</summary>
[TestClass]
public class PointwiseTests
{
    private static readonly float[] Numbers = [-2, -0.5f, 0, 0.25f, 1, 3];
    private static readonly float[] Positive = [0.25f, 0.5f, 1, 2, 9];

    private static IEnumerable<object[]> OfNumbers =>
    [
        ["exp", (Func<Tensor, Tensor>)exp, new[] { 0.13533528, 0.60653067, 1, 1.2840254, 2.7182817, 20.085537 }],
        ["expm1", (Func<Tensor, Tensor>)expm1, new[] { -0.86466473, -0.39346933, 0, 0.28402543, 1.7182819, 19.085537 }],
        ["erf", (Func<Tensor, Tensor>)erf, new[] { -0.99532229, -0.52049989, 0, 0.27632639, 0.84270078, 0.99997789 }],
        ["sigmoid", (Func<Tensor, Tensor>)sigmoid, new[] { 0.11920292, 0.37754068, 0.5, 0.56217653, 0.7310586, 0.95257413 }],
        ["tanh", (Func<Tensor, Tensor>)tanh, new[] { -0.96402758, -0.46211717, 0, 0.24491866, 0.76159418, 0.99505478 }],
        ["sin", (Func<Tensor, Tensor>)sin, new[] { -0.90929741, -0.47942555, 0, 0.24740396, 0.84147096, 0.14112 }],
        ["cos", (Func<Tensor, Tensor>)cos, new[] { -0.41614684, 0.87758255, 1, 0.96891242, 0.54030234, -0.9899925 }],
        ["atan", (Func<Tensor, Tensor>)atan, new[] { -1.1071488, -0.4636476, 0, 0.24497867, 0.78539813, 1.2490457 }],
        ["square", (Func<Tensor, Tensor>)square, new[] { 4, 0.25, 0, 0.0625, 1, 9 }],
        ["floor", (Func<Tensor, Tensor>)floor, new double[] { -2, -1, 0, 0, 1, 3 }],
        ["ceil", (Func<Tensor, Tensor>)ceil, new double[] { -2, 0, 0, 1, 1, 3 }],
        ["trunc", (Func<Tensor, Tensor>)trunc, new double[] { -2, 0, 0, 0, 1, 3 }],
        ["abs", (Func<Tensor, Tensor>)abs, new[] { 2, 0.5, 0, 0.25, 1, 3 }],
        ["sign", (Func<Tensor, Tensor>)sign, new double[] { -1, -1, 0, 1, 1, 1 }],
        ["neg", (Func<Tensor, Tensor>)neg, new[] { 2, 0.5, 0, -0.25, -1, -3 }],
        ["relu", (Func<Tensor, Tensor>)(x => x.relu()), new[] { 0, 0, 0, 0.25, 1, 3 }],
        ["silu", (Func<Tensor, Tensor>)(x => x.silu()), new[] { -0.23840584, -0.18877034, 0, 0.14054413, 0.7310586, 2.8577225 }],
        ["gelu", (Func<Tensor, Tensor>)(x => x.gelu()), new[] { -0.0455001, -0.15426879, 0, 0.14967656, 0.84134471, 2.99595022 }],
        ["clamp", (Func<Tensor, Tensor>)(x => x.clamp(-1, 1)), new[] { -1, -0.5, 0, 0.25, 1, 1 }],
        ["clamp to tensors", (Func<Tensor, Tensor>)(x => x.clamp(max: zeros(6))), new[] { -2, -0.5, 0, 0, 0, 0 }],
        ["pow", (Func<Tensor, Tensor>)(x => x.pow(3)), new[] { -8, -0.125, 0, 0.015625, 1, 27 }],
        ["ndtr", (Func<Tensor, Tensor>)special.ndtr, new[] { 0.02275013, 0.30853754, 0.5, 0.59870633, 0.84134475, 0.9986501 }],
    ];

    private static IEnumerable<object[]> OfPositive =>
    [
        ["log", (Func<Tensor, Tensor>)log, new[] { -1.3862944, -0.69314718, 0, 0.69314718, 2.1972246 }],
        ["log2", (Func<Tensor, Tensor>)log2, new[] { -2, -1, 0, 1, 3.169925 }],
        ["log10", (Func<Tensor, Tensor>)log10, new[] { -0.60206002, -0.30103001, 0, 0.30103001, 0.95424253 }],
        ["log1p", (Func<Tensor, Tensor>)log1p, new[] { 0.22314355, 0.4054651, 0.69314718, 1.0986123, 2.3025851 }],
        ["sqrt", (Func<Tensor, Tensor>)sqrt, new[] { 0.5, 0.70710677, 1, 1.4142135, 3 }],
        ["rsqrt", (Func<Tensor, Tensor>)rsqrt, new[] { 2, 1.4142135, 1, 0.70710677, 0.33333334 }],
        ["reciprocal", (Func<Tensor, Tensor>)reciprocal, new[] { 4, 2, 1, 0.5, 0.11111111 }],
        ["lgamma", (Func<Tensor, Tensor>)lgamma, new[] { 1.2880225, 0.57236493, 0, 0, 10.604603 }],
        ["digamma", (Func<Tensor, Tensor>)digamma, new[] { -4.2274542, -1.9635109, -0.57721591, 0.42278421, 2.1406415 }],
    ];

    public static string Name(System.Reflection.MethodInfo method, object[] row) => $"{method.Name} {row[0]}";

    [TestMethod, DynamicData(nameof(OfNumbers), DynamicDataDisplayName = nameof(Name))]
    public void FunctionOfNumbers(string name, Func<Tensor, Tensor> function, double[] expected) =>
        Check(Numbers, name, function, expected);

    [TestMethod, DynamicData(nameof(OfPositive), DynamicDataDisplayName = nameof(Name))]
    public void FunctionOfPositiveNumbers(string name, Func<Tensor, Tensor> function, double[] expected) =>
        Check(Positive, name, function, expected);

    [TestMethod]
    public void InPlaceChangesTheTensorAndReturnsIt()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1, 4, 9 });
        Assert.AreSame(x, x.sqrt_().add_(1));
        TensorAssert.AreClose([2, 3, 4], x);
        Assert.AreEqual(1, scope.DisposablesCount);
    }

    [TestMethod]
    public void OperatorsTakeNumbersOnEitherSide()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1, 2, 4 });
        TensorAssert.AreClose([3, 4, 6], 2 + x);
        TensorAssert.AreClose([1, 0, -2], 2 - x);
        TensorAssert.AreClose([2, 4, 8], 2.0 * x);
        TensorAssert.AreClose([2, 1, 0.5], 2f / x);
        TensorAssert.AreClose([0.5, 1, 2], x / 2);
        TensorAssert.AreClose([1, 2, 1], x % 3);
        TensorAssert.AreClose([-1, -2, -4], -x);
        TensorAssert.AreClose([0, 1, 1], x >= 2);
        TensorAssert.AreClose([1, 1, 0], 3 > x);
        TensorAssert.AreClose([0, 1, 0], x == 2);
        TensorAssert.AreClose([0, 1, 0], (x > 1) & (x < 3));
    }

    [TestMethod]
    public void NumbersDoNotWidenTheElementType()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.AreEqual(ScalarType.Float32, (ones(2) * 1.5).dtype);
        Assert.AreEqual(ScalarType.Float16, (ones(2, ScalarType.Float16) + 1.5).dtype);
        Assert.AreEqual(ScalarType.Int32, (ones(2, ScalarType.Int32) + 1L).dtype);
        Assert.AreEqual(ScalarType.Float32, (ones(2, ScalarType.Int64) * 1.5).dtype);
        Assert.AreEqual(ScalarType.Float32, (1.0 / ones(2)).dtype);
        Assert.AreEqual(ScalarType.Float64, (ones(2) + ones(2, ScalarType.Float64)).dtype);
    }

    [TestMethod]
    public void QuotientsRoundAsAsked()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 7, -7 });
        TensorAssert.AreClose([3.5, -3.5], x.div(2));
        TensorAssert.AreClose([3, -3], x.div(2, RoundingMode.trunc));
        TensorAssert.AreClose([3, -4], x.div(2, RoundingMode.floor));
        TensorAssert.AreClose([1, 1], x.remainder(2));
        TensorAssert.AreClose([1, -1], x.fmod(2));
        TensorAssert.AreClose([13, -8], x.add(tensor(new float[] { 2, -0.3333333f }), 3));
    }

    private static void Check(float[] numbers, string name, Func<Tensor, Tensor> function, double[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor result = function(tensor(numbers));
        Assert.AreEqual(ScalarType.Float32, result.dtype, name);
        TensorAssert.AreClose(expected, result, 2e-6);
    }
}
