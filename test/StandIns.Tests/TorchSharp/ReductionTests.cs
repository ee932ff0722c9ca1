using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass]
public class ReductionTests
{
    private static Tensor Sample => tensor(new float[,] { { 1, 2, 3 }, { 4, -5, 6 } });

    [TestMethod]
    public void SumsAndMeans()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        TensorAssert.AreClose([11], x.sum());
        TensorAssert.AreClose([6, 5], x.sum(1));
        TensorAssert.AreClose([11], x.sum(0, 1));
        TensorAssert.HasShape([2, 1], x.sum(1, keepdim: true));
        TensorAssert.AreClose([5, -3, 9], x.sum([0L]));
        TensorAssert.AreClose([2, 5.0 / 3], x.mean([1]));
        TensorAssert.AreClose([11.0 / 6], x.mean());
        TensorAssert.AreClose([6, -120], x.prod(1));
        TensorAssert.AreClose([3.4076058864, 6.1269426345], x.logsumexp(1));
        TensorAssert.AreClose([1, 3, 6, 4, -1, 5], x.cumsum(1));
        Assert.AreEqual(ScalarType.Float64, x.sum(ScalarType.Float64).dtype);
        Assert.AreEqual(ScalarType.Int64, ones(3, ScalarType.Bool).sum().dtype);
    }

    [TestMethod]
    public void Spreads()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        TensorAssert.AreClose([1, 34.333333], x.var(1));
        TensorAssert.AreClose([1, 5.8594651], x.std(1));
        TensorAssert.AreClose([2.25, 12.25, 2.25], x.var(0, unbiased: false));
        TensorAssert.AreClose([9.5393924], x.norm());
        TensorAssert.AreClose([6, 15], x.norm(1, p: 1));
        TensorAssert.AreClose([4.0207257, 5.1044688, 6.2402520], x.norm(0, p: 3));
        (Tensor deviation, Tensor mean) = x.std_mean(1);
        TensorAssert.AreClose([1, 5.8594651], deviation);
        TensorAssert.AreClose([2, 5.0 / 3], mean);
        TensorAssert.AreClose([1.5, -0.5, 2, 4], quantile(x, tensor(new[] { 0.25f, 0.5f }), 1));
    }

    [TestMethod]
    public void Extremes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        TensorAssert.AreClose([6], x.max());
        (Tensor values, Tensor indexes) = x.max(1);
        TensorAssert.AreClose([3, 6], values);
        TensorAssert.AreClose([2, 2], indexes);
        TensorAssert.AreClose([1, -5], x.min(1).Item1);
        TensorAssert.AreClose([5], x.argmax());
        TensorAssert.AreClose([1, 0, 1], x.argmax(0));
        TensorAssert.AreClose([4, 2, 6], x.amax([0L]));
        TensorAssert.AreClose([1, -5, 3], amin(x, [0L]));
        TensorAssert.AreClose([1, 2, 3, 2, -5, 3], minimum(x, tensor(new float[] { 2, 2, 3 })));
        (Tensor top, Tensor where) = x.topk(2, 1);
        TensorAssert.AreClose([3, 2, 6, 4], top);
        TensorAssert.AreClose([2, 1, 2, 0], where);
    }

    [TestMethod]
    public void Orders()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 3, 1, 2, 1 });
        (Tensor values, Tensor indexes) = x.sort(stable: true);
        TensorAssert.AreClose([1, 1, 2, 3], values);
        TensorAssert.AreClose([1, 3, 2, 0], indexes);
        TensorAssert.AreClose([3, 2, 1, 1], x.sort(descending: true).Item1);
        (Tensor unique, Tensor? inverse, Tensor? counts) = x.unique(return_inverse: true, return_counts: true);
        TensorAssert.AreClose([1, 2, 3], unique);
        TensorAssert.AreClose([2, 0, 1, 0], inverse!);
        TensorAssert.AreClose([2, 1, 1], counts!);
        TensorAssert.AreClose([2, 1, 1], x.histc(3, 1, 3));
        TensorAssert.AreClose([0, 2, 0, 1], bincount(tensor(new long[] { 1, 3, 1 })));
        TensorAssert.AreClose([-2, 1, -1], x.diff());
    }

    [TestMethod]
    public void SoftmaxSumsToOne()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        TensorAssert.AreClose(
            [0.09003057, 0.24472848, 0.66524094, 0.11920116, 1.4710592e-05, 0.88078409], x.softmax(1));
        TensorAssert.AreClose(
            [-3.0485873, -0.00091141637, -3.0485873, -0.04858733, -7.0009112, -0.04858733], x.log_softmax(0));
        Assert.AreEqual(ScalarType.Float64, softmax(x, 1, ScalarType.Float64).dtype);
    }

    [TestMethod]
    public void ComparisonsOfWholeTensors()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        Assert.IsTrue(allclose(x, x + 1e-9));
        Assert.IsFalse(allclose(x, x + 1e-3));
        Assert.IsTrue(allclose(x, x + 1e-3, atol: 1e-2));
        Assert.IsTrue((x == x.clone()).all().ToBoolean());
        Assert.IsTrue((x > 5).any().item<bool>());
        TensorAssert.HasShape([2, 3], x.equal(x));
        TensorAssert.AreClose([1, 1, 1, 1, 0, 1], x.isclose(x.abs()));
    }
}
