#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Names the likeliest sounds of recordings by a file of weights, as its authors publish it.
//   dotnet run samples/tag.cs -c Release -- passt-s-kd-ap.486.pt street.wav kitchen.mp3

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

if (args is not [string weights, _, ..])
{
    Console.Error.WriteLine("usage: dotnet run samples/tag.cs -- WEIGHTS FILES...");
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var mlContext = new MLContext(seed: 1);

// The file tells which model it is of; what it does not tell is assumed, and said.
AudioCheckpointInfo info = mlContext.Model.DescribeAudioCheckpoint(weights);
Console.WriteLine($"{info.ArchitectureName}, {info.ClassCount} classes, {info.Published?.File ?? "no published file"}");
foreach (string assumed in info.Assumed)
{
    Console.WriteLine($"assumed: {assumed}");
}

using AudioModelTransformer tagger = mlContext.Model.LoadAudioCheckpoint(weights);
IDataView recordings = mlContext.Data.LoadFromEnumerable(args[1..].Select(path => new Recording { Path = path }));
IDataView tags = tagger.Transform(mlContext.Transforms
    .LoadAudio(tagger.FeatureColumnName, "Path", info.FrontEnd?.SampleRate ?? 32_000)
    .Fit(recordings)
    .Transform(recordings));
foreach (Tags recording in mlContext.Data.CreateEnumerable<Tags>(tags, reuseRowObject: false))
{
    var chart = new BarChart().Label($"[bold]{Markup.Escape(recording.Path)}[/]").LeftAlignLabel().WithMaxValue(1);
    foreach ((string name, float score) in recording.TopLabels.Zip(recording.TopScores))
    {
        chart.AddItem(Markup.Escape(name), Math.Round(score, 3));
    }

    AnsiConsole.Write(chart);
}

return 0;

internal sealed class Recording
{
    public string Path { get; set; } = "";
}

internal sealed class Tags
{
    public string Path { get; set; } = "";

    public string[] TopLabels { get; set; } = [];

    public float[] TopScores { get; set; } = [];
}
