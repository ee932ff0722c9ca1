#:project ../../src/Microsoft.ML.AudioTransformers.AutoML
#:package Microsoft.ML
#:package Microsoft.ML.AutoML
#:property UsesTorchBackend=true
#:property PublishAot=false

// Which model, with how much patchout or how strong an adaptor, tells ten spoken words apart best?
//   dotnet run Sweep.cs                   sweeps PaSST over patchout and DATAR over its adaptor; resumes what was begun
//   dotnet run Sweep.cs -- killed         the same in another process, which is killed in the middle and started again
//   dotnet run Sweep.cs -- processes      a small sweep whose trials are processes of their own, two at a time
//   dotnet run Sweep.cs -- trial <options.json> <metrics.json>    one trial of that, as a job on a cluster would run it

using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using TorchSharp;

// Models this small gain nothing from a second thread, and lose much to it on a busy machine.
torch.set_num_threads(1);
const string results = "artifacts/sweep";
return args switch
{
    [] => Sweep(results),
    ["killed"] => KillAndResume(results),
    ["processes"] => InProcesses("artifacts/sweep-processes"),
    ["trial", string options, string metrics] => RunTrial(options, metrics),
    _ => Usage(),
};

static int Sweep(string folder)
{
    var mlContext = new MLContext(seed: 1);
    mlContext.Log += (_, entry) =>
    {
        if (entry.RawMessage.StartsWith("trial ", StringComparison.Ordinal) && char.IsDigit(entry.RawMessage[6]))
        {
            Console.WriteLine(entry.RawMessage);
        }
    };
    Clips clips = Clips.Read(mlContext);
    AudioSweepResult result = mlContext
        .CreateAudioSweep(Pipeline(mlContext, quick: false), Options(folder, trials: 12))
        .Run(clips.Training, clips.Validation);

    // The first trials are the defaults of PaSST and of DATAR.
    AudioSweepTrial defaults = result.Trials.Take(2).MaxBy(trial => trial.Metric)!;
    ITransformer ofDefaults = mlContext.Model.Load(Path.Combine(folder, $"trial-{defaults.Id:D4}.model.zip"), out _);
    int pruned = result.Trials.Count(trial => trial.State == AudioSweepTrialState.Pruned);
    Console.WriteLine($"{result.Trials.Count} trials, of them {pruned} pruned");
    Report("better default", defaults, ofDefaults);
    Report("best", result.BestTrial, result.Model);
    Console.WriteLine($"{result.ModelPath}\n{result.TablePath}\n{result.ChartPath}");
    return result.BestTrial.Metric >= defaults.Metric ? 0 : 1;

    void Report(string name, AudioSweepTrial trial, ITransformer model)
    {
        double unheard = mlContext.MulticlassClassification.Evaluate(model.Transform(clips.Test)).MicroAccuracy;
        Console.WriteLine(FormattableString.Invariant(
            $"{name}: trial {trial.Id}, accuracy {trial.Metric:F3} on validation voices, {unheard:F3} on unheard"));
    }
}

// What a machine's failure would do: the process ends at once, wherever it is.
static int KillAndResume(string folder)
{
    const int trialsBeforeTheKill = 5;
    if (Directory.Exists(folder))
    {
        Directory.Delete(folder, recursive: true);
    }

    Directory.CreateDirectory(folder);
    using (Process first = Start())
    {
        while (!first.HasExited && Finished(folder).Count < trialsBeforeTheKill)
        {
            Thread.Sleep(100);
        }

        // Into the next trial.
        first.WaitForExit(TimeSpan.FromSeconds(2));
        first.Kill();
        first.WaitForExit();
        Console.WriteLine($"killed: exit code {first.ExitCode}");
    }

    Dictionary<string, DateTime> before = Finished(folder);
    using Process second = Start();
    second.WaitForExit();
    Dictionary<string, DateTime> after = Finished(folder);
    int kept = before.Count(trial => after.TryGetValue(trial.Key, out DateTime written) && written == trial.Value);
    Console.WriteLine($"{before.Count} trials were finished when the sweep was killed, {after.Count} in the end");
    Console.WriteLine($"{kept} of the {before.Count} were not run again");
    return second.ExitCode == 0 && before.Count >= trialsBeforeTheKill && kept == before.Count ? 0 : 1;
}

static Dictionary<string, DateTime> Finished(string folder) => Directory.GetFiles(folder, "trial-*.metrics.json")
    .ToDictionary(path => path, File.GetLastWriteTimeUtc);

// With a shared folder, the processes may run on any number of machines: this loop is then a job array.
static int InProcesses(string folder)
{
    if (Directory.Exists(folder))
    {
        Directory.Delete(folder, recursive: true);
    }

    var mlContext = new MLContext(seed: 1);
    AudioSweep sweep = mlContext.CreateAudioSweep(Pipeline(mlContext, quick: true), Options(folder, trials: 4));
    IReadOnlyList<string> trials = sweep.WriteTrials();
    Parallel.ForEach(trials, new ParallelOptions { MaxDegreeOfParallelism = 2 }, options =>
    {
        using Process process = Start("trial", options, options.Replace(".options.json", ".metrics.json"));
        process.WaitForExit();
        Console.WriteLine($"process {process.Id}, {Path.GetFileName(options)}: exit code {process.ExitCode}");
    });

    Clips clips = Clips.Read(mlContext);
    AudioSweepResult result = sweep.Run(clips.Training, clips.Validation);
    Console.WriteLine(File.ReadAllText(result.TablePath));
    AudioSweepTrial best = result.BestTrial;
    Console.WriteLine(FormattableString.Invariant($"best: trial {best.Id}, accuracy {best.Metric:F3}"));
    return 0;
}

