using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class LossFunctionTests
{
    private static readonly float[] s_logits = [0.3f, -1.2f, 2f, 0.1f, 0.7f, -0.4f, 1.5f, 1.4f, -3f, 0f, 0f, 0.2f];
    private static readonly long[] s_labels = [2, 0, 1, 2];

    [TestMethod]
    [DataRow(0.0, false)]
    [DataRow(0.1, false)]
    [DataRow(0.0, true)]
    [DataRow(0.2, true)]
    public void CrossEntropyIsTheLibrarys(double labelSmoothing, bool isWeighted)
    {
        using var scope = NewDisposeScope();
        float[]? weights = isWeighted ? [0.5f, 2f, 1.25f] : null;
        Tensor logits = tensor(s_logits, [4, 3]);
        Tensor labels = tensor(s_labels, [4]);
        using var loss = new LossFunction(
            AudioLossFunction.CrossEntropy, 3, labelSmoothing, weights, CPU);

        Tensor targets = loss.ToTargets(labels);
        float own = (loss.Sum(logits, targets) / loss.Normalizer(targets)).item<float>();

        Tensor? expectedWeights = weights is null ? null : tensor(weights, [3]);
        float expected = functional.cross_entropy(
            logits, labels, expectedWeights!, label_smoothing: labelSmoothing).item<float>();
        Assert.AreEqual(expected, own, 1e-6);
    }

    [TestMethod]
    public void BinaryCrossEntropyIsTheLibrarys()
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(s_logits, [4, 3]);
        using var loss = new LossFunction(AudioLossFunction.BinaryCrossEntropy, 3, 0, null, CPU);

        Tensor targets = loss.ToTargets(tensor(s_labels, [4]));
        float own = (loss.Sum(logits, targets) / loss.Normalizer(targets)).item<float>();

        Assert.AreEqual(functional.binary_cross_entropy_with_logits(logits, targets).item<float>(), own, 1e-6);
    }

    [TestMethod]
    public void WhatNobodyKnowsLosesNothing()
    {
        using var scope = NewDisposeScope();
        using var loss = new LossFunction(AudioLossFunction.BinaryCrossEntropy, 3, 0, null, CPU);
        Tensor logits = tensor(s_logits, [4, 3]);
        logits.requires_grad = true;
        Tensor targets = loss.ToTargets(tensor(s_labels, [4]));
        Tensor isUnknown = zeros(4, 3, dtype: ScalarType.Bool);
        isUnknown[1, 2] = true;
        isUnknown[3, 0] = true;

        Tensor sum = loss.Sum(logits, targets.masked_fill(isUnknown, float.NaN));
        sum.backward();

        Tensor each = functional.binary_cross_entropy_with_logits(logits, targets, reduction: Reduction.None);
        Assert.AreEqual(each.masked_fill(isUnknown, 0).sum().item<float>() / 3, sum.item<float>(), 1e-6);
        Assert.IsTrue(logits.grad!.eq(0).eq(isUnknown).all().item<bool>());
    }

    [TestMethod]
    public void MixedTargetsMixTheLosses()
    {
        using var scope = NewDisposeScope();
        using var loss = new LossFunction(AudioLossFunction.CrossEntropy, 3, 0, null, CPU);
        Tensor logits = tensor(s_logits, [4, 3]);
        Tensor first = loss.ToTargets(tensor(s_labels, [4]));
        Tensor second = loss.ToTargets(tensor(new long[] { 1, 1, 0, 0 }, [4]));

        float mixed = loss.Sum(logits, first * 0.7 + second * 0.3).item<float>();

        float expected = 0.7f * loss.Sum(logits, first).item<float>() + 0.3f * loss.Sum(logits, second).item<float>();
        Assert.AreEqual(expected, mixed, 1e-5);
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.1)]
    public void TwoHeadsHaveACrossEntropyEach(double smoothing)
    {
        using var scope = NewDisposeScope();
        using var loss = new LossFunction(AudioLossFunction.CrossEntropy, 5, smoothing, null, CPU, [2, 3]);
        Tensor logits = randn([4, 5], ScalarType.Float32, generator: new Generator(1));
        Tensor verbs = tensor(new long[] { 0, 1, 1, 0 }, [4]);
        Tensor nouns = tensor(new long[] { 2, 0, 1, 2 }, [4]);
        Tensor targets = cat([nn.functional.one_hot(verbs, 2), nn.functional.one_hot(nouns, 3)], 1).to(ScalarType.Float32);

        Tensor expected = nn.functional.cross_entropy(logits.narrow(1, 0, 2), verbs, label_smoothing: smoothing)
            + nn.functional.cross_entropy(logits.narrow(1, 2, 3), nouns, label_smoothing: smoothing);

        Assert.AreEqual(expected.item<float>(), (loss.Sum(logits, targets) / loss.Normalizer(targets)).item<float>(), 1e-6);
    }
}
