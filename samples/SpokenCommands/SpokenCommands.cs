#:project ../../src/Microsoft.ML.AudioTransformers
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// Learns ten spoken words from eighteen voices and is tested on six that it has never heard.
//   dotnet run SpokenCommands.cs                                  trains, tests, saves, and asks a new process
//   dotnet run SpokenCommands.cs -- predict model.zip clip.wav    says what a recording is
//   dotnet run SpokenCommands.cs -- export words.onnx             trains, and saves the model for ../ServeOnnx

using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using TorchSharp;

return args switch
{
    [] => TrainAndTest(null),
    ["export", string onnx] => TrainAndTest(onnx),
    ["predict", string model, string clip] => Predict(model, clip),
    _ => Usage(),
};

static int TrainAndTest(string? onnx)
{
    // A model this small gains nothing from a second thread, and loses much to it on a busy machine.
    torch.set_num_threads(1);
    string folder = Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "data");
    Clip[] clips = ReadClips(folder);
    var mlContext = new MLContext(seed: 1);
    IDataView trainingSet = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "train"));
    IDataView testSet = mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.Split == "test"));

    var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
        .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", FrontEnd()))
        .Append(mlContext.MulticlassClassification.Trainers.Passt(new PasstOptions
        {
            Config =
            {
                EmbedDim = 128,
                Depth = 4,
                Heads = 4,
                StrideTime = 5,
                StrideFrequency = 6,
                PatchoutTime = 5,
                PatchoutFrequency = 2,
            },
            Augmentation = { TimeRollFrames = 10 },
            Epochs = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            MetricsCallback = Console.WriteLine,
        }))
        .Append(mlContext.Transforms.Conversion.MapKeyToValue("Word", "PredictedLabel"));

    Console.WriteLine($"training on {clips.Count(clip => clip.Split == "train")} clips");
    ITransformer model = pipeline.Fit(trainingSet);

    var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(testSet));
    Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());

    if (onnx is not null)
    {
        var words = ((IEnumerable<ITransformer>)model).OfType<AudioClassificationTransformer>().Single();
        words.SaveOnnx(onnx);
        Console.WriteLine(FormattableString.Invariant($"accuracy: {metrics.MicroAccuracy:F3}; saved {onnx}"));
        return 0;
    }

    string path = Path.Combine(Path.GetTempPath(), $"spoken-commands-{Environment.ProcessId}.zip");
    mlContext.Model.SaveAudioModel(model, trainingSet.Schema, path);
    Clip unheard = clips.First(clip => clip.Split == "test");
    Console.WriteLine($"a new process hears {Path.GetFileName(Path.GetDirectoryName(unheard.Path))}/{Path.GetFileName(unheard.Path)}:");
    using (Process process = Process.Start(Environment.ProcessPath!, ["predict", path, unheard.Path]))
    {
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            return process.ExitCode;
        }
    }

    File.Delete(path);
    Console.WriteLine(FormattableString.Invariant($"accuracy: {metrics.MicroAccuracy:F3}"));
    return 0;
}

static int Predict(string path, string clip)
{
    var mlContext = new MLContext().RegisterAudioTransformers();
    ITransformer model = mlContext.Model.Load(path, out _);
    using var engine = mlContext.Model.CreatePredictionEngine<Clip, Prediction>(model);
    Prediction prediction = engine.Predict(new Clip { Path = clip });
    Console.WriteLine(FormattableString.Invariant($"{prediction.Word} ({prediction.Score.Max():P0})"));
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: SpokenCommands [predict <model.zip> <clip.wav> | export <words.onnx>]");
    return 2;
}

// PaSST's front end at the recordings' 16 kHz: 0.8 seconds of each, half the paper's mel bins.
static LogMelOptions FrontEnd()
{
    LogMelOptions options = LogMelOptions.CreatePasst(16_000);
    options.TargetSamples = 12_800;
    options.MelBins = 64;
    return options;
}

static Clip[] ReadClips(string folder) => File.ReadLines(Path.Combine(folder, "clips.csv"))
    .Skip(1)
    .Select(line => line.Split(','))
    .Select(fields => new Clip
    {
        Path = Path.Combine(folder, fields[0]),
        Label = fields[1],
        Split = fields[3],
    })
    .ToArray();

internal sealed class Clip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";

    public string Split { get; set; } = "";
}

internal sealed class Prediction
{
    public string Word { get; set; } = "";

    public float[] Score { get; set; } = [];
}
