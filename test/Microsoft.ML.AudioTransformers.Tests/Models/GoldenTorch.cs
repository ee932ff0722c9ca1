using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Tensors of golden cases in TorchSharp, and comparisons with them.</summary>
internal static class GoldenTorch
{
    public static Tensor Tensor(GoldenTensor golden) => golden.DType switch
    {
        "F32" => tensor(golden.ToSingles(), golden.Shape),
        "I64" => tensor(golden.ToInt64s(), golden.Shape),
        _ => throw new NotSupportedException($"{golden.CaseId}: {golden.Name} is {golden.DType}."),
    };

    /// <summary>Loads <c>weights.*</c> under the official names, which must be the module's, all of them.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="module">Takes the weights.</param>
    /// <param name="isDerived">Names that the case has and the module computes itself.</param>
    public static void LoadWeights(
        GoldenCase golden, nn.Module module, Func<string, bool>? isDerived = null)
    {
        const string prefix = "weights.";
        Dictionary<string, Tensor> target = module.state_dict();
        Dictionary<string, GoldenTensor> weights = golden.Tensors
            .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(pair => isDerived?.Invoke(pair.Key[prefix.Length..]) != true)
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
        CollectionAssert.AreEquivalent(
            weights.Keys, target.Keys.ToArray(), $"{golden.Id}: state dict");
        foreach ((string name, GoldenTensor weight) in weights)
        {
            CollectionAssert.AreEqual(weight.Shape, target[name].shape, $"{golden.Id}: {name}");
            using Tensor values = Tensor(weight);
            ModuleWeights.Copy(values, target[name]);
        }
    }

    /// <summary>Compares a result with the case's tensor of that name, within the case's tolerance.</summary>
    public static void AssertClose(GoldenCase golden, string name, Tensor actual, string what)
    {
        using DisposeScope scope = NewDisposeScope();
        GoldenTensor expected = golden[name];
        if (actual.dim() > 0 || expected.Shape is not [1])
        {
            CollectionAssert.AreEqual(expected.Shape, actual.shape, $"{golden.Id}: shape of {name}");
        }

        float[] values = actual.detach().cpu().contiguous().data<float>().ToArray();
        GoldenAssert.Close(expected, values, golden.Atol, golden.Rtol, what);
    }
}
