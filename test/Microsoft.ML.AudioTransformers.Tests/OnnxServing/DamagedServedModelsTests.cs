using System.Diagnostics;
using System.Security.Cryptography;
using AudioMLNet.TestSupport;
using Google.Protobuf;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Onnx;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.OnnxServing;

/// <summary>Exported models whose bytes are not those that were written.</summary>
[TestClass]
public sealed class DamagedServedModelsTests
{
    private static readonly Lazy<AudioClassificationTransformer> s_model =
        new(() => ContractTraining.Train(OnnxExportTests.Of("PaSST")));

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new();

    public TestContext TestContext { get; set; } = null!;

    [ClassCleanup]
    public static void Cleanup()
    {
        if (s_model.IsValueCreated)
        {
            s_model.Value.Dispose();
        }
    }

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    /// <summary>AUDIOML_MUTATIONS is the number, 200 where it is not set.</summary>
    [TestMethod]
    public void AMutatedFileIsRefusedByName()
    {
        string path = _folder.File("model.onnx");
        s_model.Value.SaveOnnx(path);
        byte[] whole = File.ReadAllBytes(path);
        var mutator = new Mutator(whole, seed: 47);
        int count = Mutator.Count(200);
        double longest = 0;
        int summed = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next();
            if (bytes.AsSpan().SequenceEqual(whole))
            {
                continue;
            }

            File.WriteAllBytes(path, bytes);
            long start = Stopwatch.GetTimestamp();
            InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(
                () => _mlContext.Model.LoadOnnxAudioModel(path), $"mutation {i}");
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            Assert.Contains($"'{path}'", error.Message, $"mutation {i}");
            if (bytes.AsSpan().EndsWith(whole.AsSpan(^OnnxSum.EntryLength..)))
            {
                Assert.Contains("is damaged", error.Message, $"mutation {i}: the end is whole");
                summed++;
            }
        }

        TestContext.WriteLine($"{count} refused, {summed} by their sum, {longest:F3} s at most");
        Assert.IsGreaterThan(count / 2, summed);
    }

    [TestMethod]
    public void AChangedFileOfWeightsIsRefusedByName()
    {
        string path = _folder.File("model.onnx");
        s_model.Value.SaveOnnx(path, new() { ExternalData = true });
        string weights = Directory.GetFiles(_folder.Path, "*.data").Single();
        byte[] bytes = File.ReadAllBytes(weights);
        Assert.AreEqual(
            Convert.ToHexStringLower(SHA256.HashData(bytes)),
            ModelProto.Parser.ParseFrom(File.ReadAllBytes(path))
                .MetadataProps.Single(entry => entry.Key == OnnxMetadata.ExternalSum).Value);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(weights, bytes);

        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(
            () => _mlContext.Model.LoadOnnxAudioModel(path));

        Assert.Contains($"'{weights}'", error.Message);
        using OnnxAudioTransformer changed = _mlContext.Model.LoadOnnxAudioModel(path, new() { VerifySums = false });
        Assert.AreEqual("classification", changed.Task);
    }

    /// <summary>A pipe in the place of either file is not waited for, and a device is not read to its end.</summary>
    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void WhatIsNoFileIsRefusedByName()
    {
        string path = _folder.File("model.onnx");
        s_model.Value.SaveOnnx(path, new() { ExternalData = true });
        string weights = Directory.GetFiles(_folder.Path, "*.data").Single();
        void Load() => _mlContext.Model.LoadOnnxAudioModel(path).Dispose();

        foreach (string kind in SpecialFile.Kinds)
        {
            // ONNX Runtime, which opens this one first, asks for a regular file as well, and for no link that leads elsewhere.
            using var special = new SpecialFile(kind, weights);
            Assert.Contains($"'{path}'", $"{special.Try(Load)?.Message}", kind);
        }

        SpecialFile.AssertRefused(path, Load);
    }

    /// <summary>A tool that reads a model and writes it again leaves the entries where they were.</summary>
    [TestMethod]
    public void AFileThatAToolChangedIsTakenIfAsked()
    {
        string path = _folder.File("model.onnx");
        s_model.Value.SaveOnnx(path);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        File.WriteAllBytes(path, model.ToByteArray());
        _mlContext.Model.LoadOnnxAudioModel(path).Dispose();
        model.DocString += " Changed.";
        File.WriteAllBytes(path, model.ToByteArray());

        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(
            () => _mlContext.Model.LoadOnnxAudioModel(path));

        Assert.Contains("set VerifySums to false", error.Message);
        _mlContext.Model.LoadOnnxAudioModel(path, new() { VerifySums = false }).Dispose();
    }

    /// <summary>As versions before the sum wrote it, and not as one from which the sum was cut.</summary>
    [TestMethod]
    public void AFileWithoutASumIsTakenIfItIsOfAnEarlierFormat()
    {
        string path = _folder.File("model.onnx");
        s_model.Value.SaveOnnx(path);
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^OnnxSum.EntryLength]);
        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(
            () => _mlContext.Model.LoadOnnxAudioModel(path));
        Assert.Contains($"'{path}' is cut short", error.Message);

        ModelProto model = ModelProto.Parser.ParseFrom(whole[..^OnnxSum.EntryLength]);
        model.MetadataProps.Single(entry => entry.Key == "audio.format").Value = "1";
        File.WriteAllBytes(path, model.ToByteArray());
        _mlContext.Model.LoadOnnxAudioModel(path).Dispose();
    }
}
