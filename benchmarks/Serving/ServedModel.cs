using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;

namespace AudioMLNet.Benchmarks.Serving;

/// <summary>Model that is served, the recordings that clients send, and what its transformer gives for them.</summary>
internal sealed class ServedModel : IDisposable
{
    private const int Recordings = 16;

    private readonly AudioClassificationTransformer _model;
    private readonly float[][] _waveforms;

    private ServedModel(string name, AudioClassificationTransformer model, string path, int rate, double seconds)
    {
        Name = name;
        Path = path;
        Seconds = seconds;
        _model = model;
        var random = new Random(1);
        Bytes = [.. Enumerable.Range(0, Recordings).Select(i => Wav(random, i, rate, seconds))];
        _waveforms = [.. Bytes.Select(bytes =>
        {
            using AudioReader reader = AudioReader.Open(new MemoryStream(bytes));
            return reader.ReadToEnd();
        })];
        Expected = [.. Scores(Recordings)];
    }

    public string Name { get; }

    /// <summary>Path of the saved model.</summary>
    public string Path { get; }

    /// <summary>Seconds of a recording.</summary>
    public double Seconds { get; }

    /// <summary>Recordings as WAV files of 16 bits.</summary>
    public byte[][] Bytes { get; }

    /// <summary>
    /// How far a score may be from the offline one: in float32 1e-5; in bfloat16, which has eight bits, 0.01, since LibTorch
    /// rounds sums of other batches differently.
    /// </summary>
    public double Tolerance => _model.Model.Precision.IsBFloat16 ? 1e-2 : 1e-5;

    /// <summary>Scores of the recordings by the transformer, in a data view.</summary>
    public float[][] Expected { get; }

    /// <summary>PaSST's preset for small data, of clips of a second.</summary>
    public static ServedModel Small(string folder, int batchSize)
    {
        AudioTrainerOptions options = ModelFamilies.All.First(family => family.Name == "PaSST").CreateSmall(16_000);
        options.FrontEnd!.TargetSamples = 16_000;
        options.FrontEnd.TargetFrames = 0;
        return Train("small PaSST, 1 s", options, folder, 16_000, 1, batchSize);
    }

    /// <summary>HTS-AT of the paper's size, of clips of ten seconds.</summary>
    public static ServedModel Paper(string folder, int batchSize) =>
        Train("HTS-AT, 10 s", new HtsAtOptions { FrontEnd = LogMelOptions.HtsAt }, folder, 32_000, 10, batchSize);

    /// <summary>Recordings a second that the transformer scores by itself, in batches, waveforms in memory.</summary>
    public double BareSpeed(int batches, int batchSize)
    {
        long began = Stopwatch.GetTimestamp();
        int count = Scores(batches * batchSize).Count();
        return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public void Dispose() => _model.Dispose();

    private static ServedModel Train(
        string name, AudioTrainerOptions options, string folder, int rate, double seconds, int batchSize)
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        (options.FeatureColumnName, options.Epochs, options.BatchSize) = ("Waveform", 1, 2);
        options.ScoringBatchSize = batchSize;
        IDataView clips = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(label => new Clip
        {
            Label = $"class {label}",
            Waveform = [.. Enumerable.Range(0, rate).Select(_ => random.NextSingle() - 0.5f)],
        }).ToArray());
        IDataView keys = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(clips).Transform(clips);
        AudioClassificationTransformer model = mlContext.AudioClassification().Trainer(options).Fit(keys);
        string path = System.IO.Path.Combine(folder, $"{name.Split(',')[0]}.zip");
        mlContext.Model.SaveAudioModel(model, keys.Schema, path);
        return new ServedModel(name, model, path, rate, seconds);
    }

    private IEnumerable<float[]> Scores(int count)
    {
        IDataView rows = new MLContext().Data.LoadFromEnumerable(
            Enumerable.Range(0, count).Select(i => new Clip { Waveform = _waveforms[i % Recordings] }));
        return _model.Transform(rows).GetColumn<float[]>("Score");
    }

    private static byte[] Wav(Random random, int number, int rate, double seconds)
    {
        float[] samples = [.. Enumerable.Range(0, (int)(rate * seconds)).Select(i =>
            (float)((0.3 * Math.Sin(i * (300 + (200 * number)) * 2 * Math.PI / rate))
                + (0.2 * (random.NextDouble() - 0.5))))];
        using var bytes = new MemoryStream();
        AudioFile.Write(bytes, samples, rate, 1, AudioFileFormat.WavPcm16);
        return bytes.ToArray();
    }

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
