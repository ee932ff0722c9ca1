using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// Scores one clip of features with a model's exported graph in ONNX Runtime, float32 and one thread, in a process of its own:
/// a line "run" is answered with the seconds.
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
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            using var session = new InferenceSession(path, options);
            Answer(session, benchmarked.Shape);
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

    private static void Answer(InferenceSession session, FeatureShape shape)
    {
        var random = new Random(1);
        float[] features = [.. Enumerable.Range(0, shape.Length).Select(_ => random.NextSingle() - 0.5f)];
        var clip = new DenseTensor<float>(features, [1, shape.Frames, shape.Mels]);
        NamedOnnxValue[] inputs = [NamedOnnxValue.CreateFromTensor(session.InputNames[0], clip)];
        Console.WriteLine("ready");
        while (Console.ReadLine() is not null)
        {
            long start = Stopwatch.GetTimestamp();
            session.Run(inputs).Dispose();
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }
    }
}
