#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Trains on the GPU of an index, and on the processor, with a warning, where there is none.
//   dotnet run samples/gpu.cs -c Release -p:TorchBackend=cuda -- 0                   the first GPU, the repository's words
//   dotnet run samples/gpu.cs -c Release -p:TorchBackend=cuda -- 1 my-sounds 20      the second, your recordings, 20 epochs
// -p:TorchBackend=cuda brings LibTorch for CUDA (some GB), on Linux and Windows. An app of your own references
// TorchSharp-cuda-linux or TorchSharp-cuda-windows instead of libtorch-cpu.

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int index = args.Length > 0 ? int.Parse(args[0]) : 0;
string folder = args.Length > 1 ? args[1]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");

// Trainers and loaded models take the device from the context; with FallbackToCpu off, a missing GPU is an error.
var mlContext = new MLContext(seed: 1) { GpuDeviceId = index, FallbackToCpu = true };
bool isGpu = true;
mlContext.Log += (_, log) =>
{
    if (log.RawMessage.Contains(nameof(mlContext.GpuDeviceId), StringComparison.Ordinal))
    {
        isGpu = false;
        AnsiConsole.MarkupLineInterpolated($"[yellow]{log.RawMessage}[/]");
    }
};

double speed = 0;
IDataView clips = mlContext.Data.LoadAudioFolders(folder).All;
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(clips, testFraction: 0.2, seed: 1);
ITransformer model = AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("reading clips");
    return mlContext.Transforms.Conversion.MapValueToKey("Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
        .Append(mlContext.AudioClassification().Trainer<PasstOptions>(options =>
        {
            options.Epochs = args.Length > 2 ? int.Parse(args[2]) : options.Epochs;
            options.MetricsEverySteps = 1;
            options.MetricsCallback = metrics =>
            {
                speed = metrics.ClipsPerSecond;
                (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
                bar.Description = $"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}";
            };
        }))
        .Fit(split.TrainSet);
});

// The model scores on the same device. Saved, it has none: it is loaded on that of the context which loads it.
double accuracy = mlContext.AudioClassification().Evaluate(model.Transform(split.TestSet)).Accuracy;
Console.WriteLine($"on {(isGpu ? $"GPU {index}" : "the processor")}: {speed:F0} clips a second, accuracy {accuracy:F3}");
