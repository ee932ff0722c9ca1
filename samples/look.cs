#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Draws what a small DATAR looks at in recordings that it was not trained on: the points that its deformable attention
// samples, over the log-mel, one picture for each class.
//   dotnet run samples/look.cs -c Release                      the spoken words of the repository
//   dotnet run samples/look.cs -c Release -- my-sounds 20      your recordings, in 20 epochs; their first 0.8 s are heard

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
int epochs = args.Length > 1 ? int.Parse(args[1]) : 15;

LogMelOptions frontEnd = LogMelOptions.CreateAst(16_000);
frontEnd.MelBins = 64;
frontEnd.TargetFrames = 80;
var mlContext = new MLContext(seed: 1);
IDataView clips = mlContext.Data.LoadAudioFolders(folder).All;
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(clips, testFraction: 0.2, seed: 1);
ITransformer features = mlContext.Transforms.Conversion.MapValueToKey("Key", "Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
    .Fit(split.TrainSet);

using AudioClassificationTransformer model = AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("reading clips");
    return mlContext.MulticlassClassification.Trainers.Datar(new DatarOptions
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
        Epochs = epochs,
        BatchSize = 16,
        LearningRate = 1e-3,
        Augmentation = { TimeRollFrames = 10 },
        MetricsEverySteps = 1,
        MetricsCallback = metrics =>
        {
            (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
            bar.Description = $"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}";
        },
    }).Fit(features.Transform(split.TrainSet));
});

IDataView test = features.Transform(split.TestSet);
AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(model.Transform(test), "Key");
Console.WriteLine($"accuracy {metrics.Accuracy:F3} on {metrics.ClipCount} recordings that it was not trained on");

DirectoryInfo pictures = Directory.CreateDirectory("looks-at");
foreach (Clip clip in mlContext.Data.CreateEnumerable<Clip>(test, reuseRowObject: false).DistinctBy(clip => clip.Label))
{
    // The second stage is the finest with deformable attention: 8 x 10 points for each of its two groups.
    string picture = Path.Combine(pictures.FullName, $"{clip.Label}.svg");
    string title = $"{clip.Label}, by {Path.GetFileNameWithoutExtension(clip.Path)}";
    model.Model.DrawDeformablePoints(clip.Features, title, stage: 1, frameMilliseconds: 10).Save(picture);
    Console.WriteLine(picture);
}

internal sealed class Clip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public float[] Features { get; set; } = [];
}
