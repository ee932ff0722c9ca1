using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>Files as the official code bases save them, and what they become in another model.</summary>
[TestClass]
public class CheckpointGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("checkpoints")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using Checkpoint checkpoint = Open(golden, golden.Json.GetProperty("file").GetString()!);
        string[] untouched = golden.Json.TryGetProperty("untouched", out JsonElement names)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : [];
        if (golden.Json.TryGetProperty("grid_size", out _))
        {
            AssertBecomesPasst(golden, checkpoint.Path, untouched);
        }
        else if (untouched.Length > 0)
        {
            AssertBecomesHtsAt(golden, checkpoint);
        }
        else if (golden.Json.TryGetProperty("target_params", out _))
        {
            AssertBecomesDat(golden, checkpoint);
        }
        else
        {
            AssertHolds(golden, checkpoint.StateDict);
        }

        if (golden.Json.TryGetProperty("inputs", out JsonElement inputs))
        {
            AssertIsAverage(golden, [.. inputs.EnumerateArray().Select(file => file.GetString()!)]);
        }
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

    private static void AssertIsAverage(GoldenCase golden, string[] files)
    {
        Checkpoint[] checkpoints = [.. files.Select(file => Open(golden, file))];
        try
        {
            AssertHolds(golden, WeightAverage.Of(checkpoints).ToDictionary(tensor => tensor.Name));
        }
        finally
        {
            Array.ForEach(checkpoints, checkpoint => checkpoint.Dispose());
        }
    }

    private static void AssertBecomesPasst(GoldenCase golden, string path, string[] untouched)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(PasstTests.Options(golden.Json.GetProperty("params")), generator);

        CheckpointReport report = PasstCheckpoint.Load(model, path);

        CollectionAssert.AreEquivalent(untouched, report.Missing.ToArray());
        CollectionAssert.AreEquivalent(
            golden.Tensors.Keys.ToArray(), report.Loaded.Concat(report.Adapted.Select(item => item.Name)).ToArray());
        AssertEqual(golden, model.state_dict().Where(pair => !untouched.Contains(pair.Key)).Select(pair => (pair.Key, pair.Value)));
    }

    private static void AssertBecomesHtsAt(GoldenCase golden, Checkpoint checkpoint)
    {
        using DisposeScope scope = NewDisposeScope();
        const string prefix = "sed_model.";
        Dictionary<string, long[]> target = golden.Tensors.ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value.Shape);
        WeightMap map = HtsAtCheckpoint.Map(checkpoint.Path, checkpoint.StateDict, target, new CheckpointAdaptation());
        AssertEqual(golden, map.Tensors().Select(pair => (prefix + pair.Name, pair.Values)));
    }

    private static void AssertBecomesDat(GoldenCase golden, Checkpoint checkpoint)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, long[]> target = golden.Tensors.ToDictionary(pair => pair.Key, pair => pair.Value.Shape);
        WeightMap map = DatCheckpoint.Map(checkpoint.Path, checkpoint.StateDict, target, new CheckpointAdaptation());
        AssertEqual(golden, map.Tensors());
    }

    private static void AssertEqual(GoldenCase golden, IEnumerable<(string Name, Tensor Values)> actual)
    {
        HashSet<string> names = [.. golden.Tensors.Keys];
        foreach ((string name, Tensor values) in actual)
        {
            Assert.IsTrue(names.Remove(name), $"{golden.Id}: {name} was not expected");
            GoldenTorch.AssertClose(golden, name, values, "adapted weights");
        }

        Assert.HasCount(0, names, $"{golden.Id}: not given: {string.Join(", ", names)}");
    }
}
