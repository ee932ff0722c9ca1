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
/// Speed of data-parallel training over MPI on this machine, each rank on a thread and a core of its own, from features in
/// memory, beside one process on one core and beside processes that share nothing but the machine.
/// </summary>
internal static class RanksBenchmark
{
    /// <summary>Command of a rank.</summary>
    public const string Worker = "rank";

    private const int SampleRate = 16_000;
    private const int Batch = 20;
    private const int Turns = 3;

    // Of a comparison of weights.
    private const int Epochs = 10;
    private const int StepsPerEpoch = 2;

    // Of a measurement: in the first epochs .NET compiles, on the rank's own core, while the other ranks wait.
    private const int SteadyEpochs = 5;
    private const int SteadyStepsPerEpoch = 25;
    private const int WarmEpochs = 2;

    // Ranks take the cores in turn; each launcher tells them their number by another variable.
    private const string Pin =
        "exec taskset -c $(( ($FIRST_CORE + ${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}) % $(getconf _NPROCESSORS_ONLN) )) \"$0\" \"$@\"";

    /// <summary>Whether these are a launcher and names of presets, both of which may be left out.</summary>
    public static bool Accepts(string[] options) =>
        options.Skip(1).All(name => Array.Exists(TrainerPresets.All, preset => preset.Is(name)));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">
    /// Program that starts ranks, such as mpirun.openmpi, and names of presets; none for mpirun and all presets.
    /// </param>
    public static int Run(Report report, string[] options)
    {
        string launcher = options is [string first, ..] ? first : "mpirun";
        foreach (TrainerPreset preset in TrainerPresets.All.Where(
            preset => options.Length <= 1 || options.Skip(1).Any(preset.Is)))
        {
            Measure(report, launcher, preset.Name);
        }

        return 0;
    }

    private static void Measure(Report report, string launcher, string preset)
    {
        double Speed(int ranks, int batch) => StartRanks(launcher, ranks, batch, preset).Speed();
        double Alone(int batch)
        {
            RankProcess[] both =
                [.. Enumerable.Range(0, 2).Select(core => StartRanks(launcher, 1, batch, preset, firstCore: core))];
            return both.Sum(process => process.Speed());
        }

        // In turns, so that all sides see the same machine.
        double[] one = new double[Turns];
        double[] weak = new double[Turns];
        double[] strong = new double[Turns];
        double[] alone = new double[Turns];
        double[] aloneByHalf = new double[Turns];
        for (int turn = 0; turn < Turns; turn++)
        {
            one[turn] = Speed(1, Batch);
            strong[turn] = Speed(2, Batch);
            weak[turn] = Speed(2, 2 * Batch);
            alone[turn] = Alone(Batch);
            aloneByHalf[turn] = Alone(Batch / 2);
        }

        void Add(string what, double[] speeds, string peer, double[] peers) =>
            report.Add($"{preset}, {what}", "clips a second", Spread.Of(speeds), peer, Spread.Of(peers));
        double[] twice = [.. one.Select(speed => 2 * speed)];
        Add($"two ranks, {Batch} clips each", weak, "twice one process", twice);
        Add($"two ranks, {Batch} clips each", weak, "two processes that share nothing", alone);
        Add($"two ranks, {Batch / 2} clips each", strong, "twice one process", twice);
        Add($"two ranks, {Batch / 2} clips each", strong, "two processes that share nothing", aloneByHalf);
        report.Add($"{preset}, four ranks, {Batch / 4} clips each", "clips a second", Speed(4, Batch));
    }

