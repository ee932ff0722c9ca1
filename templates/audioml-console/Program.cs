// Learns a folder with a folder for each class, and says what other recordings are:
//   dotnet run -c Release -- train my-sounds
//   dotnet run -c Release -- unknown.wav another.mp3

using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;

const string file = "model.zip";
var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
if (args is ["train", string folder])
{
    AudioDataset data = mlContext.Data.LoadAudioFolders(folder);
    var split = mlContext.Data.TrainTestSplit(data.All, testFraction: 0.2, seed: 1);
    var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
        .Append(mlContext.AudioClassification().Trainer<PasstOptions>(
            options => options.MetricsCallback = Console.WriteLine));
    ITransformer trained = pipeline.Fit(split.TrainSet);
    AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(trained.Transform(split.TestSet));
    mlContext.Model.SaveAudioModel(trained, split.TrainSet.Schema, file);
    Console.WriteLine($"accuracy {metrics.Accuracy:F3} on {metrics.ClipCount} clips that it was not trained on; saved {file}");
    return 0;
}

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: AudioConsole train FOLDER | FILES...");
    return 2;
}

ITransformer model = mlContext.Model.Load(file, out _);
using var engine = mlContext.Model.CreatePredictionEngine<Clip, Prediction>(model);
foreach (string path in args)
{
    Prediction heard = engine.Predict(new Clip { Path = path });
    Console.WriteLine($"{path}: {heard.TopLabels[0]} ({heard.TopScores[0]:P0})");
}

return 0;

/// <summary>A recording. Its label is asked for in training only.</summary>
internal sealed class Clip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";
}

/// <summary>The likeliest classes of a recording, best first.</summary>
internal sealed class Prediction
{
    public string[] TopLabels { get; set; } = [];

    public float[] TopScores { get; set; } = [];
}
