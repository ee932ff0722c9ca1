using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using TorchSharp;

namespace AudioMLNet.Benchmarks.LongClips;

/// <summary>
/// A recording of hours, scored in windows by HTS-AT of the paper's size from a WAV or MP3 file: windows a second beside those
/// that the model alone scores, whose features are ready, and how much more memory hours take than ten minutes. Windows stand
/// side by side; the weights are those of one step of training.
/// </summary>
internal static class LongClipsBenchmark
{
    private const int SampleRate = 32_000;
    private const int BatchSize = 4;
    private const int WindowSeconds = 10;

    /// <summary>Whether options are those of this benchmark: a number of hours, and "mp3".</summary>
    public static bool Accepts(string[] options) => options.All(option => option == "mp3" || Hours(option) > 0);

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">
    /// Hours of the recording, 8 without; "mp3" for an MP3 file of 128 kbit/s, for which `lame` has to be on the PATH.
    /// </param>
    /// <returns>The exit code: 0 if the floors are met.</returns>
    public static int Run(Report report, string[] options)
    {
        bool isMpeg = options.Contains("mp3");
        double hours = options.Select(Hours).FirstOrDefault(number => number > 0, 8);
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        torch.set_num_threads(1);
        string folder = Directory.CreateTempSubdirectory("longclips").FullName;
        try
        {
            int seconds = (int)(hours * 3600);
            string recording = Path.Combine(folder, "long.wav");
            string beginning = Path.Combine(folder, "beginning.wav");
            WriteRecording(recording, seconds);
            WriteRecording(beginning, Math.Min(seconds, 600));
            if (isMpeg)
            {
                recording = Lame.Encode(recording);
                beginning = Lame.Encode(beginning);
            }

            using AudioClassificationTransformer model = Train();
            model.LongClips = Microsoft.ML.AudioFeaturization.LongClips.Windows;
            model.Windows = new WindowOptions { HopFraction = 1 };

            // Turns: the model alone before and after, so that a machine that slows down is seen.
            Score(model, beginning);
            double own = OwnSpeed(model);
            PeakMemory.Reset();
            Score(model, beginning);
            double flat = PeakMemory.Bytes() / 1e6;
            PeakMemory.Reset();
            double inWindows = seconds / WindowSeconds / Score(model, recording);
            double whole = PeakMemory.Bytes() / 1e6;
            own = (own + OwnSpeed(model)) / 2;
            string name = FormattableString.Invariant($"{hours} h of {(isMpeg ? "MP3" : "WAV")}");
            report.Add($"{name} in windows", "windows/s", inWindows);
            report.Add("the model alone", "windows/s", own);
            report.Add("in windows, of the model alone", "%", 100 * inWindows / own);
            report.Add("ten minutes, peak memory", "MB", flat);
            report.Add($"{name}, peak memory", "MB", whole);
            report.Write();
            return inWindows >= 0.98 * own && whole - flat <= 50 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Hours(string option) =>
        double.TryParse(option, CultureInfo.InvariantCulture, out double hours) ? hours : 0;

    private static double Score(AudioClassificationTransformer model, string path)
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new FileClip { Path = path }]);
        IDataView scored = model.Transform(
            mlContext.Transforms.LoadAudio("Waveform", "Path", SampleRate).Fit(data).Transform(data));
        long start = Stopwatch.GetTimestamp();
        int clips = scored.GetColumn<float[]>("Score").Count();
        return clips == 1
            ? Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException($"{clips} clips were scored; expected one.");
    }

    // Windows a second of batches whose features are in memory.
    private static double OwnSpeed(AudioClassificationTransformer model)
    {
        const int batches = 12;
        var random = new Random(1);
        var features = new float[BatchSize * model.Model.Description.Shape.Length];
        foreach (ref float value in features.AsSpan())
        {
            value = (100 * random.NextSingle()) - 100;
        }

        var scores = new float[BatchSize * model.Model.ClassNames.Count];
        model.Model.Score(features, BatchSize, scores);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < batches; i++)
        {
            model.Model.Score(features, BatchSize, scores);
        }

        return batches * BatchSize / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static AudioClassificationTransformer Train()
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        IDataView clips = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 2).Select(label => new WaveformClip
        {
            Label = $"class {label}",
            Waveform = [.. Enumerable.Range(0, SampleRate).Select(_ => random.NextSingle() - 0.5f)],
        }).ToArray());
        IDataView keys = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(clips).Transform(clips);
        return mlContext.MulticlassClassification.Trainers.HtsAt(new HtsAtOptions
        {
            FrontEnd = LogMelOptions.HtsAt,
            FeatureColumnName = "Waveform",
            Epochs = 1,
            BatchSize = 2,
            ScoringBatchSize = BatchSize,
        }).Fit(keys);
    }

    /// <summary>Noise whose loudness comes and goes: 16 bits, one channel, written second by second.</summary>
    private static void WriteRecording(string path, int seconds)
    {
        using var file = new AudioFileWriter(path, SampleRate, format: AudioFileFormat.WavPcm16);
        var random = new Random(1);
        var second = new float[SampleRate];
        for (int i = 0; i < seconds; i++)
        {
            double loudness = 0.25 * Math.Pow(Math.Sin(i / 3.7), 2);
            foreach (ref float sample in second.AsSpan())
            {
                sample = (float)(loudness * (random.NextDouble() - 0.5));
            }

            file.Write(second);
        }

        file.Complete();
    }

    private sealed class FileClip
    {
        public string Path { get; set; } = "";
    }

    private sealed class WaveformClip
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
