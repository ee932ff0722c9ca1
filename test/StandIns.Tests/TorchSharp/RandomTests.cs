using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

[TestClass, DoNotParallelize]
public class RandomTests
{
    [TestMethod]
    public void ASeedGivesTheSameNumbersAgain()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(7);
        Tensor first = rand(5), then = rand(5);
        manual_seed(7);
        Assert.IsTrue(allclose(first, rand(5), 0, 0));
        Assert.IsTrue(allclose(then, rand(5), 0, 0));
        Assert.IsFalse(allclose(first, then));
        Assert.AreEqual(7, random.initial_seed());
    }

    [TestMethod]
    public void GeneratorsAreIndependent()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator one = new(3), other = new(3);
        Tensor first = randn(4, generator: one);
        manual_seed(1);
        _ = rand(10);
        Assert.IsTrue(allclose(first, randn(4, generator: other), 0, 0));
        Tensor state = one.get_state();
        Tensor next = randperm(20, generator: one);
        one.set_state(state);
        Assert.IsTrue(allclose(next, randperm(20, generator: one), 0, 0));
        one.manual_seed(3);
        Assert.IsTrue(allclose(first, randn(4, generator: one), 0, 0));
        Assert.AreEqual(3, one.initial_seed());
    }

    [TestMethod]
    public void NumbersLieWhereTheyShould()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(11);
        Tensor uniform = empty(20000).uniform_(-1, 3, generator);
        Assert.IsTrue(uniform.min().ToDouble() >= -1 && uniform.max().ToDouble() < 3);
        Assert.AreEqual(1, uniform.mean().ToDouble(), 0.05);
        Tensor normals = empty(20000).normal_(2, 0.5, generator);
        Assert.AreEqual(2, normals.mean().ToDouble(), 0.02);
        Assert.AreEqual(0.5, normals.std().ToDouble(), 0.02);
        Assert.AreEqual(0.3, empty(20000).bernoulli_(0.3, generator).mean().ToDouble(), 0.02);
        Tensor integers = randint(2, 5, [1000L], generator: generator);
        Assert.AreEqual(2, integers.min().ToInt64());
        Assert.AreEqual(4, integers.max().ToInt64());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 50).Select(i => (double)i).ToArray(),
            TensorAssert.Elements(randperm(50, generator: generator).sort().Item1));
        Tensor drawn = multinomial(tensor(new float[] { 0, 1, 0, 3 }), 1000, true, generator);
        Assert.AreEqual(0.75, (drawn == 3).to(ScalarType.Float32).mean().ToDouble(), 0.06);
        Assert.IsFalse((drawn == 0).any().ToBoolean());
    }
}
