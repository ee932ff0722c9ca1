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

    // What is read ahead while the pass rests, two batches at most, is small beside what comes between two rests.
    private const int RowsBetweenTurns = 15 * BatchSize;
    private const int OwnBatches = 5;
    private const double LeastHours = 0.2;

    /// <summary>Whether options are those of this benchmark: a number of hours, and "mp3".</summary>
    public static bool Accepts(string[] options) => options.All(option => option == "mp3" || Hours(option) >= LeastHours);

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">
    /// Hours of the recording, 0.2 at least, 8 without; "mp3" for an MP3 file of 128 kbit/s, for which `lame` has to be on the PATH.
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
                recording = AudioTools.EncodeMp3(recording);
                beginning = AudioTools.EncodeMp3(beginning);
            }

            using AudioClassificationTransformer model = Train();
            Score(model, beginning);
            PeakMemory.Reset();
            Score(model, beginning);
            double flat = PeakMemory.Bytes() / 1e6;
            PeakMemory.Reset();
            Pass pass = Score(model, recording);
            double whole = PeakMemory.Bytes() / 1e6;
            double inWindows = seconds / WindowSeconds / pass.Seconds;
            string name = FormattableString.Invariant($"{hours} h of {(isMpeg ? "MP3" : "WAV")}");
            report.Add($"{name} in windows", "windows/s", inWindows);
            report.Add("the model alone, in between", "windows/s", pass.OwnSpeed);
            report.Add("in windows, of the model alone", "%", 100 * inWindows / pass.OwnSpeed);
            report.Add("ten minutes, peak memory", "MB", flat);
            report.Add($"{name}, peak memory", "MB", whole);
            report.Write();
            return inWindows >= 0.98 * pass.OwnSpeed && whole - flat <= 50 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Hours(string option) =>
        double.TryParse(option, CultureInfo.InvariantCulture, out double hours) ? hours : 0;

    // All windows of a recording, a row each. In between, with the pass at rest, the model alone scores batches whose features
    // are in memory: so both meet the machine as it is at the time.
    private static Pass Score(AudioClassificationTransformer model, string path)
    {
        var mlContext = new MLContext();
        IDataView files = mlContext.Data.LoadFromEnumerable([new FileClip { Path = path }]);
        IDataView windows = mlContext.Transforms.LoadAudio("Recording", "Path", SampleRate)
            .Append(mlContext.Transforms.ExpandWindows("Waveform", "Recording", new WindowExpandingEstimator.Options
            {
                LengthSeconds = WindowSeconds,
                Windows = new WindowOptions { HopFraction = 1 },
            }))
            .Fit(files).Transform(files);
        (float[] features, float[] scores) = ReadyBatch(model);
        var own = new Stopwatch();
        var pass = Stopwatch.StartNew();
        long rows = 0;
        foreach (float[] _ in model.Transform(windows).GetColumn<float[]>("Score"))
        {
            if (++rows % RowsBetweenTurns == 0)
            {
                pass.Stop();
                own.Start();
                for (int i = 0; i < OwnBatches; i++)
                {
                    model.Model.Score(features, BatchSize, scores);
                }

                own.Stop();
                pass.Start();
            }
        }

        return new Pass(
            pass.Elapsed.TotalSeconds, rows / RowsBetweenTurns * OwnBatches * BatchSize / own.Elapsed.TotalSeconds);
    }

    private static (float[] Features, float[] Scores) ReadyBatch(AudioClassificationTransformer model)
    {
        var random = new Random(1);
        var features = new float[BatchSize * model.Model.Description.Shape.Length];
        foreach (ref float value in features.AsSpan())
        {
            value = (100 * random.NextSingle()) - 100;
        }

        var scores = new float[BatchSize * model.Model.ClassNames.Count];
        model.Model.Score(features, BatchSize, scores);
        return (features, scores);
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

    /// <param name="Seconds">What the windows of a recording took.</param>
    /// <param name="OwnSpeed">Windows a second of the model alone in the same minutes.</param>
    private readonly record struct Pass(double Seconds, double OwnSpeed);

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
