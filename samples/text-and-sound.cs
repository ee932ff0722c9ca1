#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// One pipeline over two columns, a recording and a text: what was heard, and what a note beside it says. What to do follows
// from both, from neither alone. Here the notes are made up; yours come from a table (LoadAudioTable).
//   dotnet run samples/text-and-sound.cs -c Release                      the spoken words of the repository
//   dotnet run samples/text-and-sound.cs -c Release -- my-sounds 20      your recordings, in 20 epochs
// FeaturizeText is ML.NET's own. The text models of Microsoft.ML.TorchSharp download weights when they are trained.

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
string[][] notes = [["please do it", "do it now"], ["leave it alone", "please leave it"]];
var mlContext = new MLContext(seed: 1);
var random = new Random(1);
IDataView messages = mlContext.Data.LoadFromEnumerable(mlContext.Data
    .CreateEnumerable<Message>(mlContext.Data.LoadAudioFolders(folder).All, false, ignoreMissingColumns: true)
    .Select(message =>
    {
        int kind = random.Next(2);
        message.Note = notes[kind][random.Next(2)];
        message.Action = $"{(kind == 0 ? "do" : "leave")} {message.Label}";
        return message;
    })
    .ToArray());
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(messages, testFraction: 0.2, seed: 1);

// The audio transformer learns the word; a stock trainer learns the action from its scores and the text.
ITransformer model = AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("reading clips");
    return mlContext.Transforms.Conversion.MapValueToKey("Word", "Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
        .Append(mlContext.AudioClassification().Trainer<PasstOptions>(options =>
        {
            options.LabelColumnName = "Word";
            options.ScoreColumnName = "Heard";
            options.PredictedLabelColumnName = "HeardWord";
            options.Epochs = args.Length > 1 ? int.Parse(args[1]) : options.Epochs;
            options.MetricsEverySteps = 1;
            options.MetricsCallback = metrics =>
            {
                (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
                bar.Description = $"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}";
            };
        }))
        .Append(mlContext.Transforms.Text.FeaturizeText("Words", nameof(Message.Note)))
        .Append(mlContext.Transforms.Concatenate("Both", "Heard", "Words"))
        .Append(mlContext.Transforms.Conversion.MapValueToKey("ActionKey", nameof(Message.Action)))
        .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
            "ActionKey", "Both", l1Regularization: 0, l2Regularization: 0.01f))
        .Append(mlContext.Transforms.Conversion.MapKeyToValue("Decided", "PredictedLabel"))
        .Fit(split.TrainSet);
});

IDataView decided = model.Transform(split.TestSet);
double accuracy = mlContext.MulticlassClassification.Evaluate(decided, "ActionKey").MicroAccuracy;
var table = new Table().AddColumns("recording", "note", "decided");
foreach (Message message in mlContext.Data.CreateEnumerable<Message>(decided, false, ignoreMissingColumns: true).Take(8))
{
    string[] cells = [Path.GetFileName(message.Path), message.Note, message.Decided];
    table.AddRow([.. cells.Select(Markup.Escape)]);
}

AnsiConsole.Write(table);
Console.WriteLine($"by sound and text: accuracy {accuracy:F3}; by one alone, half at most");

internal sealed class Message
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public string Note { get; set; } = "";

    public string Action { get; set; } = "";

    public string Decided { get; set; } = "";
}
