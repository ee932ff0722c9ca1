using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Reliability;

/// <summary>A full disk: the old file stays whole, no part of the new one does, and the error names the file.</summary>
[TestClass]
public sealed class FullDiskTests
{
    [TestMethod]
    public void WhatDoesNotFitLeavesTheOldFile()
    {
        using var disk = new SmallDisk();
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView data = TinyModel.Data(mlContext, count: 8);
        using AudioClassificationTransformer model = Train(mlContext, data, workspace: null);
        (string What, string Name, Action<string> Write)[] writers =
        [
            ("model", "model.zip", path => mlContext.Model.SaveAudioModel(model, data.Schema, path)),
            ("weights", "weights.safetensors", path => model.Model.SaveSafetensors(path)),
            ("ONNX", "model.onnx", path => model.SaveOnnx(path)),
            ("ONNX in two files", "two.onnx", path => model.SaveOnnx(path, new OnnxExportOptions { ExternalData = true })),
            ("waveform", "tone.wav", path => AudioFile.Write(path, new float[100_000], 16_000)),
            ("waveform in blocks", "long.wav", WriteBlocks),
            ("chart", "chart.svg", path => AudioClassificationMetrics.Compute([0], [[1f]]).ConfusionTable.ToChart().Save(path)),
            ("report", "report.html", path => model.Model.Training!.SaveReport(path)),
            ("workspace", "run/last.safetensors", path => Train(mlContext, data, Path.GetDirectoryName(path)).Dispose()),
        ];
        foreach ((string what, string name, Action<string> write) in writers)
        {
            string path = disk.File(name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            byte[] old = [1, 2, 3];
            File.WriteAllBytes(path, old);
            if (what == "workspace")
            {
                // A file that is no checkpoint would be refused; the folder is what stays as it was.
                File.Delete(path);
            }

            string filler = disk.Fill();
            var error = Assert.Throws<IOException>(() => write(path), what);

            Assert.Contains(path, error.Message, what);
            File.Delete(filler);
            Assert.IsEmpty(Directory.GetFiles(disk.Path, "*.tmp", SearchOption.AllDirectories), what);
            if (what != "workspace")
            {
                CollectionAssert.AreEqual(old, File.ReadAllBytes(path), what);
                Assert.HasCount(1, Directory.GetFiles(disk.Path, "*", SearchOption.TopDirectoryOnly), what);
            }

            write(path);
            Assert.IsGreaterThan(3, new FileInfo(path).Length, what);
            Array.ForEach(Directory.GetFiles(disk.Path), File.Delete);
        }
    }

    [TestMethod]
    public void AFullCacheDiskCostsOnlyTheCache()
    {
        using var folder = new TemporaryFolder();
        using var disk = new SmallDisk();
        float[] tone = [.. Enumerable.Range(0, 8000).Select(i => MathF.Sin(i * 0.3f))];
        AudioFile.Write(folder.File("tone.wav"), tone, 16_000);
        disk.Fill();
        List<string> warnings = [];
        float[] expected = Features(folder.File("tone.wav"), null, warnings);
        float[] found = Features(folder.File("tone.wav"), disk.Path, warnings);

        CollectionAssert.AreEqual(expected, found);
        StringAssert.Contains(warnings.Single(), "takes no more features");
        StringAssert.Contains(warnings.Single(), disk.Path);
        Assert.IsEmpty(Directory.GetFiles(disk.Path, "*.tmp", SearchOption.AllDirectories));
    }

    private static void WriteBlocks(string path)
    {
        using var writer = new AudioFileWriter(path, 16_000);
        writer.Write(new float[50_000]);
        writer.Write(new float[50_000]);
        writer.Complete();
    }

    private static float[] Features(string path, string? cache, List<string> warnings)
    {
        var mlContext = new MLContext();
        mlContext.Log += (_, entry) =>
        {
            if (entry.Kind == Runtime.ChannelMessageKind.Warning)
            {
                warnings.Add(entry.RawMessage);
            }
        };
        IDataView clips = mlContext.Data.LoadFromEnumerable([new Recording { Path = path }]);
        IDataView features = mlContext.Transforms.LoadLogMel("Features", "Path", LogMelOptions.CreateAst(16_000), cache)
            .Fit(clips).Transform(clips);
        return mlContext.Data.CreateEnumerable<Featurized>(features, reuseRowObject: false).Single().Features;
    }

    private static AudioClassificationTransformer Train(MLContext mlContext, IDataView data, string? workspace)
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        options.WorkspacePath = workspace;
        IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        return mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);
    }

    private sealed class Recording
    {
        public string Path { get; set; } = "";
    }

    private sealed class Featurized
    {
        public float[] Features { get; set; } = [];
    }
}
