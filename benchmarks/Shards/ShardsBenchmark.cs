using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioShards;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Shards;

/// <summary>
/// Scoring of a folder by shards: speed beside the model's own over the same recordings, memory, whether one shard and eight join
/// to the same bytes, and what comes of processes that are killed.
/// </summary>
internal static class ShardsBenchmark
{
    /// <summary>Command of a process that scores a shard.</summary>
    public const string Worker = "shard";

    private const int Rate = 16_000;
    private const int Recordings = 200;
    private const int KilledRecordings = 100;
    private const int Turns = 3;

    /// <summary>Measures speed and memory.</summary>
    public static int Run(Report report)
    {
        string root = Directory.CreateTempSubdirectory("audioml-shards-").FullName;
        try
        {
            Prepare(root, Recordings);
            var mlContext = new MLContext(seed: 1);
            mlContext.RegisterAudioTransformers();
            ITransformer model = mlContext.Model.Load(Path.Combine(root, "model.zip"), out DataViewSchema inputSchema);
            IDataView recordings = mlContext.Data.LoadFromEnumerable(
                [.. Directory.GetFiles(Path.Combine(root, "recordings")).Select(path => new Recording { Path = path })]);
            double[] own = new double[Turns];
            double[] shards = new double[Turns];
            for (int turn = -1; turn < Turns; turn++)
            {
                torch.set_num_threads(Environment.ProcessorCount);
                double transform = Speed(() => model.Transform(recordings).GetColumn<float[]>("Score").Count());
                torch.set_num_threads(1);
                double shard = Speed(() => mlContext.ScoreShard(
                    model, inputSchema, Path.Combine(root, "recordings"), Path.Combine(root, $"turn{turn}"),
                    new AudioShardOptions { Workers = Environment.ProcessorCount, ModelName = "small" }).Files);

                // The first turn compiles.
                if (turn >= 0)
                {
                    (own[turn], shards[turn]) = (transform, shard);
                }
            }

            report.Add(
                "a shard, a recording a thread", "recordings a second", Spread.Of(shards), "Transform in batches", Spread.Of(own));
            string one = Join(root, "one", shards: 1, out double peak);
            string eight = Join(root, "eight", shards: 8, out _);
            report.Add("most memory of a process that scores a shard", "MB", peak);
            report.Say(one == eight ? "one shard and eight join to the same bytes" : "one shard and eight differ");
            return one == eight ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Kills processes at random moments, and starts them again until they end.</summary>
    public static int Kill(Report report, int kills)
    {
        string root = Directory.CreateTempSubdirectory("audioml-shards-").FullName;
        try
        {
            string[] names = Prepare(root, KilledRecordings);
            string expected = Join(root, "unbroken", shards: 1, out _);
            using Process timed = Start(root, Path.Combine(root, "timed"), 0, 1);
            var clock = Stopwatch.StartNew();
            timed.WaitForExit();
            double seconds = clock.Elapsed.TotalSeconds;
            var random = new Random(20);
            (int killed, int runs, int resumed) = (0, 0, 0);
            int broken = 0;
            for (int scoring = 0; killed < kills; scoring++)
            {
                string output = Path.Combine(root, FormattableString.Invariant($"killed{scoring}"));
                bool isDone = false;
                while (!isDone)
                {
                    using Process process = Start(root, output, 0, 1);
                    runs++;
                    isDone = killed >= kills
                        ? process.WaitForExit(TimeSpan.FromMinutes(5))
                        : process.WaitForExit(TimeSpan.FromSeconds(random.NextDouble() * seconds));
                    if (!isDone)
                    {
                        process.Kill();
                        process.WaitForExit();
                        killed++;
                        resumed += Directory.Exists(output)
                            && Directory.GetFiles(output, "piece-*.parquet", SearchOption.AllDirectories).Length > 0 ? 1 : 0;
                    }
                }

                string joined = Path.Combine(root, "joined.parquet");
                var mlContext = new MLContext();
                mlContext.Data.JoinScores(output, joined);
                string[] paths = [.. mlContext.Data.LoadScores(output).GetColumn<string>("Path")];
                if (HashOf(joined) != expected || !paths.SequenceEqual(names) || Directory.GetFiles(output).Length != 3)
                {
                    broken++;
                    report.Say(
                        $"scoring {scoring}: {paths.Length} rows, {paths.Distinct().Count()} of them different, bytes "
                        + $"{(HashOf(joined) == expected ? "equal" : "different")}; the files are "
                        + string.Join(' ', Directory.GetFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
                }
            }

            report.Add("processes killed", "", killed);
            report.Add("of which had pieces to go on from", "", resumed);
            report.Add("processes started", "", runs);
            report.Add("scorings with a row missing, twice or different, or a file left over", "", broken);
            return broken == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Scores a shard, and prints the most memory it had.</summary>
    public static void Score(string root, string output, string shard)
    {
        torch.set_num_threads(1);
        var mlContext = new MLContext(seed: 1);
        mlContext.RegisterAudioTransformers();
        ITransformer model = mlContext.Model.Load(Path.Combine(root, "model.zip"), out DataViewSchema inputSchema);
        Console.WriteLine("ready");
        mlContext.ScoreShard(
            model, inputSchema, Path.Combine(root, "recordings"), output,
            new AudioShardOptions
            {
                Shard = AudioShard.Parse(shard), Workers = Environment.ProcessorCount, PieceFiles = 10, ModelName = "small",
            });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {PeakMemory.Bytes() / 1e6:F0}"));
    }

    private static double Speed(Func<int> score)
    {
        long start = Stopwatch.GetTimestamp();
        int count = score();
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Join(string root, string name, int shards, out double peak)
    {
        peak = 0;
        string output = Path.Combine(root, name);
        for (int i = 0; i < shards; i++)
        {
            using Process process = Start(root, output, i, shards);
            string text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            peak = Math.Max(peak, double.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture));
        }

        string joined = Path.Combine(root, name + ".parquet");
        new MLContext().Data.JoinScores(output, joined);
        return HashOf(joined);
    }

    private static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    /// <summary>Starts a process, and waits until it has its model.</summary>
    private static Process Start(string root, string output, int index, int count)
    {
        Process process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [typeof(ShardsBenchmark).Assembly.Location, Worker, root, output, FormattableString.Invariant($"{index}/{count}")])
        {
            RedirectStandardOutput = true,
        })!;
        process.StandardOutput.ReadLine();
        return process;
    }

    // Tones of a second, and PaSST as the trainer makes it for them without options.
    private static string[] Prepare(string root, int count)
    {
        string folder = Directory.CreateDirectory(Path.Combine(root, "recordings")).FullName;
        List<Recording> recordings = [];
        for (int i = 0; i < count; i++)
        {
            string path = Path.Combine(folder, FormattableString.Invariant($"{i:D4}.wav"));
            double step = 0.05 + (0.001 * i);
            AudioFile.Write(
                path, [.. Enumerable.Range(0, Rate).Select(n => (float)Math.Sin(step * n))], Rate, format: AudioFileFormat.WavPcm16);
            recordings.Add(new Recording { Path = path, Label = i < count / 2 ? "low" : "high" });
        }

        var mlContext = new MLContext(seed: 1);
        IDataView rows = mlContext.Data.LoadFromEnumerable(recordings.Where((_, i) => i % (count / 20) == 0));
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", Rate))
            .Append(mlContext.MulticlassClassification.Trainers.Passt("Label", "Waveform", epochs: 1))
            .Fit(rows);
        mlContext.Model.SaveAudioModel(model, rows.Schema, Path.Combine(root, "model.zip"));
        return [.. recordings.Select(recording => Path.GetFileName(recording.Path)).Order(StringComparer.Ordinal)];
    }

    private sealed class Recording
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
