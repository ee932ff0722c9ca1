using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>
/// Scores one clip of features with one model in a process of its own, when it is told to: a line "run" is answered with
/// the seconds, "peak" with the most memory that the process had since the model was made, in bytes. The first line has the
/// model's parameters and, where they are counted, its multiplications with addition.
/// </summary>
internal static class ModelWorker
{
    public const string Command = "model-worker";

    /// <param name="arguments">The model's name in reports, and the type.</param>
    public static void Run(string[] arguments)
    {
        set_num_threads(1);
        BenchmarkedModel benchmarked = BenchmarkedModel.Named(arguments[0]);
        using AudioModel model = benchmarked.Build();
        model.eval();
        model.to(arguments[1] == ModelPeer.Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        PeakMemory.Reset();
        using IDisposable guard = no_grad();
        using Tensor features = randn([1, benchmarked.Shape.Frames, benchmarked.Shape.Mels]);
        using Tensor clip = model.FromFeatures(features.to(model.parameters().First().dtype));
        Console.WriteLine($"{model.parameters().Sum(parameter => parameter.numel())} {MultiplyAdds.Of(model)}");
        while (Console.ReadLine() is { } request)
        {
            if (request == "peak")
            {
                Console.WriteLine(PeakMemory.Bytes());
                continue;
            }

            long start = Stopwatch.GetTimestamp();
            model.call(clip).Dispose();
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }
    }
}