static int RunTrial(string options, string metrics)
{
    var mlContext = new MLContext(seed: 1);
    Clips clips = Clips.Read(mlContext);
    AudioSweepTrial trial = mlContext
        .CreateAudioSweep(Pipeline(mlContext, quick: true), Options(Path.GetDirectoryName(options)!, trials: 4))
        .RunTrial(options, metrics, clips.Training, clips.Validation);
    return trial.State == AudioSweepTrialState.Failed ? 1 : 0;
}

static Process Start(params string[] arguments) => Process.Start(Environment.ProcessPath!, arguments);

static int Usage()
{
    Console.Error.WriteLine("usage: Sweep [killed | processes | trial <options.json> <metrics.json>]");
    return 2;
}

static AudioSweep.Options Options(string folder, int trials) => new()
{
    Folder = folder,
    Trials = trials,
    PruningMinimumTrials = 3,
    PruningFirstEpoch = 5,
    KeepModels = true,
};

// Two paths through the pipeline: a trial takes one, and each has its own options.
static SweepablePipeline Pipeline(MLContext mlContext, bool quick)
{
    LogMelOptions frontEnd = LogMelOptions.CreatePasst(16_000);
    frontEnd.TargetSamples = 12_800;
    frontEnd.MelBins = 64;
    return mlContext.Transforms.Conversion.MapValueToKey("Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
        .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
        .Append(
            mlContext.Auto().Passt(SmallPasst(quick ? 1 : 16), Patchout()),
            mlContext.Auto().Datar(SmallDatar(quick ? 1 : 12), Adaptor()))
        .Append(mlContext.Transforms.Conversion.MapKeyToValue("Word", "PredictedLabel"));
}

// 13 columns and 9 rows of patches.
static PasstOptions SmallPasst(int epochs) => new()
{
    Config = { EmbedDim = 96, Depth = 3, Heads = 4, StrideTime = 5, StrideFrequency = 6 },
    Augmentation = { TimeRollFrames = 10 },
    Epochs = epochs,
    BatchSize = 16,
    LearningRate = 1.5e-3,
};

// The choice between structured and unstructured patchout, and ranges for this few patches.
static SearchSpace Patchout() => new()
{
    ["Patchout"] = AudioSearchSpace.Of(new PasstOptions())["Patchout"],
    ["PatchoutTime"] = new UniformIntOption(0, 9, defaultValue: 5),
    ["PatchoutFrequency"] = new UniformIntOption(0, 5, defaultValue: 2),
    ["PatchoutUnstructured"] = new UniformIntOption(20, 90, defaultValue: 60),
};

static DatarOptions SmallDatar(int epochs) => new()
{
    Config =
    {
        StemDim = 32,
        Stages =
        [
            new() { Dim = 32, Blocks = "L", Heads = 2, WindowSize = 4 },
            new() { Dim = 48, Blocks = "L", Heads = 2, WindowSize = 4 },
            new() { Dim = 64, Blocks = "LD", Heads = 2, WindowSize = 4 },
            new() { Dim = 96, Blocks = "D", Heads = 4, WindowSize = 2, Groups = 2, OffsetKernel = 3 },
        ],
        Expansion = 2,
        DropPath = 0.1,
    },
    Augmentation = { TimeRollFrames = 10 },
    Epochs = epochs,
    BatchSize = 16,
    LearningRate = 1.5e-3,
};

static SearchSpace Adaptor()
{
    SearchSpace all = AudioSearchSpace.Of(new DatarOptions());
    return new() { ["Adaptor"] = all["Adaptor"], ["AdaptorStrength"] = all["AdaptorStrength"] };
}

internal sealed record Clips(IDataView Training, IDataView Validation, IDataView Test)
{
    // Of the voices to learn from, these four are kept for validation; the test voices take no part in the sweep.
    private static readonly string[] s_validationVoices =
        ["en-us-annie", "en-gb-m5", "en-gb-scotland-f4", "en-us-nyc-adam"];

    public static Clips Read(MLContext mlContext)
    {
        string folder = Path.Combine(
            (string)AppContext.GetData("EntryPointFileDirectoryPath")!, "..", "SpokenCommands", "data");
        ILookup<string, Clip> clips = File.ReadLines(Path.Combine(folder, "clips.csv"))
            .Skip(1)
            .Select(line => line.Split(','))
            .ToLookup(
                fields => s_validationVoices.Contains(fields[2]) ? "validation" : fields[3],
                fields => new Clip { Path = Path.Combine(folder, fields[0]), Label = fields[1] });
        return new Clips(
            mlContext.Data.LoadFromEnumerable(clips["train"]),
            mlContext.Data.LoadFromEnumerable(clips["validation"]),
            mlContext.Data.LoadFromEnumerable(clips["test"]));
    }
}

internal sealed class Clip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";
}
