using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Models;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// Loads a saved model in a process of its own: a line "load" is answered with the seconds of a load, "score" with those of a
/// clip, "peak" and "resident" with the most memory and the memory that it has, beyond what the process had without a model, in
/// bytes.
/// </summary>
internal static class LoadWorker
{
    public const string Command = "load-worker";
    public const string Load = "load";
    public const string Score = "score";

    /// <summary>As glibc behaves without the library's word: freed memory goes back, and a peak is of what is in use.</summary>
    public static IReadOnlyDictionary<string, string> ReturnsMemory { get; } = new Dictionary<string, string>
    {
        ["MALLOC_TRIM_THRESHOLD_"] = $"{1 << 17}",
        ["MALLOC_MMAP_THRESHOLD_"] = $"{1 << 17}",
    };

    /// <summary>A model that nothing has trained, for tagging.</summary>
    public static AudioModelParameters Untrained(BenchmarkedModel benchmarked)
    {
        var task = new TaggingTask
        {
            Labels = new LabelKeys(
                "Text",
                [.. Enumerable.Range(0, BenchmarkedModel.Classes).Select(label => label.ToString(CultureInfo.InvariantCulture))]),
            ScoreColumnName = "Score",
            PredictedLabelColumnName = "PredictedLabel",
        };
        var description = new ModelDescription
        {
            Architecture = benchmarked.Config,
            Shape = benchmarked.Shape,
            FrontEnd = null,
            FeatureColumnName = "Features",
            ScoringBatchSize = 1,
        };
        return new AudioModelParameters(benchmarked.Build(), description, task, CPU);
    }

    /// <summary>Saves one to two files, by this library and by ML.NET's own <c>Save</c>, which compresses.</summary>
    /// <returns>Its parameters, and the seconds that each took.</returns>
    public static (long Parameters, double Seconds, double MlNetSeconds) Save(
        BenchmarkedModel benchmarked, string path, string mlNetPath)
    {
        var mlContext = new MLContext(seed: 1);
        using AudioModelParameters model = Untrained(benchmarked);
        using var transformer = new AudioTaggingTransformer(((IHostEnvironment)mlContext).Register("benchmarks"), model);
        double own = Elapsed(() => mlContext.Model.SaveAudioModel(transformer, null, path));
        return (model.ParameterCount, own, Elapsed(() => mlContext.Model.Save(transformer, null, mlNetPath)));
    }

    /// <param name="arguments">Path of the model's file, and the type.</param>
    public static void Run(string[] arguments)
    {
        set_num_threads(1);
        zeros(1).Dispose();
        var mlContext = new MLContext(seed: 1);
        AudioTransformersLoaders.Register(mlContext);
        PeakMemory.Reset();
        long before = Resident();
        AudioTaggingTransformer? model = null;
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } request)
        {
            string answer = request switch
            {
                "peak" => $"{PeakMemory.Bytes() - before}",
                "resident" => $"{Resident() - before}",
                Score => Seconds(() => ScoreClip(model!.Model)),
                _ => Seconds(() =>
                {
                    model?.Dispose();
                    model = (AudioTaggingTransformer)mlContext.Model.Load(arguments[0], out _);
                    model.Precision = ModelWorker.PrecisionOf(arguments[1]);
                }),
            };
            Console.WriteLine(answer);
        }
    }

    private static void ScoreClip(AudioModelParameters model) =>
        model.Score(new float[model.Description.Shape.Length], 1, new float[model.ClassNames.Count]);

    private static string Seconds(Action action) => Elapsed(action).ToString(CultureInfo.InvariantCulture);

    private static double Elapsed(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Process process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
