using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass]
public class IndexingTests
{
    private static Tensor Sample => arange(24, ScalarType.Float32).reshape(2, 3, 4);

    [TestMethod]
    public void ElementsAndSlices()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        Assert.AreEqual(23f, x[1, 2, 3].item<float>());
        Assert.AreEqual(23f, x[-1, -1, -1].item<float>());
        TensorAssert.AreClose([8, 9, 10, 11], x[0, 2]);
        TensorAssert.HasShape([3, 4], x[1]);
        TensorAssert.AreClose([1, 13], x[.., 0, 1]);
        TensorAssert.AreClose([9, 10], x[0, 2, 1..3]);
        TensorAssert.AreClose([10, 11], x[0, 2, ^2..]);
        TensorAssert.AreClose([11], x[0, 2, ^1]);
        TensorAssert.AreClose([3, 7, 11, 15, 19, 23], x[TensorIndex.Ellipsis, 3]);
        TensorAssert.AreClose([0, 2], x[0, 0, TensorIndex.Slice(step: 2)]);
        TensorAssert.AreClose([0, 1, 2], x[0, 0, TensorIndex.Slice(null, -1)]);
        TensorAssert.HasShape([2, 1, 3, 4], x[TensorIndex.Colon, TensorIndex.None]);
        TensorAssert.HasShape([2, 3, 4, 1], x[TensorIndex.Ellipsis, TensorIndex.Null]);
        TensorAssert.HasShape([2, 3, 4], x[TensorIndex.Ellipsis]);
    }

    [TestMethod]
    public void TensorsOfIndexes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        Tensor picks = tensor(new long[] { 2, 0 });
        TensorAssert.HasShape([2, 2, 4], x[TensorIndex.Colon, TensorIndex.Tensor(picks)]);
        TensorAssert.AreClose([10, 2], x[0, TensorIndex.Tensor(picks), 2]);
        TensorAssert.AreClose([8, 9, 10, 11, 12, 13, 14, 15], x[tensor(new long[] { 0, 1 }), picks]);
        TensorAssert.AreClose([21, 22, 23], x[x > 20]);
        TensorAssert.AreClose(
            [13, 17, 21], x[1, TensorIndex.Ellipsis, TensorIndex.Tensor(tensor(new[] { false, true, false, false }))]);
    }

    [TestMethod]
    public void AnIndexGivesAView()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        x[1, 2].fill_(0);
        TensorAssert.AreClose([0, 0, 0, 0], x[1, 2]);
        x[TensorIndex.Ellipsis].add_(1);
        Assert.AreEqual(1f, x[1, 2, 3].item<float>());
    }

    [TestMethod]
    public void Assignments()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        x[0, 0, 0] = 100f;
        x[1] = zeros(3, 4);
        x[0, 1..3, 2] = tensor(new float[] { 7, 8 });
        x[0, 2, TensorIndex.Slice(0, 2)] = tensor(-1f);
        TensorAssert.AreClose([100, 1, 2, 3, 4, 5, 7, 7, -1, -1, 8, 11], x[0]);
        TensorAssert.AreClose(new double[12], x[1]);
        x[x > 50] = tensor(5f);
        Assert.AreEqual(5f, x[0, 0, 0].item<float>());
        x[TensorIndex.Tensor(tensor(new long[] { 1 })), 0] = tensor(new float[] { 1, 2, 3, 4 });
        TensorAssert.AreClose([1, 2, 3, 4], x[1, 0]);
        x.index_put_(6, tensor(new long[] { 1, 1 }), tensor(new long[] { 0, 2 }));
        TensorAssert.AreClose([6, 6, 6, 6], x[1, 2]);
    }

    [TestMethod]
    public void IndexesOutOfRangeAreErrors()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = Sample;
        Throws(() => x[2]);
        Throws(() => x[0, 3]);
        Throws(() => x.select(1, 3));
        Throws(() => x[0, 0, 0, 0]);
        Throws(() => x.index_select(0, tensor(new long[] { 5 })));

        static void Throws(Func<Tensor> index) => Assert.Throws<Exception>(() => index());
    }
}
