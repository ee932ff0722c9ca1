using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Feeding;

/// <summary>
/// How long HTS-AT of the paper's size waits for clips while it trains on files of ten seconds: WAV, FLAC and MP3, read
/// and featurized anew each epoch, the same from the cache on disk, and from waveforms in memory.
/// </summary>
internal static class FeedingBenchmark
{
    private const int Rate = 32000;
    private const int Seconds = 10;
    private const int Epochs = 2;
    private const int BatchSize = 4;

    public static void Run(Report report, int clips)
    {
        string folder = Directory.CreateTempSubdirectory("audiomlnet-feeding-").FullName;
        try
        {
            Clip[] Written(string ending, AudioFileFormat format) =>
                [.. Enumerable.Range(0, clips).Select(i => WriteClip(folder, i, ending, format))];
            Clip[] files = Written(".wav", AudioFileFormat.WavPcm16);
            report.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{clips} files of {Seconds} s at {Rate} Hz, {Environment.ProcessorCount} cores, {torch.get_num_threads()} threads"));
            string cache = Path.Combine(folder, "cache");
            Measure(report, "WAV files read each epoch", files, Streamed(cacheFolder: null));
            Measure(report, "FLAC files read each epoch", Written(".flac", AudioFileFormat.Flac16), Streamed(cacheFolder: null));
            if (AudioTools.Has("lame"))
            {
                Clip[] encoded = Written(".copy.wav", AudioFileFormat.WavPcm16);
                Array.ForEach(encoded, clip => clip.Path = AudioTools.EncodeMp3(clip.Path));
                Measure(report, "MP3 files read each epoch", encoded, Streamed(cacheFolder: null));
            }
            else
            {
                report.Say("no MP3 files: lame is not on the PATH");
            }

            Measure(report, "features cached on disk, read each epoch", files, Streamed(cache));
            Measure(report, "waveforms in memory, features made each epoch", files, InMemory);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Func<MLContext, HtsAtOptions, IEstimator<ITransformer>> Streamed(string? cacheFolder) =>
        (mlContext, options) =>
        {
            options.Sampling.ShuffleBuffer = BatchSize;
            return mlContext.Transforms.LoadLogMel("Features", "Path", LogMelOptions.HtsAt, cacheFolder);
        };

    private static IEstimator<ITransformer> InMemory(MLContext mlContext, HtsAtOptions options)
    {
        options.FrontEnd = LogMelOptions.HtsAt;
        return mlContext.Transforms.LoadAudio("Features", "Path", Rate);
    }

    private static void Measure(
        Report report,
        string name,
        Clip[] files,
        Func<MLContext, HtsAtOptions, IEstimator<ITransformer>> reading)
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainingMetrics? last = null;
        var options = new HtsAtOptions
        {
            Epochs = Epochs,
            BatchSize = BatchSize,
            MetricsCallback = metrics => last = metrics,
        };
        IDataView data = mlContext.Data.LoadFromEnumerable(files);
        IEstimator<ITransformer> read = reading(mlContext, options);
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(read)
            .Append(mlContext.MulticlassClassification.Trainers.HtsAt(options))
            .Fit(data);
        (model as IDisposable)?.Dispose();
        report.Add($"{name}: waiting for data", "% of the epoch", 100 * last!.WaitingShare);
        report.Add($"{name}: speed", "clips/s", last.ClipsPerSecond);
    }

    /// <summary>Noise under a tone of the class's pitch, 16 bits.</summary>
    private static Clip WriteClip(string folder, int number, string ending, AudioFileFormat format)
    {
        var random = new Random(number);
        string label = number % 2 == 0 ? "low" : "high";
        double pitch = number % 2 == 0 ? 300 : 2000;
        string path = Path.Combine(folder, number.ToString(CultureInfo.InvariantCulture) + ending);
        var samples = new float[Rate * Seconds];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (float)((0.3 * Math.Sin(2 * Math.PI * pitch * i / Rate)) + (0.1 * (random.NextDouble() - 0.5)));
        }

        AudioFile.Write(path, samples, Rate, format: format);
        return new Clip { Path = path, Label = label };
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
