using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>Files as the official code bases save them, and what they become when another model takes them.</summary>
[TestClass]
public class CheckpointGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("checkpoints")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        if (golden.Json.TryGetProperty("untouched", out _) || golden.Json.TryGetProperty("source_params", out _))
        {
            Assert.Inconclusive("No model takes this checkpoint yet.");
        }

        using Checkpoint checkpoint = Open(golden, golden.Json.GetProperty("file").GetString()!);
        AssertHolds(golden, checkpoint.StateDict);
    }

    private static Checkpoint Open(GoldenCase golden, string file) => Checkpoint.Open(Path.Combine(golden.Directory, file));

    /// <summary>The expected tensors, all of them and no others, equal to the bit.</summary>
    private static void AssertHolds(GoldenCase golden, IReadOnlyDictionary<string, CheckpointTensor> actual)
    {
        CollectionAssert.AreEquivalent(golden.Tensors.Keys.ToArray(), actual.Keys.ToArray(), golden.Id);
        foreach ((string name, GoldenTensor expected) in golden.Tensors)
        {
            CheckpointTensor tensor = actual[name];
            Assert.AreEqual(
                golden.Json.GetProperty("expected").GetProperty(name).GetProperty("dtype").GetString(),
                tensor.DType.ToString(), ignoreCase: true, $"{golden.Id}: {name}");
            CollectionAssert.AreEqual(expected.Shape, tensor.Shape.ToArray(), $"{golden.Id}: {name}");
            CollectionAssert.AreEqual(expected.Bytes, tensor.ToBytes(), $"{golden.Id}: {name}");
        }
    }
}
