#:project ../../src/Microsoft.ML.AudioTransformers.Onnx
#:package Microsoft.ML
#:property UsesTorchBackend=false
#:property UseCurrentRuntimeIdentifier=true
#:property PublishAot=false

// Says which of ten words recordings are, by a model that ../SpokenCommands has exported, without LibTorch.
//   dotnet run ServeOnnx.cs words.onnx clip.wav...

using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: ServeOnnx <words.onnx> <clip.wav>...");
    return 2;
}

var mlContext = new MLContext();
IDataView clips = mlContext.Data.LoadFromEnumerable(args[1..].Select(path => new Clip { Path = path }));
var pipeline = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000)
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", FrontEnd()))
    .Append(mlContext.Transforms.ScoreAudioOnnx(args[0]))
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("Word", "PredictedLabel"));
using (var model = pipeline.Fit(clips))
{
    foreach (Scored clip in mlContext.Data.CreateEnumerable<Scored>(model.Transform(clips), reuseRowObject: false))
    {
        Console.WriteLine(FormattableString.Invariant($"{clip.Path}: {clip.Word} ({clip.Score.Max():P0})"));
    }
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

    public string Word { get; set; } = "";

    public float[] Score { get; set; } = [];
}
