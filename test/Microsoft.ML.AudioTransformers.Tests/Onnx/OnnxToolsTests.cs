using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Exported files in others' tools: ONNX's own checker, and ML.NET's transformer of ONNX models.</summary>
[TestClass]
public sealed class OnnxToolsTests
{
    public static IEnumerable<object[]> Families => ContractModels.Families;

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void TheCheckerOfOnnxAcceptsThem(string family)
    {
        string? python = Python();
        RequiredTool.Check(python is not null, "python3 with onnx");
        using var folder = new TemporaryFolder();
        using AudioClassificationTransformer model =
            ContractTraining.Train(OnnxExportTests.Of(family), options => options.Epochs = 1);
        List<string> paths = [];
        foreach (OnnxModelInput input in Enum.GetValues<OnnxModelInput>())
        {
            foreach (OnnxPrecision precision in Enum.GetValues<OnnxPrecision>())
            {
                paths.Add(folder.File($"{input}-{precision}.onnx"));
                model.SaveOnnx(
                    paths[^1],
                    new() { Input = input, Precision = precision, ExternalData = precision == OnnxPrecision.Float16 });
            }
        }

        JsonElement files = JsonDocument.Parse(
            Run(python, [Path.Combine(AppContext.BaseDirectory, "check_onnx.py"), .. paths])).RootElement;

        FeatureShapeOf(model, out int frames, out int mels);
        foreach (string path in paths)
        {
            JsonElement file = files.GetProperty(path);
            bool isWaveform = Path.GetFileName(path).StartsWith("Waveform", StringComparison.Ordinal);
            Assert.AreEqual(
                isWaveform ? """{"waveform":["batch","samples"]}""" : $$"""{"features":["batch",{{frames}},{{mels}}]}""",
                Compact(file.GetProperty("inputs")));
            Assert.AreEqual("""{"scores":["batch",2]}""", Compact(file.GetProperty("outputs")));
            Assert.AreEqual(0, file.GetProperty("undocumented").GetArrayLength());
            Assert.AreEqual("""["dull","bright"]""", file.GetProperty("metadata").GetProperty(OnnxMetadata.Labels).GetString());
        }
    }

    /// <summary>With an input of features that a run need not give, beside that of waveforms.</summary>
    [TestMethod]
    public void TheCheckerOfOnnxAcceptsDetectors()
    {
        string? python = Python();
        RequiredTool.Check(python is not null, "python3 with onnx");
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        (_, Func<MLContext, IEstimator<ITransformer>> create) =
            ContractTraining.OfTask("events", OnnxExportTests.Of("HTS-AT"));
        using var model = (SoundEventDetectionTransformer)create(mlContext)
            .Fit(ContractTraining.View(mlContext, ContractClip.Make(ContractTraining.ClipCount)));
        string path = folder.File("detector.onnx");
        model.SaveOnnx(path);

        JsonElement file = JsonDocument.Parse(
                Run(python, [Path.Combine(AppContext.BaseDirectory, "check_onnx.py"), path]))
            .RootElement.GetProperty(path);

        int mels = model.Description.Shape.Mels;
        Assert.AreEqual(
            $$"""{"waveform":["batch","samples"],"features":["clips","frames",{{mels}}]}""",
            Compact(file.GetProperty("inputs")));
        Assert.AreEqual(0, file.GetProperty("undocumented").GetArrayLength());
    }

    /// <summary>By the names of input and output that SaveOnnx documents.</summary>
    [TestMethod]
    public void MlNetsOwnTransformerScoresThem()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        var mlContext = new MLContext();
        ContractClip[] clips = ContractClip.Make(4);
        using AudioClassificationTransformer model = ContractTraining.Train(OnnxExportTests.Of("PaSST"));
        model.SaveOnnx(path);
        IDataView waveforms = mlContext.Data.LoadFromEnumerable(
            clips.Select(clip => new StockInput { Waveform = clip.Features }));

        IDataView scored = mlContext.Transforms.ApplyOnnxModel(
                ["scores"], ["waveform"], path,
                new Dictionary<string, int[]> { ["waveform"] = [1, clips[0].Features.Length] }, gpuDeviceId: null, fallbackToCpu: true,
                recursionLimit: 100)
            .Fit(waveforms).Transform(waveforms);

        float[][] expected = [.. model.Transform(ContractTraining.View(mlContext, clips)).GetColumn<float[]>("Score")];
        float[][] actual = [.. scored.GetColumn<float[]>("scores")];
        Assert.HasCount(4, actual);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(expected[i][0], actual[i][0], 1e-3f, $"clip {i}");
        }
    }

    private sealed class StockInput
    {
        [ColumnName("waveform")]
        [VectorType(1, ContractClip.SampleRate / 2)]
        public float[] Waveform { get; set; } = [];
    }

    private static void FeatureShapeOf(AudioClassificationTransformer model, out int frames, out int mels)
    {
        var shape = model.Model.Description.Shape;
        (frames, mels) = (shape.Frames, shape.Mels);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    /// <summary>A Python that has onnx, the system's where the first on the path has not; or null.</summary>
    private static string? Python() => Array.Find(["python3", "/usr/bin/python3"], python =>
    {
        try
        {
            return Run(python, ["-c", "import onnx; print('onnx')"]).Trim() == "onnx";
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    });

    private static string Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(errors.Result);
    }
}
