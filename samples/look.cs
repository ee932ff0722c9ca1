#:project ../../src/Microsoft.ML.AudioTransformers
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// Trains a small DATAR on ten spoken words, and draws what it looks at in words of voices that it has never heard: the
// points that its deformable attention samples, over the log-mel.
//   dotnet run WhatItLooksAt.cs -- [folder for the pictures]

using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using TorchSharp;

// A model this small gains nothing from a second thread, and loses much to it on a busy machine.
torch.set_num_threads(1);
string pictures = args.Length > 0 ? args[0] : "what-it-looks-at";
string data = Path.Combine(
    (string)AppContext.GetData("EntryPointFileDirectoryPath")!, "..", "SpokenCommands", "data");
Clip[] clips = [.. File.ReadLines(Path.Combine(data, "clips.csv"))
    .Skip(1)
    .Select(line => line.Split(','))
    .Select(fields => new Clip { Path = Path.Combine(data, fields[0]), Label = fields[1], Split = fields[3] })];

LogMelOptions frontEnd = LogMelOptions.CreateAst(16_000);
frontEnd.MelBins = 64;
frontEnd.TargetFrames = 80;
var mlContext = new MLContext(seed: 1);
IDataView trainingSet = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "train"));
IDataView testSet = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "test"));
ITransformer features = mlContext.Transforms.Conversion.MapValueToKey("Key", "Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
    .Fit(trainingSet);

Console.WriteLine($"training on {clips.Count(clip => clip.Split == "train")} clips");
using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Datar(new DatarOptions
{
    LabelColumnName = "Key",
    Config =
    {
        StemDim = 24,
        Stages =
        [
            new() { Dim = 24, Heads = 1, Blocks = "LS", WindowSize = 4 },
            new() { Dim = 48, Heads = 2, Blocks = "LD", WindowSize = 4, Groups = 2, OffsetKernel = 5 },
            new() { Dim = 96, Heads = 4, Blocks = "LD", WindowSize = 4, Groups = 2, OffsetKernel = 3 },
            new() { Dim = 192, Heads = 8, Blocks = "LD", WindowSize = 2, Groups = 4, OffsetKernel = 2 },
        ],
        DropPath = 0.1,
    },
    Epochs = 15,
    BatchSize = 16,
    LearningRate = 1e-3,
    Augmentation = { TimeRollFrames = 10 },
    MetricsCallback = Console.WriteLine,
}).Fit(features.Transform(trainingSet));

IDataView test = features.Transform(testSet);
AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(model.Transform(test), "Key");
Console.WriteLine(FormattableString.Invariant($"accuracy: {metrics.Accuracy:F3}"));

Directory.CreateDirectory(pictures);
foreach (ClipFeatures clip in mlContext.Data.CreateEnumerable<ClipFeatures>(test, reuseRowObject: false)
    .GroupBy(clip => clip.Label).Select(word => word.First()))
{
    // The second stage is the finest with deformable attention: 8 x 10 points for each of its two groups.
    string picture = Path.Combine(pictures, $"{clip.Label}.svg");
    string title = $"{clip.Label}, by {Path.GetFileNameWithoutExtension(clip.Path)}";
    model.Model.DrawDeformablePoints(clip.Features, title, stage: 1, frameMilliseconds: 10).Save(picture);
    Console.WriteLine(picture);
}

internal sealed class Clip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public string Split { get; set; } = "";
}

internal sealed class ClipFeatures
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public float[] Features { get; set; } = [];
}
