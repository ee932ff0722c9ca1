using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// Rows of what stands around a small model, one thread: a clip by a PredictionEngine from its WAV file to its label, and the lazy
/// cursor of a data view beside front end and model alone.
/// </summary>
internal static class PipelineRows
{
    private const int SampleRate = 16_000;
    private const int Clips = 64;
    private const int Predictions = 200;
    private const double WarmSeconds = 4;
    private const double PredictionFloor = 3;
    private const double OverheadFloor = 3;
    private const string Name = "small PaSST";

    /// <summary>Adds the rows.</summary>
    public static void Add(Report report, Effort effort)
    {
        set_num_threads(1);
        string folder = Directory.CreateTempSubdirectory("pipeline").FullName;
        try
        {
            string wav = Path.Combine(folder, "clip.wav");
            AudioFile.Write(wav, Tone(amplitude: 0.25f), SampleRate, format: AudioFileFormat.WavPcm16);
            AddRows(report, effort, wav);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AddRows(Report report, Effort effort, string wav)
    {
        var mlContext = new MLContext(seed: 1);
        AudioTrainerOptions options = ModelFamilies.All.First(one => one.Name == "PaSST").CreateSmall(SampleRate);
        options.Epochs = 1;
        var clip = new WavClip { Path = wav, Label = "yes" };
        IDataView files = mlContext.Data.LoadFromEnumerable([clip, new WavClip { Path = wav, Label = "no" }]);
        using TransformerChain<AudioClassificationTransformer> chain = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio(options.FeatureColumnName, "Path", SampleRate))
            .Append(mlContext.AudioClassification().Trainer(options))
            .Fit(files);
        using PredictionEngine<WavClip, Scored> engine = mlContext.Model.CreatePredictionEngine<WavClip, Scored>(
            chain, new PredictionEngineOptions { OwnsTransformer = false });
        int runs = effort.IsQuick ? 10 : Predictions;
        double first = 1000 * Seconds(() => engine.Predict(clip));
        Spread predictions = Milliseconds(effort, runs, () => engine.Predict(clip));
        report.Add(
            $"{Name}, a WAV of a second to its label by a PredictionEngine", "ms", predictions,
            floor: Floor.AtMost(PredictionFloor));
        report.Add($"{Name}, the first prediction of the engine", "ms", first);
        AddOverhead(report, effort, mlContext, chain.LastTransformer);
    }

    /// <summary>Waveforms that are ready, through the data view and without it, in turns.</summary>
    private static void AddOverhead(
        Report report, Effort effort, MLContext mlContext, AudioClassificationTransformer transformer)
    {
        AudioModelParameters model = transformer.Model;
        float[] values = Tone(amplitude: 1);
        IDataView rows = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, Clips).Select(_ => new Waveform { Values = values }));
        IDataView scored = transformer.Transform(mlContext.Transforms
            .CopyColumns(model.Description.FeatureColumnName, nameof(Waveform.Values)).Fit(rows).Transform(rows));
        int batch = model.Description.ScoringBatchSize;
        int length = model.Description.Shape.Length;
        FeatureReader reader = model.Description.CreateReader();
        float[] features = new float[batch * length];
        float[] scores = new float[batch * model.ClassNames.Count];
        double Through() => Seconds(() => _ = scored.GetColumn<float[]>("Score").Count());
        double Bare() => Seconds(() =>
        {
            for (int done = 0; done < Clips; done += batch)
            {
                int count = Math.Min(batch, Clips - done);
                for (int i = 0; i < count; i++)
                {
                    reader.ToFeatures(values, features.AsSpan(i * length, length));
                }

                model.Score(features.AsSpan(0, count * length), count, scores.AsSpan(0, count * model.ClassNames.Count));
            }
        });

        Through();
        Bare();
        int turns = effort.IsQuick ? 3 : 41;
        (double Through, double Bare)[] pairs = [.. Enumerable.Range(0, turns).Select(_ => (Through(), Bare()))];
        Spread through = Spread.Of(pairs.Select(pair => 1000 * pair.Through / Clips));
        Spread bare = Spread.Of(pairs.Select(pair => 1000 * pair.Bare / Clips));
        report.Add($"{Name}, {Clips} clips through the data view", "ms a clip", through, "front end and model", bare);
        report.Add(
            $"{Name}, overhead of the data view, by medians", "%", 100 * ((through.Median / bare.Median) - 1),
            floor: Floor.AtMost(OverheadFloor));
    }

    /// <summary>A second of a tone.</summary>
    private static float[] Tone(float amplitude) =>
        [.. Enumerable.Range(0, SampleRate).Select(i => amplitude * MathF.Sin(i * 0.1f))];

    // .NET compiles what runs often a second time, in the background, and takes two seconds until all of it is done.
    private static Spread Milliseconds(Effort effort, int runs, Action action)
    {
        for (double warm = 0; warm < (effort.IsQuick ? 0.1 : WarmSeconds);)
        {
            warm += Seconds(action);
        }

        return Spread.Of(Enumerable.Range(0, runs).Select(_ => 1000 * Seconds(action)));
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed class WavClip
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class Waveform
    {
        [VectorType(SampleRate)]
        public float[] Values { get; set; } = [];
    }
}
