#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Compares the kinds of DATAR's input adaptor: x + alpha conv2d(x), noise in its place, and none. Each is trained from the
// same seed on the same recordings. One training each tells little: docs/evaluation.md has several seeds and intervals.
//   dotnet run samples/adaptor.cs -c Release                      the spoken words of the repository; some minutes each
//   dotnet run samples/adaptor.cs -c Release -- my-sounds 10      your recordings, in ten epochs

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
int? epochs = args.Length > 1 ? int.Parse(args[1]) : null;

// What the paper's Table 4 compares.
(DatarAdaptor Kind, double Strength)[] adaptors =
[
    (DatarAdaptor.None, 0), (DatarAdaptor.Learnable, 0.2), (DatarAdaptor.Learnable, 0.005),
    (DatarAdaptor.Gaussian, 0.005), (DatarAdaptor.Laplacian, 0.005),
];
var mlContext = new MLContext(seed: 1);
IDataView clips = mlContext.Data.LoadAudioFolders(folder).All;
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(clips, testFraction: 0.2, seed: 1);

// Files are read once for all trainings.
ITransformer reader = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Fit(split.TrainSet);
IDataView training = mlContext.Data.Cache(reader.Transform(split.TrainSet), "Label", "Waveform");
IDataView test = mlContext.Data.Cache(reader.Transform(split.TestSet), "Label", "Waveform");

var table = new Table().AddColumns("adaptor", "strength", "loss", "accuracy");
AnsiConsole.Progress().Start(progress =>
{
    foreach ((DatarAdaptor kind, double strength) in adaptors)
    {
        ProgressTask bar = progress.AddTask($"{kind} {strength}");
        using AudioClassificationTransformer model = mlContext.AudioClassification().Trainer<DatarOptions>(options =>
        {
            options.Config = options.Config with { Adaptor = kind, AdaptorStrength = strength };
            options.Epochs = epochs ?? options.Epochs;
            options.MetricsEverySteps = 1;
            options.MetricsCallback = metrics => (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
        }).Fit(training);
        double accuracy = mlContext.AudioClassification().Evaluate(model.Transform(test)).Accuracy;
        table.AddRow($"{kind}", $"{strength}", $"{model.Model.Training!.History[^1].Loss:F3}", $"{accuracy:F3}");
    }
});

AnsiConsole.Write(table);
