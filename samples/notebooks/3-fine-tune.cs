#:project ../../src/Microsoft.ML.AudioTransformers.Interactive
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// %% [markdown]
// # 3. Fine-tune from weights
//
// A model that has learned six words learns two new ones from a few clips, with the weights of the first as its start.
//
// With a file of published weights (`docs/model-card.md` lists them) in the place of `six-words.safetensors`, it is the
// papers' recipe: `PasstOptions.Esc50()` and so on.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using static Microsoft.ML.AudioTransformers.AudioNotebook;

// %% [program]
Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using NotebookPage page = NotebookPage.Open("../../artifacts/notebooks/3-fine-tune.html", Console.Out);

// %% [markdown]
// ## Weights
//
// Six words by eighteen voices, and their weights as a file.

// %%
string folder = "../SpokenCommands/data";
var clips = File.ReadLines($"{folder}/clips.csv").Skip(1).Select(line => line.Split(','))
    .Select(fields => new { Path = $"{folder}/{fields[0]}", Label = fields[1], Split = fields[3] }).ToArray();
LogMelOptions frontEnd = LogMelOptions.CreatePasst(16_000);
frontEnd.TargetSamples = 12_800;
frontEnd.MelBins = 64;
var mlContext = new MLContext(seed: 1);

IDataView Features(string[] words, string split, int clipsAWord) => mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
    .Fit(Rows(words, split, clipsAWord)).Transform(Rows(words, split, clipsAWord));

IDataView Rows(string[] words, string split, int clipsAWord) => mlContext.Data.LoadFromEnumerable(
    clips.Where(clip => clip.Split == split && words.Contains(clip.Label)).GroupBy(clip => clip.Label)
        .SelectMany(word => word.Take(clipsAWord)));

AudioClassificationTrainer Passt(string title, string? weights, int epochs, double learningRate) =>
    mlContext.MulticlassClassification.Trainers.Passt(new PasstOptions
    {
        Config = { EmbedDim = 64, Depth = 2, Heads = 4, StrideTime = 8, StrideFrequency = 8, PatchoutTime = 1 },
        PretrainedWeights = weights,
        Epochs = epochs,
        BatchSize = 16,
        LearningRate = learningRate,
        MetricsCallback = Progress(title),
    });

// %%
AudioClassificationTransformer six = Passt("six words", null, epochs: 15, learningRate: 2e-3)
    .Fit(Features(["down", "go", "left", "off", "on", "up"], "train", 54));
string temporary = Directory.CreateTempSubdirectory("notebook-").FullName;
string weights = Path.Combine(temporary, "six-words.safetensors");
six.Model.SaveSafetensors(weights);
Console.WriteLine($"{six.Model.ParameterCount} parameters, {new FileInfo(weights).Length / 1000} kB");

// %% [markdown]
// ## Two new words
//
// Nine clips of each to learn from. First with the weights: the log says how many of them fitted. The head is new.

// %%
mlContext.Log += (_, entry) =>
{
    if (entry.RawMessage.Contains("weights", StringComparison.OrdinalIgnoreCase))
    {
        Console.WriteLine(entry.RawMessage.Replace(weights, Path.GetFileName(weights)).Split('\n')[0]);
    }
};
IDataView few = Features(["no", "yes"], "train", 9);
IDataView test = Features(["no", "yes"], "test", 12);
AudioClassificationTransformer tuned = Passt("from weights", weights, epochs: 15, learningRate: 5e-4).Fit(few);
AudioClassificationMetrics ofTuned = mlContext.AudioClassification().Evaluate(tuned.Transform(test));
Show(ofTuned);

// %% [markdown]
// The same from random weights:

// %%
AudioClassificationTransformer scratch = Passt("from scratch", null, epochs: 15, learningRate: 2e-3).Fit(few);
AudioClassificationMetrics ofScratch = mlContext.AudioClassification().Evaluate(scratch.Transform(test));
Show(ofScratch);

// %%
Directory.Delete(temporary, recursive: true);
Show(Table(new[] { ("from weights", ofTuned), ("from scratch", ofScratch) }
    .Select(row => new { Start = row.Item1, row.Item2.Accuracy, Clips = row.Item2.ClipCount })));
