using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>
/// A recording of an hour, read by HTS-AT of the paper's size in pieces of 30 seconds and of 5 minutes: whether the events
/// are the same, how long it takes on one thread, and the most memory that the process has resident. The weights are
/// random; with each threshold at the class's mean presence, the model still finds events everywhere, and any difference
/// between the maps would move some.
/// </summary>
internal static class OneHourBenchmark
{
    private const int SampleRate = 32_000;
    private const int Classes = 10;
    private const int Seconds = 3600;
    private static readonly int[] s_pieces = [30, 300];

    /// <param name="report">Takes what is measured.</param>
    /// <returns>The exit code: 0 if the events were the same.</returns>
    public static int Run(Report report)
    {
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        torch.set_num_threads(1);
        string folder = Directory.CreateTempSubdirectory("onehour").FullName;
        try
        {
            string recording = Path.Combine(folder, "recording.wav");
            WriteRecording(recording);

            // The hour of samples that was written must not count as resident in what is measured.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            using SoundEventDetectionTransformer detector = CreateDetector(Path.Combine(folder, "weights.safetensors"));
            CenterThresholds(detector, recording);
            SoundEvent[][] found = [.. s_pieces.Select(piece => Detect(report, detector, recording, piece))];
            bool isSame = found[0].SequenceEqual(found[1]);
            report.Say(isSame ? "the events are the same" : "the events DIFFER");
            report.Write();
            return isSame && found[0].Length > 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SoundEvent[] Detect(Report report, SoundEventDetectionTransformer detector, string recording, int piece)
    {
        PeakMemory.Reset();
        long start = Stopwatch.GetTimestamp();
        StreamingSoundEventDetector stream = detector.CreateStreamingDetector("recording");
        List<SoundEvent> events = [];
        using (AudioReader reader = AudioReader.Open(recording, SampleRate))
        {
            var samples = new float[piece * SampleRate];
            for (int read; (read = ReadPiece(reader, samples)) > 0;)
            {
                events.AddRange(stream.Write(samples.AsSpan(0, read)));
            }
        }

        events.AddRange(stream.Finish());
        report.Add($"an hour in pieces of {piece} s, time", "s", Stopwatch.GetElapsedTime(start).TotalSeconds);
        report.Add($"an hour in pieces of {piece} s, peak memory", "MB", PeakMemory.Bytes() / 1e6);
        report.Add($"an hour in pieces of {piece} s, found", "events", events.Count);
        return [.. events];
    }

    private static int ReadPiece(AudioReader reader, Span<float> samples)
    {
        int total = 0;
        for (int read; total < samples.Length && (read = reader.Read(samples[total..])) > 0;)
        {
            total += read;
        }

        return total;
    }

    private static SoundEventDetectionTransformer CreateDetector(string weights)
    {
        var mlContext = new MLContext(seed: 1);
        using (var network = new HtsAt(new HtsAtConfig { Classes = Classes }, new torch.Generator(1)))
        {
            ModuleWeights.Save(network, weights);
        }

        var options = new SoundEventDetectionEstimator.Options
        {
            ClassNames = [.. Enumerable.Range(1, Classes).Select(label => $"class {label}")],
        };
        options.Model.PretrainedWeights = weights;
        options.Model.FeatureColumnName = "Waveform";
        return mlContext.SoundEventDetection().Pretrained(options)
            .Fit(mlContext.Data.LoadFromEnumerable(new[] { new Clip() }));
    }

    private static void CenterThresholds(SoundEventDetectionTransformer detector, string recording)
    {
        using AudioReader reader = AudioReader.Open(recording, SampleRate, duration: 60);
        float[] scores = detector.Detect("", reader.ReadToEnd(), detector.Description).Scores;
        detector.Decoding = new EventDecodingOptions { Thresholds = [.. scores.Select(score => (double)score)] };
    }

    /// <summary>Noise whose loudness comes and goes, with a tone that wanders: 16 bits, one channel.</summary>
    private static void WriteRecording(string path)
    {
        var random = new Random(1);
        var second = new float[SampleRate];
        double phase = 0;
        using var writer = new AudioFileWriter(path, SampleRate, format: AudioFileFormat.WavPcm16);
        for (int i = 0; i < Seconds * SampleRate; i++)
        {
            double time = (double)i / SampleRate;
            phase += 2 * Math.PI * (900 + (700 * Math.Sin(time / 7))) / SampleRate;
            double tone = 0.3 * Math.Max(0, Math.Sin(time * 1.3)) * Math.Sin(phase);
            double noise = 0.2 * Math.Pow(Math.Sin(time / 3.7), 2) * (random.NextDouble() - 0.5);
            second[i % SampleRate] = (float)(tone + noise);
            if ((i + 1) % SampleRate == 0)
            {
                writer.Write(second);
            }
        }

        writer.Complete();
    }

    private sealed class Clip
    {
        public float[] Waveform { get; set; } = [];
    }
}
