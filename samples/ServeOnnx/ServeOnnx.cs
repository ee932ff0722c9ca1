#:project ../../src/Microsoft.ML.AudioFeaturization
#:package Microsoft.ML
#:package Microsoft.ML.OnnxRuntime
#:package Microsoft.ML.OnnxTransformer
#:property UsesTorchBackend=false
#:property UseCurrentRuntimeIdentifier=true
#:property PublishAot=false

// Says which of ten words recordings are, by a model that ../SpokenCommands has exported, without LibTorch.
//   dotnet run ServeOnnx.cs words.onnx clip.wav...

using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: ServeOnnx <words.onnx> <clip.wav>...");
    return 2;
}

string[] labels;
using (var session = new InferenceSession(args[0]))
{
    labels = JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["audio.labels"])!;
}

var mlContext = new MLContext();
IDataView clips = mlContext.Data.LoadFromEnumerable(args[1..].Select(path => new Clip { Path = path }));
var pipeline = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000)
    .Append(mlContext.Transforms.ExtractLogMel("features", "Waveform", FrontEnd()))
    .Append(mlContext.Transforms.ApplyOnnxModel("scores", "features", args[0]));
foreach (Scored clip in mlContext.Data.CreateEnumerable<Scored>(pipeline.Fit(clips).Transform(clips), reuseRowObject: false))
{
    int best = Array.IndexOf(clip.Scores, clip.Scores.Max());
    Console.WriteLine(FormattableString.Invariant($"{clip.Path}: {labels[best]} ({clip.Scores[best]:P0})"));
}

FileInfo[] files = new DirectoryInfo(AppContext.BaseDirectory).GetFiles("*", SearchOption.AllDirectories);
bool hasTorch = files.Any(file => file.Name.Contains("torch", StringComparison.OrdinalIgnoreCase));
Console.WriteLine(FormattableString.Invariant(
    $"this app has {files.Sum(file => file.Length) / 1e6:F0} MB, {(hasTorch ? "with" : "without")} LibTorch"));
return hasTorch ? 1 : 0;

// The front end that the model was trained with.
static LogMelOptions FrontEnd()
{
    LogMelOptions options = LogMelOptions.CreatePasst(16_000);
    options.TargetSamples = 12_800;
    options.MelBins = 64;
    return options;
}

internal sealed class Clip
{
    public string Path { get; set; } = "";
}

internal sealed class Scored
{
    public string Path { get; set; } = "";

    [ColumnName("scores")]
    public float[] Scores { get; set; } = [];
}
