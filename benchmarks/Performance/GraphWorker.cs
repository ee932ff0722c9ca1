using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Onnx;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// Scores one clip of features with a model's exported graph in ONNX Runtime, float32 and one thread, in a process of its own,
/// as <see cref="OnnxWorker"/> does.
/// </summary>
internal static class GraphWorker
{
    public const string Command = "graph-worker";

    /// <param name="arguments">The model's name in reports.</param>
    public static void Run(string[] arguments)
    {
        BenchmarkedModel benchmarked = BenchmarkedModel.Named(arguments[0]);
        string folder = Directory.CreateTempSubdirectory("onnx").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            Export(benchmarked, path);
            OnnxWorker.RunOnnx(path, Clip(benchmarked.Shape));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Export(BenchmarkedModel benchmarked, string path)
    {
        using AudioModelParameters model = LoadWorker.Untrained(benchmarked);
        model.SaveOnnx(path, new OnnxExportOptions { Input = OnnxModelInput.Features });
    }

    private static float[] Clip(FeatureShape shape)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, shape.Length).Select(_ => random.NextSingle() - 0.5f)];
    }
}
