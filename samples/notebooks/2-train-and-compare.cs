#:project ../../src/Microsoft.ML.AudioTransformers.Interactive
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// %% [markdown]
// # 2. Train and compare
//
// PaSST, HTS-AT and DATAR learn the same three spoken words, in sizes that train in seconds. The progress updates in place.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using static Microsoft.ML.AudioTransformers.AudioNotebook;

// %% [program]
Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using NotebookPage page = NotebookPage.Open("../../artifacts/notebooks/2-train-and-compare.html", Console.Out);

// %% [markdown]
// ## The clips
//
// Eighteen voices to learn from, six others to be tested on.

// %%
string folder = "../SpokenCommands/data";
string[] words = ["go", "stop", "yes"];
var clips = File.ReadLines($"{folder}/clips.csv").Skip(1).Select(line => line.Split(','))
    .Select(fields => new { Path = $"{folder}/{fields[0]}", Label = fields[1], Split = fields[3] })
    .Where(clip => words.Contains(clip.Label)).ToArray();
var mlContext = new MLContext(seed: 1);
IDataView train = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "train"));
IDataView test = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "test"));
Show(Table(clips.GroupBy(clip => clip.Label).Select(word => new
{
    Word = word.Key,
    ToLearn = word.Count(clip => clip.Split == "train"),
    ToTest = word.Count(clip => clip.Split == "test"),
})));

// %% [markdown]
// All three hear 0.8 s in 64 mel bins and 80 frames. The features are computed once and kept.

// %%
LogMelOptions frontEnd = LogMelOptions.CreateAst(16_000);
frontEnd.MelBins = 64;
frontEnd.TargetFrames = 80;
ITransformer featurization = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
    .Fit(train);
IDataView trainFeatures = mlContext.Data.Cache(featurization.Transform(train));
IDataView testFeatures = mlContext.Data.Cache(featurization.Transform(test));

// %% [markdown]
// ## PaSST
//
// A vision transformer on patches of the spectrogram, of which training leaves some out (patchout).

// %%
AudioClassificationTransformer passt = mlContext.MulticlassClassification.Trainers.Passt(new PasstOptions
{
    Config = { EmbedDim = 64, Depth = 2, Heads = 4, StrideTime = 8, StrideFrequency = 8, PatchoutTime = 1 },
    Epochs = 20,
    BatchSize = 16,
    LearningRate = 1e-3,
    MetricsCallback = Progress("PaSST"),
}).Fit(trainFeatures);
AudioClassificationMetrics ofPasst = mlContext.AudioClassification().Evaluate(passt.Transform(testFeatures));
Show(ofPasst);

// %% [markdown]
// ## HTS-AT
//
// A Swin transformer: attention within windows, and fewer, wider tokens from stage to stage.

// %%
AudioClassificationTransformer htsAt = mlContext.MulticlassClassification.Trainers.HtsAt(new HtsAtOptions
{
    Config = { ImageSize = 64, EmbedDim = 24, Depths = [1, 1], Heads = [2, 4], WindowSize = 4, DropPath = 0 },
    Epochs = 6,
    BatchSize = 16,
    LearningRate = 2e-3,
    MetricsCallback = Progress("HTS-AT"),
}).Fit(trainFeatures);
AudioClassificationMetrics ofHtsAt = mlContext.AudioClassification().Evaluate(htsAt.Transform(testFeatures));
Show(ofHtsAt);

// %% [markdown]
// ## DATAR
//
// Deformable attention: it samples where it learns to look. An input adaptor goes before it.

// %%
AudioClassificationTransformer datar = mlContext.MulticlassClassification.Trainers.Datar(new DatarOptions
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
    Epochs = 3,
    BatchSize = 16,
    LearningRate = 2e-3,
    MetricsCallback = Progress("DATAR"),
}).Fit(trainFeatures);
AudioClassificationMetrics ofDatar = mlContext.AudioClassification().Evaluate(datar.Transform(testFeatures));
Show(ofDatar);

// %% [markdown]
// ## Side by side

// %%
Show(Table(new[] { ("PaSST", passt, ofPasst), ("HTS-AT", htsAt, ofHtsAt), ("DATAR", datar, ofDatar) }
    .Select(row => new
    {
        Model = row.Item1,
        Parameters = row.Item2.Model.ParameterCount,
        row.Item3.Accuracy,
        Seconds = Math.Round(row.Item2.Model.Training!.History[^1].Elapsed.TotalSeconds, 1),
    })));

// %% [markdown]
// Sizes this small say little of the models. `PasstOptions.Small()`, or a trainer without any options, reach 0.96 to 0.98 of
// ten words in two to four minutes; the papers' sizes begin with pretrained weights (notebook 3).
