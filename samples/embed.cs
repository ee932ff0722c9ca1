#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Turns recordings into vectors by published weights, trains a stock trainer of ML.NET on them, and finds for each recording
// of the test set the most similar one of the training set. No network is trained.
//   dotnet run samples/embed.cs -c Release -- passt-s-f128-p16-s10-ap.476-swa.pt my-sounds

using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using Spectre.Console;

if (args is not [string weights, string folder])
{
    Console.Error.WriteLine("usage: dotnet run samples/embed.cs -- WEIGHTS FOLDER");
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var mlContext = new MLContext(seed: 1);
AudioTrainerOptions model = mlContext.Model.DescribeAudioCheckpoint(weights).CreateTrainerOptions();
IDataView clips = mlContext.Data.LoadAudioFolders(folder).All;
var embedding = mlContext.Transforms.LoadAudio("Waveform", "Path", model.FrontEnd?.SampleRate ?? 32_000)
    .Append(mlContext.Transforms.ExtractAudioEmbedding(
        "Embedding", "Waveform", new AudioEmbeddingOptions { Model = model }));

// Computed once, and kept: the stock trainer passes over its rows many times.
var vectors = new List<Recording>();
AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("embedding", maxValue: clips.GetColumn<string>("Path").Count());
    foreach (Recording recording in mlContext.Data.CreateEnumerable<Recording>(
        embedding.Fit(clips).Transform(clips), reuseRowObject: false))
    {
        vectors.Add(recording);
        bar.Increment(1);
    }
});

int length = vectors[0].Embedding.Length;
var schema = SchemaDefinition.Create(typeof(Recording));
schema[nameof(Recording.Embedding)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, length);
IDataView embedded = mlContext.Data.LoadFromEnumerable(vectors, schema);
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(embedded, testFraction: 0.2, seed: 1);
ITransformer classifier = mlContext.Transforms.Conversion.MapValueToKey("Key", "Label")
    .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy("Key", "Embedding"))
    .Fit(split.TrainSet);
double accuracy = mlContext.MulticlassClassification.Evaluate(classifier.Transform(split.TestSet), "Key").MicroAccuracy;

Recording[] known = [.. mlContext.Data.CreateEnumerable<Recording>(split.TrainSet, reuseRowObject: false)];
Recording[] asked = [.. mlContext.Data.CreateEnumerable<Recording>(split.TestSet, reuseRowObject: false)];
var table = new Table().AddColumns("recording", "most similar", "cosine");
int right = 0;
foreach (Recording recording in asked)
{
    Recording nearest = known.MaxBy(other => Cosine(recording, other))!;
    right += nearest.Label == recording.Label ? 1 : 0;
    table.AddRow(Markup.Escape(recording.Clip), Markup.Escape(nearest.Clip), $"{Cosine(recording, nearest):F3}");
}

AnsiConsole.Write(table);
Console.WriteLine($"{vectors.Count} vectors of {length} numbers");
Console.WriteLine($"stock trainer: accuracy {accuracy:F3} on {asked.Length} recordings that it was not trained on");
Console.WriteLine($"most similar recording: of the same class for {right} of {asked.Length}");
return 0;

static float Cosine(Recording one, Recording other) =>
    TensorPrimitives.CosineSimilarity<float>(one.Embedding, other.Embedding);

internal sealed class Recording
{
    public string Clip { get; set; } = "";

    public string Label { get; set; } = "";

    public float[] Embedding { get; set; } = [];
}
