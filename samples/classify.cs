#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Learns a folder with a folder for each class, tests on a fifth of the recordings, and saves the model.
//   dotnet run samples/classify.cs -c Release                      the spoken words of the repository
//   dotnet run samples/classify.cs -c Release -- my-sounds         your recordings; the model is my-sounds.zip
//   dotnet run samples/classify.cs -c Release -- my-sounds 20      in 20 epochs; else as many as their number asks for

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
int? epochs = args.Length > 1 ? int.Parse(args[1]) : null;
string file = Path.GetFullPath($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}.zip");

// One line of the log tells what was chosen by the clips; warnings tell what is not as one expects.
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, log) =>
{
    if (log.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning || log.RawMessage.Contains("OptionsFor"))
    {
        AnsiConsole.WriteLine(log.RawMessage);
    }
};
AudioDataset recordings = mlContext.Data.LoadAudioFolders(folder);
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(recordings.All, testFraction: 0.2, seed: 1);

ITransformer model = AnsiConsole.Progress()
    .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
    .Start(progress =>
    {
        ProgressTask bar = progress.AddTask("reading clips");
        return mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
            .Append(mlContext.AudioClassification().Trainer<PasstOptions>(options =>
            {
                options.Epochs = epochs ?? options.Epochs;
                options.MetricsEverySteps = 1;
                options.MetricsCallback = metrics =>
                {
                    (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
                    bar.Description = $"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}";
                };
            }))
            .Fit(split.TrainSet);
    });

AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(model.Transform(split.TestSet));
mlContext.Model.SaveAudioModel(model, split.TrainSet.Schema, file);

var table = new Table().AddColumns("class", "recall", "precision");
foreach ((int i, string name) in metrics.ClassNames.Index())
{
    table.AddRow(Markup.Escape(name), $"{metrics.Recalls[i]:F2}", $"{metrics.Precisions[i]:F2}");
}

AnsiConsole.Write(table);
Console.WriteLine($"accuracy {metrics.Accuracy:F3} on {metrics.ClipCount} recordings that it was not trained on");
Console.WriteLine($"saved {file}");
