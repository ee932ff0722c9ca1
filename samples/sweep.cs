#:project ../src/Microsoft.ML.AudioTransformers.AutoML
#:package Microsoft.ML.AutoML
#:package Spectre.Console
#:property PublishAot=false

// Tries options of PaSST, patchout among them, and keeps the best model. A sweep that was stopped goes on in its folder.
//   dotnet run samples/sweep.cs -c Release                        the spoken words of the repository
//   dotnet run samples/sweep.cs -c Release -- my-sounds 20 30     your recordings, 20 trials of 30 epochs each
// samples/Sweep/Sweep.cs goes further: two models in one sweep, trials in processes of their own, a sweep that is killed.

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
int trials = args.Length > 1 ? int.Parse(args[1]) : 10;

var mlContext = new MLContext(seed: 1);
IDataView clips = mlContext.Data.LoadAudioFolders(folder).All;
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(clips, testFraction: 0.2, seed: 1);
var reader = mlContext.Transforms.Conversion.MapValueToKey("Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000));

// What the clips ask for is where the sweep begins; AudioSearchSpace.Of has more that can be searched.
PasstOptions start = mlContext.AudioClassification().OptionsFor<PasstOptions>(
    reader.Fit(split.TrainSet).Transform(split.TrainSet),
    options => options.Epochs = args.Length > 2 ? int.Parse(args[2]) : options.Epochs);
var space = new SearchSpace
{
    ["LearningRate"] = new UniformDoubleOption(1e-4, 3e-3, logBase: true, defaultValue: start.LearningRate),
    ["PatchoutTime"] = new UniformIntOption(0, 4, defaultValue: 0),
    ["PatchoutFrequency"] = new UniformIntOption(0, 2, defaultValue: 0),
};
AudioSweep sweep = mlContext.CreateAudioSweep(
    reader.Append(mlContext.Auto().Passt(start, space)),
    new AudioSweep.Options { Trials = trials, Folder = Path.GetFullPath("sweep") });

AudioSweepResult result = AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("trials", maxValue: trials);
    mlContext.Log += (_, log) =>
    {
        if (log.RawMessage.StartsWith("trial ", StringComparison.Ordinal))
        {
            bar.Increment(log.RawMessage.Contains(" starts: ") ? 0 : 1);
        }
    };
    return sweep.Run(split.TrainSet, split.TestSet);
});

var table = new Table().AddColumns("trial", "accuracy", "options");
foreach (AudioSweepTrial trial in result.Trials.OrderByDescending(trial => trial.Metric))
{
    table.AddRow($"{trial.Id}", $"{trial.Metric:F3}", Markup.Escape(trial.Parameters.ToString() ?? ""));
}

AnsiConsole.Write(table);
Console.WriteLine($"best: trial {result.BestTrial.Id}, accuracy {result.BestTrial.Metric:F3}");
Console.WriteLine($"model {result.ModelPath}");
Console.WriteLine($"chart {result.ChartPath}");