    /// <summary>Trains as a rank; the first prints clips a second.</summary>
    /// <param name="name">Preset.</param>
    /// <param name="batch">Clips of a batch of all ranks.</param>
    /// <param name="path">Where the first rank writes the weights of a comparison; none for a measurement, which is longer.</param>
    public static int Train(string name, int batch, string? path = null)
    {
        var mlContext = new MLContext(seed: 1);
        (AudioTrainerOptions options, IDataView data) = path is null
            ? CreateTraining(mlContext, name, batch, SteadyEpochs, SteadyStepsPerEpoch)
            : CreateTraining(mlContext, name, batch);
        int warmEpochs = path is null ? WarmEpochs : 1;
        DistributedOptions distributed = options.Optimization.Distributed!;
        (double Seconds, long Clips) warm = default;
        (double Seconds, long Clips) end = default;
        var watch = Stopwatch.StartNew();
        options.MetricsCallback = metrics =>
        {
            end = (watch.Elapsed.TotalSeconds, metrics.Step * options.BatchSize);

            // The first epochs pay for what is compiled and allocated once.
            warm = metrics.Epoch <= warmEpochs ? end : warm;
        };
        using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, options, data);
        if (distributed.Rank == 0)
        {
            if (path is not null)
            {
                ModuleWeights.Save(model.Model.Network, path);
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"clips {(end.Clips - warm.Clips) / (end.Seconds - warm.Seconds)}"));
        }

        return 0;
    }

    /// <summary>Options of a training on one thread a rank, and its clips with their features in memory.</summary>
    public static (AudioTrainerOptions Options, IDataView Data) CreateTraining(
        MLContext mlContext, string name, int batch = Batch, int epochs = Epochs, int stepsPerEpoch = StepsPerEpoch)
    {
        set_num_threads(1);
        AudioTrainerOptions options = Array.Find(TrainerPresets.All, preset => preset.Is(name))!.Create();
        var random = new Random(1);
        Clip[] clips = [.. Enumerable.Range(0, stepsPerEpoch * batch).Select(clip => new Clip
        {
            Label = $"{clip % 4}",
            Features = [.. Enumerable.Range(0, (int)options.FrontEnd!.TargetLength).Select(_ => (random.NextSingle() - 0.5f) / 2)],
        })];
        IDataView data = mlContext.Data.LoadFromEnumerable(clips, SchemaOf((int)options.FrontEnd!.TargetLength));
        data = mlContext.Data.Cache(mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.ExtractLogMel("Features", options: options.FrontEnd)).Fit(data).Transform(data));
        // Features in memory: what changes waveforms is left out.
        (options.FrontEnd, options.Augmentation.GainDecibels, options.Augmentation.TimeRollFrames) = (null, 0, 0);
        (options.BatchSize, options.Epochs, options.Seed) = (batch, epochs, 1);
        options.Optimization.Distributed = DistributedOptions.Mpi();
        return (options, data);
    }

    /// <summary>How a launcher is started with ranks of this program, each on any core.</summary>
    public static ProcessStartInfo Launch(string launcher, int ranks, params string[] arguments) =>
        Launch(launcher, ranks, [], arguments);

    private static ProcessStartInfo Launch(string launcher, int ranks, string[] program, string[] arguments)
    {
        string[] own = OneThread.IsHost ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]] : [Environment.ProcessPath!];
        string[] oversubscribe = launcher.Contains("openmpi", StringComparison.Ordinal) ? ["--oversubscribe", "--bind-to", "none"] : [];
        var start = new ProcessStartInfo(launcher, [.. oversubscribe, "-n", $"{ranks}", .. program, .. own, .. arguments])
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

    private static RankProcess StartRanks(
        string launcher, int ranks, int batch, string name, string[]? path = null, int firstCore = 0)
    {
        ProcessStartInfo start = Launch(
            launcher, ranks, ["bash", "-c", Pin], [Worker, name, batch.ToString(CultureInfo.InvariantCulture), .. path ?? []]);
        start.RedirectStandardError = false;
        start.Environment["FIRST_CORE"] = firstCore.ToString(CultureInfo.InvariantCulture);
        return new RankProcess(Process.Start(start)!, $"{launcher} with {ranks} ranks of {name}");
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
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] != otherWeights[i] && !IsKeyBias(tensor.Name, i, weights.Length))
                {
                    difference += Math.Pow((double)weights[i] - otherWeights[i], 2);
                }

                norm += float.IsFinite(weights[i]) ? Math.Pow(weights[i], 2) : 0;
            }
        }

        return Math.Sqrt(difference / norm);
    }

    /// <summary>Whether a weight is a key's bias: it has no effect, since softmax takes it out.</summary>
    public static bool IsKeyBias(string name, int index, int count) =>
        name.EndsWith("proj_k.bias", StringComparison.Ordinal)
        || (name.EndsWith("qkv.bias", StringComparison.Ordinal) && index >= count / 3 && index < 2 * count / 3);

    /// <summary>Trains by ranks with a batch of 20 in all, and writes the weights.</summary>
    /// <returns>Clips a second, the first epoch left out.</returns>
    public static double SpeedOf(string launcher, int ranks, string preset, string weights) =>
        StartRanks(launcher, ranks, Batch, preset, [weights]).Speed();

    /// <summary>A launcher that runs.</summary>
    private sealed record RankProcess(Process Process, string Name)
    {
        /// <summary>Waits for its end.</summary>
        /// <returns>Clips a second.</returns>
        public double Speed()
        {
            using Process process = Process;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();

            // Launchers give ranks a terminal, to which .NET says first what it wants of it.
            int place = output.LastIndexOf("clips ", StringComparison.Ordinal);
            return process.ExitCode == 0 && place >= 0
                ? double.Parse(output[(place + 6)..], CultureInfo.InvariantCulture)
                : throw new InvalidOperationException($"{Name} ended with {process.ExitCode}.");
        }
    }

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
