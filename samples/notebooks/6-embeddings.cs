#:project ../../src/Microsoft.ML.AudioTransformers.Interactive
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// %% [markdown]
// # 6. Embeddings: a stock trainer, and search by similarity
//
// A model turns a clip into a vector. Vectors of like clips are near each other, so that a linear trainer of ML.NET can tell
// new classes apart, and a clip can be searched for by another one.
//
// With a file of published weights in the place of `weights`, the vectors know the 527 classes of AudioSet.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using static Microsoft.ML.AudioTransformers.AudioNotebook;

// %% [program]
Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using NotebookPage page = NotebookPage.Open("../../artifacts/notebooks/6-embeddings.html", Console.Out);

// %% [markdown]
// ## Weights
//
// A small PaSST learns six words; what it has learned becomes a file.

// %%
string folder = "../SpokenCommands/data";
var clips = File.ReadLines($"{folder}/clips.csv").Skip(1).Select(line => line.Split(','))
    .Select(fields => new { Path = $"{folder}/{fields[0]}", Label = fields[1], Split = fields[3] }).ToArray();
string[] known = ["down", "go", "left", "off", "on", "up"];
string[] fresh = ["no", "right", "stop", "yes"];
LogMelOptions frontEnd = LogMelOptions.CreatePasst(16_000);
frontEnd.TargetSamples = 12_800;
frontEnd.MelBins = 64;
PasstOptions Passt() => new()
{
    Config = { EmbedDim = 64, Depth = 2, Heads = 4, StrideTime = 8, StrideFrequency = 8 },
    FrontEnd = frontEnd,
    FeatureColumnName = "Waveform",
    Epochs = 15,
    BatchSize = 16,
    LearningRate = 2e-3,
};

var mlContext = new MLContext(seed: 1);
IDataView Waveforms(string[] words, string split)
{
    IDataView rows = mlContext.Data.LoadFromEnumerable(
        clips.Where(clip => clip.Split == split && words.Contains(clip.Label)));
    return mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000)
        .Append(mlContext.Transforms.Conversion.MapValueToKey("Key", "Label")).Fit(rows).Transform(rows);
}

PasstOptions options = Passt();
options.LabelColumnName = "Key";
options.MetricsCallback = Progress("six words");
string weights = Path.Combine(Path.GetTempPath(), $"words-{Environment.ProcessId}.safetensors");
mlContext.MulticlassClassification.Trainers.Passt(options).Fit(Waveforms(known, "train")).Model.SaveSafetensors(weights);

// %% [markdown]
// ## Vectors
//
// Of four other words, which the model has never heard.

// %%
PasstOptions model = Passt();
model.PretrainedWeights = weights;
AudioEmbeddingTransformer embedding = mlContext.Transforms
    .ExtractAudioEmbedding("Features", "Waveform", new AudioEmbeddingOptions { Model = model })
    .Fit(Waveforms(fresh, "train"));
IDataView train = mlContext.Data.Cache(embedding.Transform(Waveforms(fresh, "train")));
IDataView test = mlContext.Data.Cache(embedding.Transform(Waveforms(fresh, "test")));
Console.WriteLine($"{embedding.EmbeddingLength} numbers a clip");

// %% [markdown]
// ## A stock trainer
//
// Maximum entropy on the vectors: a second of training, no network.

// %%
ITransformer linear = mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Key").Fit(train);
Show(mlContext.AudioClassification().Evaluate(linear.Transform(test), "Key"));

// %% [markdown]
// ## Search by similarity
//
// The clips whose vectors are nearest to that of a clip, by the cosine: first the clip, then what was found.

// %%
double Cosine(float[] a, float[] b) =>
    a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));

var index = train.GetColumn<string>("Path").Zip(train.GetColumn<float[]>("Features")).ToArray();
foreach (string word in new[] { "stop", "yes" })
{
    var (path, vector) = test.GetColumn<string>("Path").Zip(test.GetColumn<float[]>("Features"))
        .First(clip => clip.First.Contains($"/{word}/"));
    Show(index.OrderByDescending(clip => Cosine(clip.Second, vector)).Take(3)
        .Select(clip => AudioPlayer.Open(clip.First, $"found: {Path.GetFileName(Path.GetDirectoryName(clip.First))}"))
        .Prepend(AudioPlayer.Open(path, $"asked: {word}"))
        .ToArray<object>());
}

File.Delete(weights);
