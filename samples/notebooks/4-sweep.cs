#:project ../../src/Microsoft.ML.AudioTransformers.Interactive
#:project ../../src/Microsoft.ML.AudioTransformers.AutoML
#:package Microsoft.ML
#:package Microsoft.ML.AutoML
#:property UsesTorchBackend=true
#:property PublishAot=false

// %% [markdown]
// # 4. Sweep patchout and adaptor strength
//
// How much patchout does PaSST want, and how strong an input adaptor DATAR? One sweep tries both, on a grid, and draws what
// came out.
//
// Microsoft.ML.AudioTransformers.AutoML is packed where Microsoft.ML.AutoML is on the feed: `docs/packages.md`.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using static Microsoft.ML.AudioTransformers.AudioNotebook;

// %% [program]
Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using NotebookPage page = NotebookPage.Open("../../artifacts/notebooks/4-sweep.html", Console.Out);

// %% [markdown]
// ## The clips
//
// Two words. Four of the voices are kept to validate with.

// %%
string folder = "../SpokenCommands/data";
string[] words = ["go", "yes"];
string[] validationVoices = ["en-us-annie", "en-gb-m5", "en-gb-scotland-f4", "en-us-nyc-adam"];
var clips = File.ReadLines($"{folder}/clips.csv").Skip(1).Select(line => line.Split(','))
    .Where(fields => words.Contains(fields[1]) && fields[3] == "train")
    .Select(fields => new { Path = $"{folder}/{fields[0]}", Label = fields[1], Voice = fields[2] }).ToArray();
var mlContext = new MLContext(seed: 1);
IDataView train = mlContext.Data.LoadFromEnumerable(clips.Where(clip => !validationVoices.Contains(clip.Voice)));
IDataView validation = mlContext.Data.LoadFromEnumerable(clips.Where(clip => validationVoices.Contains(clip.Voice)));
LogMelOptions frontEnd = LogMelOptions.CreateAst(16_000);
frontEnd.MelBins = 64;
frontEnd.TargetFrames = 80;

// %% [markdown]
// ## What is tried
//
// A search space is a dictionary: the options by their names, each with its values. The pipeline has two paths, PaSST and
// DATAR.

// %%
var passt = new PasstOptions
{
    Config = { EmbedDim = 64, Depth = 2, Heads = 4, StrideTime = 8, StrideFrequency = 8 },
    Epochs = 10,
    BatchSize = 16,
    LearningRate = 1e-3,
};
var patchout = new SearchSpace { ["PatchoutTime"] = new ChoiceOption(0, 2, 4) };
var datar = new DatarOptions
{
    Config =
    {
        StemDim = 16,
        Stages =
        [
            new() { Dim = 16, Heads = 1, Blocks = "L", WindowSize = 4 },
            new() { Dim = 32, Heads = 2, Blocks = "D", WindowSize = 4, Groups = 2, OffsetKernel = 5 },
            new() { Dim = 64, Heads = 4, Blocks = "D", WindowSize = 4, Groups = 2, OffsetKernel = 3 },
            new() { Dim = 128, Heads = 8, Blocks = "D", WindowSize = 2, Groups = 4, OffsetKernel = 2 },
        ],
        DropPath = 0,
    },
    Epochs = 2,
    BatchSize = 16,
    LearningRate = 2e-3,
};
var adaptor = new SearchSpace { ["AdaptorStrength"] = new ChoiceOption(0.005, 0.2) };
SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
    .Append(mlContext.Auto().Passt(passt, patchout), mlContext.Auto().Datar(datar, adaptor));

// %% [markdown]
// ## The sweep
//
// Its folder keeps every trial: a sweep that was stopped goes on from it.

// %%
string results = Path.Combine(Path.GetTempPath(), $"notebook-sweep-{Environment.ProcessId}");
AudioSweepResult sweep = mlContext.CreateAudioSweep(pipeline, new()
{
    Folder = results,
    Trials = 5,
    Tuner = AudioSweepTuner.Grid,
    Metric = AudioSweepMetric.Accuracy(),
}).Run(train, validation);
Show(Table(sweep.Trials.Select(trial => new
{
    trial.Id,
    Accuracy = trial.Metric,
    Seconds = Math.Round(trial.DurationInMilliseconds / 1000, 1),
    trial.State,
})));

// %% [markdown]
// The metric against each option; the best trial is marked.

// %%
Show(sweep.ToChart());
Console.WriteLine($"best: trial {sweep.BestTrial.Id}");

// %% [markdown]
// The best model is a pipeline like any other, and is saved in the folder too.

// %%
Show(mlContext.AudioClassification().Evaluate(sweep.Model.Transform(validation)));
Directory.Delete(results, recursive: true);
