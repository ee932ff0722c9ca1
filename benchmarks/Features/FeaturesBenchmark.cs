using System.Diagnostics;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Features;

/// <summary>
/// Ten-second clips a second of one thread's processor time, in turns with what data scientists use in Python, medians
/// of all rounds, each the best of three. The clip is noise; no step's time depends on the samples.
/// </summary>
internal static class FeaturesBenchmark
{
    private const int Rounds = 41;
    private const double MinimumRun = 0.01;
    private const string Unit = "clips/s";

    public static void Run(Report report)
    {
        using PythonPeer? peer = PythonPeer.Start("Features/feature_peers.py");
        report.Say(PythonPeer.Describe());
        if (peer is not null)
        {
            report.Say($"{string.Join(", ", peer.Cases)}: processor time, {Rounds} rounds in turns, each the best of three");
        }

        foreach ((string name, Action work, string[] peers) in Cases())
        {
            Measure(report, peer, name, work, peers);
        }

        MeasureCores(report);
    }

    private static IEnumerable<(string Name, Action Work, string[] Peers)> Cases()
    {
        yield return ("AST front end, 16 kHz", Extraction(LogMelOptions.Ast, 160_000), ["torchaudio kaldi.fbank"]);
        yield return (
            "HTS-AT front end, 32 kHz",
            Extraction(LogMelOptions.HtsAt, 320_000),
            ["torch.stft + 64 mel", "librosa melspectrogram"]);
        LogMelOptions single = LogMelOptions.HtsAt;
        single.DoublePrecision = false;
        yield return ("HTS-AT front end, single precision", Extraction(single, 320_000), ["torch.stft + 64 mel"]);
        yield return ("PaSST front end, 32 kHz", Extraction(LogMelOptions.Passt, 320_000), ["torch.stft + 128 mel"]);

        float[] input = Noise(441_000);
        var output = new float[160_000];
        var resampler = new Resampler(44_100, 16_000);
        yield return (
            "resampling, 44.1 to 16 kHz",
            () =>
            {
                resampler.Reset();
                int written = resampler.Process(input, output);
                resampler.Finish(output.AsSpan(written));
            },
            ["torchaudio Resample"]);
    }

    private static void Measure(
        Report report, PythonPeer? peer, string name, Action work, string[] peers)
    {
        // Until the compiler has made its last version of the code.
        double fastest = double.PositiveInfinity;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 1;)
        {
            long call = Stopwatch.GetTimestamp();
            work();
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(call).TotalSeconds);
        }

        // About as long as a peer's run.
        int calls = (int)Math.Ceiling(MinimumRun / fastest);

        string[] cases = peer is null ? [] : [.. peers.Where(peer.Cases.Contains)];
        var seconds = new double[Rounds];
        var others = cases.ToDictionary(other => other, _ => new double[Rounds]);
        for (int round = 0; round < Rounds; round++)
        {
            seconds[round] = Enumerable.Range(0, 3).Min(_ => Time(work, calls)) / calls;
            foreach (string other in cases)
            {
                others[other][round] = peer!.Time(other);
            }
        }

        Spread value = Spread.Of(seconds).RateOf(1);
        if (cases.Length == 0)
        {
            report.Add(name, Unit, value);
        }

        foreach (string other in cases)
        {
            report.Add(name, Unit, value, other, Spread.Of(others[other]).RateOf(1));
        }
    }

    private static double Time(Action work, int calls)
    {
        double start = ThreadClock.Seconds;
        for (int call = 0; call < calls; call++)
        {
            work();
        }

        return ThreadClock.Seconds - start;
    }

    // The same clips on one core and on two.
    private static void MeasureCores(Report report)
    {
        if (Environment.ProcessorCount < 2)
        {
            report.Say("one core: no measurement of two");
            return;
        }

        var extractor = new LogMelExtractor(LogMelOptions.Passt);
        float[] clip = Noise(320_000);
        float[][] features = [new float[1000 * 128], new float[1000 * 128]];
        const int Clips = 400;
        void Work(int worker, int count)
        {
            for (int i = 0; i < count; i++)
            {
                extractor.Extract(clip, features[worker]);
            }
        }

        Work(0, Clips);
        var one = new double[11];
        var two = new double[one.Length];
        for (int round = 0; round < one.Length; round++)
        {
            long start = Stopwatch.GetTimestamp();
            Work(0, Clips);
            one[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            var second = Task.Factory.StartNew(() => Work(1, Clips / 2), TaskCreationOptions.LongRunning);
            Work(0, Clips / 2);
            second.Wait();
            two[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        report.Add(
            "PaSST front end on two cores", Unit, Spread.Of(two).RateOf(Clips), "on one", Spread.Of(one).RateOf(Clips));
    }

    private static Action Extraction(LogMelOptions options, int samples)
    {
        var extractor = new LogMelExtractor(options);
        float[] clip = Noise(samples);
        var features = new float[extractor.FrameCount(samples) * extractor.Bands];
        return () => extractor.Extract(clip, features);
    }

    private static float[] Noise(int length)
    {
        var random = new Random(1);
        var noise = new float[length];
        foreach (ref float sample in noise.AsSpan())
        {
            sample = (random.NextSingle() - 0.5f) / 5;
        }

        return noise;
    }
}
