#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Fine-tunes published weights on a folder with a folder for each class: model and front end are those of the file. A large
// model wants a GPU (samples/gpu.cs). Where files are the authors', Trainer<PasstOptions> also takes their recipe whole.
//   dotnet run samples/fine-tune.cs -c Release -- passt-s-f128-p16-s10-ap.476-swa.pt my-sounds
//   dotnet run samples/fine-tune.cs -c Release -- passt-s-f128-p16-s10-ap.476-swa.pt my-sounds 3     in three epochs

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

if (args is not [string weights, string folder, ..])
{
    Console.Error.WriteLine("usage: dotnet run samples/fine-tune.cs -- WEIGHTS FOLDER [EPOCHS]");
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, log) =>
{
    // Which of the file's tensors were loaded, adapted and left out.
    if (log.RawMessage.Contains("Pretrained weights of", StringComparison.Ordinal))
    {
        AnsiConsole.WriteLine(log.RawMessage);
    }
};
AudioCheckpointInfo info = mlContext.Model.DescribeAudioCheckpoint(weights);
int rate = info.FrontEnd?.SampleRate ?? 32_000;
Console.WriteLine($"{info.ArchitectureName} of {info.ClassCount} classes, at {rate} Hz");

AudioDataset recordings = mlContext.Data.LoadAudioFolders(folder);
DataOperationsCatalog.TrainTestData split = mlContext.Data.TrainTestSplit(recordings.All, testFraction: 0.2, seed: 1);
ITransformer model = AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("reading clips");
    AudioTrainerOptions options = info.CreateTrainerOptions();
    options.FeatureColumnName = "Waveform";
    options.Epochs = args.Length > 2 ? int.Parse(args[2]) : 10;
    options.MetricsEverySteps = 1;
    options.MetricsCallback = metrics =>
    {
        (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
        bar.Description = $"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}";
    };
    return mlContext.Transforms.Conversion.MapValueToKey("Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", rate))
        .Append(mlContext.AudioClassification().Trainer(options))
        .Fit(split.TrainSet);
});

AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(model.Transform(split.TestSet));
mlContext.Model.SaveAudioModel(model, split.TrainSet.Schema, "fine-tuned.zip");
Console.WriteLine($"accuracy {metrics.Accuracy:F3} on {metrics.ClipCount} recordings that it was not trained on");
Console.WriteLine("saved fine-tuned.zip");
return 0;
