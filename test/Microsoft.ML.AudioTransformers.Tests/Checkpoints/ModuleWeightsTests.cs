using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>Weights that are read in their place are checked there.</summary>
[TestClass]
public sealed class ModuleWeightsTests
{
    /// <summary>A parameter of more than one block, whose last element is none.</summary>
    [TestMethod]
    public void AnUnreadableWeightIsNamed()
    {
        using DisposeScope scope = NewDisposeScope();
        nn.Module<Tensor, Tensor> module = nn.Linear(300, 300);
        using var stream = new MemoryStream();
        ModuleWeights.Write(module, stream);
        byte[] bytes = stream.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - sizeof(float)), float.NegativeInfinity);

        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => ModuleWeights.Read(module, new MemoryStream(bytes), "model.zip"));

        Assert.AreEqual("'model.zip': element 89999 of 'weight' is -Infinity; expected finite numbers.", error.Message);

        // A whole block is there, and a part of the next.
        error = Assert.ThrowsExactly<InvalidDataException>(
            () => ModuleWeights.Read(module, new MemoryStream(bytes[..^8]), "model.zip"));

        Assert.AreEqual(
            "'model.zip' ends within tensor 'weight': 360000 bytes were expected, 359992 are there.", error.Message);
    }
}
