using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>
/// The models over spectrograms of ten seconds on one thread, one clip at a time without gradients, and HTS-AT and DATAR in
/// training: how large they are, how long it takes and how much memory. Measured in turns with a plain PyTorch model of
/// the same size, whose process has the same environment and so the same settings of OpenBLAS; and beside what the
/// models' published code took elsewhere, see <see cref="ReferenceSpeed"/>.
/// </summary>
internal static class ModelsBenchmark
{
    private const int Runs = 5;
    private const int BatchSize = 2;
    private const string BFloat16 = "bfloat16";
    private const string Float32 = "float32";
    private const string PlainPyTorch = "plain PyTorch";
    private const string Product = "product";
    private const double ProductOperations = 2.0 * 1024 * 1024 * 1024;

    public static bool Accepts(string[] options) =>
        Array.TrueForAll(options, option => option == BFloat16 || BenchmarkedModel.Names.Contains(option));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Names of models, none for all; and <c>bfloat16</c> to measure that type too.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Report report, string[] options)
    {
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        set_num_threads(1);
        foreach (string variable in OneThread.OpenBlasVariables())
        {
            Report.Say($"{variable}={Environment.GetEnvironmentVariable(variable)}");
        }

        using PythonPeer? peer = PythonPeer.Start("model_peers.py", "torch");
        if (peer is null)
        {
            Report.Say("no Python with torch: nothing to compare with");
        }

        string[] names = [.. options.Where(option => option != BFloat16)];
        foreach (BenchmarkedModel model in (names.Length > 0 ? names : BenchmarkedModel.Names).SelectMany(BenchmarkedModel.Of))
        {
            string[] types = options.Contains(BFloat16) ? [Float32, BFloat16] : [Float32];

            // Training last: freed memory that the process keeps would count as that of scoring.
            Array.ForEach(types, type => Score(report, model, type, peer));
            if (model.Reference is not null)
            {
                Array.ForEach(types, type => Train(report, model, type, peer));
            }
        }

        report.Write();
        return 0;
    }

    private static void Score(Report report, BenchmarkedModel benchmarked, string type, PythonPeer? peer)
    {
        using AudioModel model = benchmarked.Build();
        if (type == Float32)
        {
            report.Add(
                $"{benchmarked.Name}, parameters", "M", model.parameters().Sum(parameter => parameter.numel()) / 1e6);
            report.Add($"{benchmarked.Name}, multiplications with addition", "G", benchmarked.MultiplyAdds / 1e9);
            if (benchmarked.Tokens is int tokens)
            {
                report.Add($"{benchmarked.Name}, sequence length", "tokens", tokens);
            }
        }

        model.eval();
        PeakMemory.Reset();
        model.to(type == Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        using IDisposable guard = no_grad();
        using Tensor features = randn([1, benchmarked.Shape.Frames, benchmarked.Shape.Mels]);
        using Tensor clip = model.FromFeatures(features.to(model.parameters().First().dtype));
        Measured measured = InTurns(() => model.call(clip).Dispose(), peer, benchmarked.Peer, $"{type} score");
        string name = $"{benchmarked.Name} {type}, scoring";
        report.Add($"{name}, median of {Runs}", "s a clip", measured.Own, PlainPyTorch, measured.Peer);
        if (benchmarked.Reference is { } reference && measured.Gigaflops is { } gigaflops)
        {
            Compare(report, name, "s a clip", measured.Own, reference.SecondsPerClipAt(gigaflops), gigaflops,
                reference.SecondsPerClipAt(gigaflops) / measured.Own, reference.Floor);
        }

        report.Add($"{name}, peak memory", "MB", PeakMemory.Bytes() / 1e6, PlainPyTorch, PeerPeak(peer, benchmarked));
    }

    /// <summary>The trainers' own step: forward, cross-entropy, backward, AdamW.</summary>
    private static void Train(Report report, BenchmarkedModel benchmarked, string type, PythonPeer? peer)
    {
        using AudioModel model = benchmarked.Build();
        if (type == BFloat16 && !model.HasMixedPrecision)
        {
            return;
        }

        // Weights that hardly move: a loss near zero would make gradients so small that processors slow down.
        var settings = new TrainingSettings
        {
            Epochs = 1,
            BatchSize = BatchSize,
            LearningRate = 1e-7,
            WeightDecay = 0.05,
            Seed = 1,
            ClassCount = 527,
            Precision = type == Float32 ? AudioTrainingPrecision.Full : AudioTrainingPrecision.MixedBFloat16,
        };
        var batch = new ClipBatch
        {
            Features = Noise(BatchSize * benchmarked.Shape.Frames * benchmarked.Shape.Mels),
            Labels = [1, 2],
            Shape = benchmarked.Shape,
        };
        PeakMemory.Reset();
        using var step = new TrainingStep(model, settings, CPU);
        using var sums = new ClipAccuracy(CPU);
        step.BeginEpoch();
        long taken = 0;
        Measured measured = InTurns(
            () => step.Take(batch, settings.LearningRate, taken++, sums), peer, benchmarked.Peer, $"{type} train");
        string name = $"{benchmarked.Name} {type}, training";
        double speed = BatchSize / measured.Own;
        report.Add(
            $"{name}, median of {Runs}", "spectrograms a second", speed, PlainPyTorch, BatchSize / measured.Peer);
        if (benchmarked.Reference is { } reference && measured.Gigaflops is { } gigaflops)
        {
            double other = reference.SpectrogramsPerSecondAt(gigaflops);
            Compare(report, name, "spectrograms a second", speed, other, gigaflops, speed / other, reference.Floor);
        }

        report.Add($"{name}, peak memory", "MB", PeakMemory.Bytes() / 1e6, PlainPyTorch, PeerPeak(peer, benchmarked));
    }

    private static void Compare(
        Report report, string name, string unit, double own, double scaled, double gigaflops, double times, double floor)
    {
        Report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"published code at {ReferenceSpeed.MatrixGigaflops:F0} GFLOP/s, scaled to PyTorch's matrix product of this run, "
            + $"{gigaflops:F0} GFLOP/s: {scaled:G3} {unit}"));
        report.Add($"{name}, beside the published code", unit, own, "scaled", scaled);
        report.Add($"{name}, times as fast as the published code", "times", times, "floor", floor);
    }

    /// <summary>Medians of seconds; the peer and its matrix product are measured between the runs.</summary>
    private static Measured InTurns(Action run, PythonPeer? peer, string? peerModel, string how)
    {
        string? request = peer is null || peerModel is null ? null : $"{how} {peerModel}";
        var own = new double[Runs];
        var other = new double[Runs];
        var product = new double[Runs];
        for (int turn = 0; turn < Runs; turn++)
        {
            // The first run of a turn finds the other side's numbers in the caches.
            run();
            long start = Stopwatch.GetTimestamp();
            run();
            own[turn] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (request is not null)
            {
                peer!.Time(request);
                other[turn] = peer.Time(request);
            }

            product[turn] = peer?.Time(Product) ?? double.NaN;
        }

        return new Measured(
            Median(own),
            request is null ? null : Median(other),
            peer is null ? null : ProductOperations / 1e9 / Median(product));
    }

    private static double? PeerPeak(PythonPeer? peer, BenchmarkedModel benchmarked) =>
        benchmarked.Peer is null ? null : peer?.Time("peak") / 1e6;

    private static float[] Noise(int count)
    {
        using Tensor noise = randn([count]);
        return noise.data<float>().ToArray();
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private sealed record Measured(double Own, double? Peer, double? Gigaflops);
}
