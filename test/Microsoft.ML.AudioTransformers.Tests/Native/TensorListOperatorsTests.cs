using Microsoft.ML.AudioTransformers.Native;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Native;

/// <summary>Operators over lists of tensors, against sums in double precision; AdamWTests compares the optimizer's.</summary>
[TestClass]
public sealed class TensorListOperatorsTests
{
    private static readonly int[] s_lengths = [1, 3, 16, 17, 1000, 70_001];

    [TestMethod]
    [DataRow(0.5)]
    [DataRow(1e6)]
    public void ClipsTheNormOfAllGradientsTogether(double maximum)
    {
        using var scope = NewDisposeScope();
        float[][] values = Values(seed: 3);
        Tensor[] gradients = [.. values.Select(item => tensor(item))];
        double norm = Math.Sqrt(values.Sum(item => item.Sum(value => (double)value * value)));
        double factor = Math.Min(1, maximum / (norm + 1e-6));

        Tensor found = TensorListOperators.ClipNorm(gradients, maximum);

        Assert.AreEqual(norm, found.item<float>(), 1e-5 * norm);
        for (int i = 0; i < values.Length; i++)
        {
            AssertClose([.. values[i].Select(value => value * factor)], gradients[i]);
        }
    }

    [TestMethod]
    [DataRow(0.001)]
    [DataRow(0.75)]
    public void Interpolates(double rate)
    {
        using var scope = NewDisposeScope();
        float[][] from = Values(seed: 1);
        float[][] to = Values(seed: 2);
        Tensor[] means = [.. from.Select(item => tensor(item))];

        TensorListOperators.Lerp(means, [.. to.Select(item => tensor(item))], rate);

        for (int i = 0; i < from.Length; i++)
        {
            AssertClose([.. from[i].Zip(to[i], (mean, value) => mean + (rate * (value - (double)mean)))], means[i]);
        }
    }

    [TestMethod]
    public void InterpolatesToTheValuesThemselvesAtOne()
    {
        using var scope = NewDisposeScope();
        float[][] to = Values(seed: 2);
        Tensor[] means = [.. Values(seed: 1).Select(item => tensor(item))];

        TensorListOperators.Lerp(means, [.. to.Select(item => tensor(item))], 1);

        for (int i = 0; i < to.Length; i++)
        {
            CollectionAssert.AreEqual(to[i], means[i].data<float>().ToArray());
        }
    }

    [TestMethod]
    public void FillsWithZero()
    {
        using var scope = NewDisposeScope();
        Tensor[] tensors = [.. Values(seed: 1).Select(item => tensor(item))];

        TensorListOperators.Zero(tensors);
        TensorListOperators.Zero([]);

        Assert.IsTrue(tensors.All(item => item.data<float>().All(value => value == 0)));
    }

    [TestMethod]
    public void ListsOfUnequalLengthAreRefused()
    {
        using var scope = NewDisposeScope();
        Tensor[] one = [zeros(2)];

        var exception = Assert.ThrowsExactly<ArgumentException>(() => TensorListOperators.Lerp(one, [], 0.5));

        StringAssert.Contains(exception.Message, "1 and 0 tensors");
    }

    private static float[][] Values(int seed)
    {
        var random = new Random(seed);
        return [.. s_lengths.Select(length => Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 2) - 1).ToArray())];
    }

    private static void AssertClose(IReadOnlyList<double> expected, Tensor actual)
    {
        float[] found = actual.data<float>().ToArray();
        Assert.AreEqual(expected.Count, found.Length);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 1e-6, $"at {i} of {found.Length}");
        }
    }
}
