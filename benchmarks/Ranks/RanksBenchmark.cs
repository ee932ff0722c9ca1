using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Ranks;

/// <summary>
/// Data-parallel training over MPI on this machine, one thread a rank: speed beside one process, and how far the weights of ranks are
/// from those of one process with the same batches.
/// </summary>
internal static class RanksBenchmark
{
    /// <summary>Command of a rank.</summary>
    public const string Worker = "rank";

    private const int SampleRate = 16_000;
    private const int Clips = 40;
    private const int Steps = 20;

    /// <param name="report">Takes what is measured.</param>
    /// <param name="launcher">Program that starts ranks, such as mpirun.openmpi.</param>
    public static int Run(Report report, string launcher)
    {
        string folder = Directory.CreateTempSubdirectory("ranks").FullName;
        try
        {
            foreach (TrainerPreset preset in TrainerPresets.All)
            {
                double[] Start(int ranks, int turn) => StartRanks(
                    launcher, ranks, preset.Name, Path.Combine(folder, $"{preset.Name}-{ranks}-{turn}.safetensors"));

                // In turns, so that both sides see the same machine.
                double[] one = new double[3];
                double[] two = new double[3];
                for (int turn = 0; turn < one.Length; turn++)
                {
                    one[turn] = Start(1, turn)[0];
                    two[turn] = Start(2, turn)[0];
                }

                double[] four = [Start(4, 0)[0]];
                report.Add($"{preset.Name}, two ranks", "clips a second", Spread.Of(two), "one", Spread.Of(one));
                report.Add($"{preset.Name}, four ranks", "clips a second", Spread.Of(four), "one", Spread.Of(one));
                string Weights(int ranks, int turn = 0) => Path.Combine(folder, $"{preset.Name}-{ranks}-{turn}.safetensors");
                foreach (int ranks in (int[])[2, 4])
                {
                    report.Add(
                        $"{preset.Name}, {ranks} ranks, distance of the weights to one's after {Steps} steps", "relative",
                        Distance(Weights(1), Weights(ranks)));
                }

                report.Add($"{preset.Name}, two ranks again, distance", "relative", Distance(Weights(2), Weights(2, turn: 1)));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    /// <summary>Trains as a rank; the first prints clips a second and writes the weights.</summary>
    public static int Train(string name, string path)
    {
        var mlContext = new MLContext(seed: 1);
        (AudioTrainerOptions options, IDataView data) = CreateTraining(mlContext, name);
        DistributedOptions distributed = options.Optimization.Distributed!;
        (double Seconds, long Clips) warm = default;
        (double Seconds, long Clips) end = default;
        var watch = Stopwatch.StartNew();
        options.MetricsCallback = metrics =>
        {
            end = (watch.Elapsed.TotalSeconds, metrics.Step * options.BatchSize);

            // The first epoch pays for what is compiled and allocated once.
            warm = metrics.Epoch == 1 ? end : warm;
        };
        using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, options, data);
        if (distributed.Rank == 0)
        {
            ModuleWeights.Save(model.Model.Network, path);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"clips {(end.Clips - warm.Clips) / (end.Seconds - warm.Seconds)}"));
        }

        return 0;
    }

    /// <summary>Options of a training on one thread a rank, and its clips.</summary>
    public static (AudioTrainerOptions Options, IDataView Data) CreateTraining(MLContext mlContext, string name)
    {
        set_num_threads(1);
        AudioTrainerOptions options = Array.Find(TrainerPresets.All, preset => preset.Is(name))!.Create();
        var random = new Random(1);
        Clip[] clips = [.. Enumerable.Range(0, Clips).Select(clip => new Clip
        {
            Label = $"{clip % 4}",
            Features = [.. Enumerable.Range(0, (int)options.FrontEnd!.TargetLength).Select(_ => (random.NextSingle() - 0.5f) / 2)],
        })];
        IDataView data = mlContext.Data.LoadFromEnumerable(clips, SchemaOf((int)options.FrontEnd!.TargetLength));
        data = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        int stepsPerEpoch = 2;
        (options.BatchSize, options.Epochs, options.Seed) = (Clips / stepsPerEpoch, Steps / stepsPerEpoch, 1);
        options.Optimization.Distributed = DistributedOptions.Mpi();
        return (options, data);
    }

    /// <summary>How a launcher is started with ranks of this program.</summary>
    public static ProcessStartInfo Launch(string launcher, int ranks, params string[] arguments)
    {
        string[] own = OneThread.IsHost ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]] : [Environment.ProcessPath!];
        string[] oversubscribe = launcher.Contains("openmpi", StringComparison.Ordinal) ? ["--oversubscribe", "--bind-to", "none"] : [];
        var start = new ProcessStartInfo(launcher, [.. oversubscribe, "-n", $"{ranks}", .. own, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        OneThread.Set(start);
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        return start;
    }

    private static SchemaDefinition SchemaOf(int samples)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Clip));
        schema[nameof(Clip.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, samples);
        return schema;
    }

    private static double[] StartRanks(string launcher, int ranks, string name, string path)
    {
        ProcessStartInfo start = Launch(launcher, ranks, Worker, name, path);
        start.RedirectStandardError = false;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        // Launchers give ranks a terminal, to which .NET says first what it wants of it.
        int place = output.LastIndexOf("clips ", StringComparison.Ordinal);
        return process.ExitCode == 0 && place >= 0
            ? [double.Parse(output[(place + 6)..], CultureInfo.InvariantCulture)]
            : throw new InvalidOperationException($"{launcher} with {ranks} ranks of {name} ended with {process.ExitCode}.");
    }

    /// <summary>L2 norm of the difference of all weights but keys' biases, whose gradient is rounding alone.</summary>
    public static double Distance(string path, string otherPath)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using SafetensorsFile other = SafetensorsFile.Open(otherPath);
        Dictionary<string, CheckpointTensor> others = other.Tensors.ToDictionary(tensor => tensor.Name);
        double difference = 0;
        double norm = 0;
        foreach (CheckpointTensor tensor in file.Tensors)
        {
            float[] weights = tensor.ToSingles();
            float[] otherWeights = others[tensor.Name].ToSingles();
            bool isFused = tensor.Name.EndsWith("qkv.bias", StringComparison.Ordinal);
            for (int i = 0; i < weights.Length; i++)
            {
                bool isKeyBias = tensor.Name.EndsWith("proj_k.bias", StringComparison.Ordinal)
                    || (isFused && i >= weights.Length / 3 && i < 2 * weights.Length / 3);
                if (weights[i] != otherWeights[i] && !isKeyBias)
                {
                    difference += Math.Pow((double)weights[i] - otherWeights[i], 2);
                }

                norm += float.IsFinite(weights[i]) ? Math.Pow(weights[i], 2) : 0;
            }
        }

        return Math.Sqrt(difference / norm);
    }

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
