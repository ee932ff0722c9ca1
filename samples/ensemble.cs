#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Trains PaSST, AST and HTS-AT on the same recordings, and averages their scores: a model like each of them, saved as one.
//   dotnet run samples/ensemble.cs -c Release                      the spoken words of the repository; some minutes each
//   dotnet run samples/ensemble.cs -c Release -- my-sounds 10      your recordings, in ten epochs

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
int? epochs = args.Length > 1 ? int.Parse(args[1]) : null;
var mlContext = new MLContext(seed: 1);
IDataView clips = mlContext.Data.LoadAudioFolders(folder).All;
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(clips, testFraction: 0.2, seed: 1);

// The steps before the models are fitted once, so that the models have the same classes.
ITransformer reader = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
    .Fit(split.TrainSet);
IDataView training = mlContext.Data.Cache(reader.Transform(split.TrainSet), "Label", "Waveform");
IDataView test = mlContext.Data.Cache(reader.Transform(split.TestSet), "Label", "Waveform");

AudioClassificationCatalog catalog = mlContext.AudioClassification();
List<AudioClassificationTransformer> models = [];
AnsiConsole.Progress().Start(progress =>
{
    models.Add(catalog.Trainer<PasstOptions>(options => Change(options, progress.AddTask("PaSST"))).Fit(training));
    models.Add(catalog.Trainer<AstOptions>(options => Change(options, progress.AddTask("AST"))).Fit(training));
    models.Add(catalog.Trainer<HtsAtOptions>(options => Change(options, progress.AddTask("HTS-AT"))).Fit(training));
});

var table = new Table().AddColumns("model", "million parameters", "accuracy");
foreach (AudioClassificationTransformer model in models)
{
    table.AddRow(
        model.Model.ArchitectureName, $"{model.Model.ParameterCount / 1e6:F2}",
        $"{catalog.Evaluate(model.Transform(test)).Accuracy:F3}");
}

using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble(models);
double accuracy = catalog.Evaluate(ensemble.Transform(test)).Accuracy;
table.AddRow("all three", $"{models.Sum(model => model.Model.ParameterCount) / 1e6:F2}", $"{accuracy:F3}");
mlContext.Model.SaveAudioModel(ensemble, test.Schema, "ensemble.zip");
AnsiConsole.Write(table);
Console.WriteLine("saved ensemble.zip");

void Change(AudioTrainerOptions options, ProgressTask bar)
{
    options.Epochs = epochs ?? options.Epochs;
    options.MetricsEverySteps = 1;
    options.MetricsCallback = metrics => (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
}
