using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>Valid safetensors files with tensors of types that the library does not read.</summary>
[TestClass]
public sealed class UnreadableTypeTests
{
    private static readonly PasstConfig s_config = new()
    {
        InputFrequency = 8, InputTime = 16, PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 16, Depth = 1, Heads = 2,
        Classes = 2,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    [TestCleanup]
    public void Cleanup()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [TestMethod]
    [DataRow("f8_e4m3", "F8_E4M3")]
    [DataRow("f8_e8m0", "F8_E8M0")]
    public void ATensorThatTheModelDoesNotNeedIsLeftOut(string file, string type)
    {
        Passt plain = New();
        Passt other = New();
        CheckpointReport without = Load(plain, CheckpointFiles.Path("plain.safetensors"));

        CheckpointReport report = Load(other, CheckpointFiles.Path(file + ".safetensors"));

        CollectionAssert.AreEqual(without.Loaded.Order().ToArray(), report.Loaded.Order().ToArray());
        (string name, string reason) = report.LeftOut.Single();
        Assert.AreEqual("ema.scale", name);
        Assert.AreEqual($"its type, {type}, is not one that this library reads", reason);
        Dictionary<string, Tensor> expected = plain.state_dict();
        foreach ((string key, Tensor values) in other.state_dict())
        {
            Assert.IsTrue(values.equal(expected[key]).all().item<bool>() || report.Missing.Contains(key), key);
        }
    }

    [TestMethod]
    public void ATensorThatTheModelNeedsIsAnErrorThatDoesNotCallTheFileDamaged()
    {
        byte[] bytes = File.ReadAllBytes(CheckpointFiles.Path("f8_e4m3.safetensors"));
        string header = System.Text.Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
        string path = _folder.File("needed.safetensors");
        string changed = header.Replace("\"ema.scale\"", "\"norm.bias\"", StringComparison.Ordinal)
            .Replace("\"norm.bias\":{\"dtype\":\"F32\"", "\"ema.bias\":{\"dtype\":\"F32\"", StringComparison.Ordinal);
        byte[] text = System.Text.Encoding.UTF8.GetBytes(changed);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. bytes[(8 + header.Length)..]]);

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Load(New(), path));

        StringAssert.Contains(error.Message, "is a valid file, but stores 'norm.bias', which Passt needs, as F8_E4M3.");
        Assert.IsFalse(error.Message.Contains("not a valid", StringComparison.Ordinal), error.Message);
    }

    private static Passt New() => new(s_config, new Generator(1));

    private static CheckpointReport Load(Passt model, string path) =>
        new PasstFamily().LoadCheckpoint(path, model, new CheckpointAdaptation());
}
