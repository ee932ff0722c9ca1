using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
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

    /// <summary>The type of <see cref="AudioPrecision.Auto"/>.</summary>
    public const string Default = "default";

    /// <param name="arguments">The model's name in reports, the type, and how many threads; without, one.</param>
    public static void Run(string[] arguments)
    {
        set_num_threads(arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 1);
        BenchmarkedModel benchmarked = BenchmarkedModel.Named(arguments[0]);
        using AudioModel model = benchmarked.Build();
        model.eval();
        model.ChooseScoring(PrecisionOf(arguments[1]), CPU);
        PeakMemory.Reset();
        using IDisposable guard = no_grad();
        using Tensor features = randn([1, benchmarked.Shape.Frames, benchmarked.Shape.Mels]);
        using Tensor clip = model.FromFeatures(features);
        Console.WriteLine($"{model.parameters().Sum(parameter => parameter.numel())} {MultiplyAdds.Of(model)}");
        while (Console.ReadLine() is { } request)
        {
            if (request == "peak")
            {
                Console.WriteLine(PeakMemory.Bytes());
                continue;
            }

            long start = Stopwatch.GetTimestamp();
            using (MixedPrecision.Section precision = model.BeginScoring())
            {
                model.call(clip).Dispose();
            }

            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The precision of a type in reports.</summary>
    public static AudioPrecision PrecisionOf(string type) => type switch
    {
        ModelPeer.Float32 => AudioPrecision.Float32,
        ModelPeer.BFloat16 => AudioPrecision.BFloat16,
        _ => AudioPrecision.Auto,
    };
}
