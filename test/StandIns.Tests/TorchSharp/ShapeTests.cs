using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass]
public class ShapeTests
{
    [TestMethod]
    public void Rearrangements()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(24).reshape(2, 3, 4);
        TensorAssert.HasShape([4, 2, 3], x.permute(2, 0, 1));
        TensorAssert.HasShape([2, 4, 3], x.transpose(1, -1));
        TensorAssert.HasShape([3, 4, 2], x.movedim([0], [-1]));
        TensorAssert.HasShape([2, 12], x.flatten(1));
        TensorAssert.HasShape([2, 3, 2, 2], x.unflatten(2, 2, 2));
        Assert.ThrowsExactly<ArgumentException>(() => x.unflatten(-1, 2, 2));
        TensorAssert.HasShape([2, 1, 3, 4], x.unsqueeze(1));
        TensorAssert.HasShape([2, 3, 4], x.unsqueeze(1).squeeze(1));
        TensorAssert.HasShape([2, 3, 4], x.unsqueeze(0).unsqueeze(-1).squeeze());
        TensorAssert.HasShape([2, 3, 2, 2], x.unfold(2, 2, 2));
        TensorAssert.HasShape([6, 4], x.view(-1, 4));
        TensorAssert.AreClose([0, 12, 1, 13], x.permute(2, 0, 1)[TensorIndex.Slice(0, 2), .., 0]);
        Assert.IsFalse(x.transpose(0, 1).is_contiguous());
        Assert.IsTrue(x.transpose(0, 1).contiguous().is_contiguous());
        CollectionAssert.AreEqual(new long[] { 12, 4, 1 }, x.stride());
        Assert.AreEqual(4, x.size(-1));
        Assert.AreEqual(24, x.numel());
    }

    [TestMethod]
    public void Copies()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(4).reshape(2, 2);
        TensorAssert.AreClose([0, 1, 0, 1, 2, 3, 2, 3], x.repeat(1, 2));
        TensorAssert.AreClose([0, 0, 1, 1, 2, 2, 3, 3], x.repeat_interleave(2));
        TensorAssert.AreClose([0, 1, 0, 1, 2, 3, 2, 3], x.unsqueeze(1).expand(2, 2, 2));
        TensorAssert.AreClose([1, 0, 3, 2], x.flip(1));
        TensorAssert.AreClose([2, 3, 0, 1], x.roll(1, 0));
        TensorAssert.AreClose([3, 2, 1, 0], x.roll([1, 1], [0, 1]));
        TensorAssert.AreClose([3, 2, 1, 0], x.roll((1, 1), (0, 1)));
        TensorAssert.AreClose([0, 0, 2, 3], x.tril());
        TensorAssert.AreClose([0, 3], x.diagonal(0, 0, 1));
    }

    [TestMethod]
    public void JoinsAndParts()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6).reshape(2, 3);
        TensorAssert.HasShape([2, 6], cat([x, x], 1));
        TensorAssert.HasShape([2, 2, 3], stack([x, x], 1));
        TensorAssert.HasShape([4, 3], vstack([x, x]));
        Tensor[] halves = x.split(2, 1);
        Assert.HasCount(2, halves);
        TensorAssert.AreClose([2, 5], halves[1]);
        TensorAssert.AreClose([1, 2, 4, 5], x.split([1, 2], 1)[1]);
        Assert.HasCount(3, x.chunk(3, 1));
        Assert.HasCount(2, x.unbind());
        TensorAssert.AreClose([1, 2, 4, 5], x.narrow(1, 1, 2));
        TensorAssert.AreClose([3, 4, 5], x.select(0, 1));
        Tensor[] grid = meshgrid([arange(2), arange(3)]);
        TensorAssert.HasShape([2, 3], grid[0]);
        TensorAssert.AreClose([0, 1, 2, 0, 1, 2], grid[1]);
        TensorAssert.AreClose([3, 0, 0, 0, 4, 0, 0, 0, 5], x.select(0, 1).diag());
    }

    [TestMethod]
    public void PicksAndPlaces()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = arange(6, ScalarType.Float32).reshape(2, 3);
        Tensor index = tensor(new long[,] { { 2, 0 }, { 1, 1 } });
        TensorAssert.AreClose([2, 0, 4, 4], x.gather(1, index));
        TensorAssert.AreClose([0, 2, 3, 5], x.index_select(1, tensor(new long[] { 0, 2 })));
        TensorAssert.AreClose(
            [1, 0, 1, 0, 2, 0], zeros(2, 3).scatter_add(1, index, ones(2, 2)));
        TensorAssert.AreClose([7, 0, 7, 0, 7, 0], zeros(2, 3).scatter(1, index, full(2, 2, 7f)));
        TensorAssert.AreClose([0, 1, 2, 9, 9, 9], x.masked_fill(x > 2, 9));
        TensorAssert.AreClose([3, 4, 5], x.masked_select(x > 2));
        TensorAssert.AreClose([1, 0, 1, 1, 1, 2], (x > 2).nonzero());
        TensorAssert.AreClose([-1, -1, -1, 3, 4, 5], where(x > 2, x, -ones(2, 3)));
        TensorAssert.AreClose([1, 1, 3], searchsorted(tensor(new float[] { 1, 2, 3 }), tensor(new float[] { 1.5f, 2, 9 })));
    }
}
