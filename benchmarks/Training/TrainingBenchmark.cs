using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>
/// Training steps at the papers' sizes, two clips a step, on one thread: how fast, how much memory, how long they wait
/// for clips; in turns with a plain PyTorch loop over a ViT of as many tokens and blocks, where the model is such a one.
/// Each side is a process of its own with the same environment, and so the same OpenBLAS settings.
/// </summary>
internal static class TrainingBenchmark
{
    private const int Batch = 2;
    private const int Runs = 3;
    private const int TableRuns = 2;
    private const int WaitingSteps = 4;
    private const string Float32 = "float32";
    private const string BFloat16 = "bfloat16";
    private const string Peer = "PyTorch";

    public static bool Accepts(string[] options) =>
        Array.TrueForAll(options, option => option == BFloat16 || TrainedModel.Names.Contains(option));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">
    /// Names of models, none for all, PaSST alone with all of its paper's Table 1; and <c>bfloat16</c> to measure that
    /// type too.
    /// </param>
    public static void Run(Report report, string[] options)
    {
        foreach (string variable in OneThread.OpenBlasVariables())
        {
            Report.Say($"{variable}={Environment.GetEnvironmentVariable(variable)}");
        }

        bool hasBFloat16 = options.Contains(BFloat16);
        if (hasBFloat16 && !MixedPrecision.IsFastOnCpu)
        {
            Report.Say("this processor is not known to have bfloat16");
        }

        string[] names = [.. options.Where(option => option != BFloat16)];
        bool isTable = names is ["passt"];
        foreach (string name in names.Length > 0 ? names : TrainedModel.Names)
        {
            double? peerInFull = Measure(report, name, Float32, peerInFull: null).PeerSpeed;
            if (hasBFloat16)
            {
                Measure(report, name, BFloat16, peerInFull);
            }
        }

        if (isTable)
        {
            Table1(report);
        }
    }

    private static Measured Measure(Report report, string name, string type, double? peerInFull)
    {
        TrainedModel model = TrainedModel.Of(name);
        using PeerProcess own = StartOwn(name, type, Batch);
        using PeerProcess? peer = StartPeer(model, type, Batch);
        Measured measured = InTurns(own, peer, Batch);
        string title = $"{name} {type}, batch {Batch}";
        string? peerName = peer is null ? null : Peer;
        report.Add(
            $"{title}, median of {Runs}", "spectrograms a second", measured.Speed, peerName, measured.PeerSpeed);
        if (peerInFull is not null)
        {
            report.Add(
                $"{title}, beside {Float32}", "spectrograms a second", measured.Speed, $"{Peer} {Float32}", peerInFull);
        }

        report.Add($"{title}, peak memory", "MB", measured.Peak / 1e6, peerName, measured.PeerPeak / 1e6);
        double[] waiting = own.Ask($"steps {WaitingSteps}");
        report.Add(
            $"{title}, waiting for clips in {WaitingSteps} steps", "% of the time", 100 * waiting[1] / waiting[0]);
        return measured;
    }

    /// <summary>
    /// PaSST's Table 1: speed, and memory as the paper counts it, what one more spectrogram of a batch adds. Each model
    /// takes turns with PaSST-B.
    /// </summary>
    private static void Table1(Report report)
    {
        using PeerProcess big = StartOwn(TrainedModel.Table1[0].Name, Float32, Batch);
        big.Time("step");
        double memoryOfB = 0;
        foreach ((string name, double? paper) in TrainedModel.Table1)
        {
            TrainedModel model = TrainedModel.Of(name);
            Measured two = MeasureBatch(name, model, Batch, TableRuns, big);
            Measured one = MeasureBatch(name, model, batch: 1, runs: 1, big: null);
            double slope = (two.Peak - one.Peak) / 1e6;
            double? peerSlope = (two.PeerPeak - one.PeerPeak) / 1e6;
            string? peer = two.PeerSpeed is null ? null : Peer;
            memoryOfB = memoryOfB == 0 ? slope : memoryOfB;
            report.Add($"{name}, sequence length", "tokens", model.Tokens);
            report.Add($"{name}, speed", "spectrograms a second", two.Speed, peer, two.PeerSpeed);
            report.Add($"{name}, peak memory at batch {Batch}", "MB", two.Peak / 1e6, peer, two.PeerPeak / 1e6);
            report.Add($"{name}, memory a spectrogram", "MB", slope, peer, peerSlope);
            report.Add($"{name}, speed beside PaSST-B", "times", two.TimesB);
            report.Add(
                $"{name}, memory beside PaSST-B", "times", slope / memoryOfB, paper is null ? null : "paper", paper);
        }
    }

    private static Measured MeasureBatch(string name, TrainedModel model, int batch, int runs, PeerProcess? big)
    {
        using PeerProcess own = StartOwn(name, Float32, batch);
        using PeerProcess? peer = StartPeer(model, Float32, batch);
        return InTurns(own, peer, batch, runs, big);
    }

    private static PeerProcess StartOwn(string name, string type, int batch) =>
        PeerProcess.Own(TrainingWorker.Command, name, type, $"{batch}");

    private static PeerProcess? StartPeer(TrainedModel model, string type, int batch)
    {
        if (model.Plain is not { } plain)
        {
            return null;
        }

        int[] numbers =
        [
            batch, model.Tokens, plain.Frequency, plain.Time, plain.Patch, plain.Stride, plain.Dim, plain.Depth,
            plain.Heads, plain.Classes,
        ];
        return PythonPeer.Start(
            "training_peers.py", "torch", [type, .. numbers.Select(number => $"{number}")]);
    }

    private static Measured InTurns(
        PeerProcess own, PeerProcess? peer, int batch, int runs = Runs, PeerProcess? big = null)
    {
        var seconds = new double[runs];
        var peerSeconds = new double[runs];
        var bigSeconds = new double[runs];

        // The first step makes the optimizer's states.
        own.Time("step");
        peer?.Time("step");
        for (int run = 0; run < runs; run++)
        {
            bigSeconds[run] = big?.Time("step") ?? double.NaN;
            seconds[run] = own.Time("step");
            peerSeconds[run] = peer?.Time("step") ?? double.NaN;
        }

        double median = Median(seconds);
        return new Measured(
            batch / median, own.Time("peak"), peer is null ? null : batch / Median(peerSeconds), peer?.Time("peak"),
            Median(bigSeconds) / median);
    }

    private static double Median(double[] values)
    {
        double[] ordered = [.. values.Order()];
        return (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
    }

    /// <summary>
    /// Spectrograms a second and peak memory in bytes, of both sides; and how many times as fast as PaSST-B in the same
    /// turns.
    /// </summary>
    private sealed record Measured(double Speed, double Peak, double? PeerSpeed, double? PeerPeak, double TimesB);
}
