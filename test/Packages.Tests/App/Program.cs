using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using TorchSharp;
#if BESIDE_MICROSOFT_ML_TORCHSHARP
using Microsoft.ML.TorchSharp;
#endif

// Tells two tones apart. `train` learns for two epochs, saves, and writes scores; `predict` loads and writes the same.
string folder = args[1];
torch.set_num_threads(1);
Clip[] clips = Enumerable.Range(0, 8).Select(i => Tone.Write(folder, $"{i}.wav", i % 2 == 0 ? 400 : 1600)).ToArray();
var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
IDataView data = mlContext.Data.LoadFromEnumerable(clips);
string path = Path.Combine(folder, "model.zip");
ITransformer model;
if (args[0] == "train")
{
    LogMelOptions frontEnd = LogMelOptions.CreatePasst(16_000);
    frontEnd.TargetSamples = 8_000;
    frontEnd.MelBins = 32;
    var trainer = mlContext.MulticlassClassification.Trainers.Passt(new PasstOptions
    {
        Config = { EmbedDim = 32, Depth = 2, Heads = 2 },
        Epochs = 2,
        BatchSize = 4,
    });
    var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
        .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16_000))
        .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
        .Append(trainer)
        .Append(mlContext.Transforms.Conversion.MapKeyToValue("Word", "PredictedLabel"));
#if BESIDE_MICROSOFT_ML_TORCHSHARP
    // One chain with both. What follows fits our part alone: the other's fit begins with a download of weights.
    var text = mlContext.MulticlassClassification.Trainers.TextClassification(
        sentence1ColumnName: "Path", outputColumnName: "TextLabel", scoreColumnName: "TextScore");
    var both = pipeline.Append(text);
    string[] assemblies = [both.LastEstimator.GetType().Assembly.FullName!, typeof(torch).Assembly.FullName!];
    Console.WriteLine(string.Join('\n', assemblies));
#endif
    model = pipeline.Fit(data);
    mlContext.Model.Save(model, data.Schema, path);
}
else
{
    model = mlContext.Model.Load(path, out _);
}

using var engine = mlContext.Model.CreatePredictionEngine<Clip, Prediction>(model);
IEnumerable<Prediction> predictions = clips.Select(clip => engine.Predict(clip));
IEnumerable<string> lines = predictions.Select(said => $"{said.Word} {string.Join(' ', said.Score)}");
File.WriteAllLines(Path.Combine(folder, $"{args[0]}.txt"), lines);

internal static class Tone
{
    /// <summary>Half a second of a sine in 16-bit PCM at 16 kHz, as a WAV file.</summary>
    public static Clip Write(string folder, string name, double frequency)
    {
        const int rate = 16_000;
        float[] samples = Enumerable.Range(0, rate / 2)
            .Select(i => (float)(0.25 * Math.Sin(2 * Math.PI * frequency * i / rate))).ToArray();
        string path = Path.Combine(folder, name);
        AudioFile.Write(path, samples, rate, format: AudioFileFormat.WavPcm16);
        return new Clip { Path = path, Label = frequency < 1000 ? "low" : "high" };
    }
}

internal sealed class Clip
{
    public string Path { get; set; } = "";

    public string Label { get; set; } = "";
}

internal sealed class Prediction
{
    public string Word { get; set; } = "";

    public float[] Score { get; set; } = [];
}
