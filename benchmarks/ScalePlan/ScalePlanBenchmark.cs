using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using AudioMLNet.Benchmarks.Ranks;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Distributed;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.ScalePlan;

/// <summary>
/// What ranks cost: an all-reduce over MPI by size, measured here on two ranks; and what follows for more ranks by the formula of
/// a ring, beside a simulation with the times of steps that were measured.
/// </summary>
internal static partial class ScalePlanBenchmark
{
    /// <summary>Command of a rank that measures all-reduces.</summary>
    public const string Worker = "allreduce";

    private const double Efficiency = 0.9;
    private const double GpuLatency = 5e-6;
    private const int Rounds = 50;
    private static readonly int[] s_sizes = [1 << 10, 1 << 14, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26];

    /// <param name="report">Takes what is measured.</param>
    /// <param name="launcher">Program that starts ranks, such as mpirun.openmpi.</param>
    public static int Run(Report report, string launcher)
    {
        (double latency, double bandwidth) = MeasureRing(report, launcher);
        (double[] steps, long parameters) = MeasureSteps();
        report.Add("a step of small PaSST on one thread, 20 clips", "ms", Spread.Of([.. steps.Select(step => step * 1000)]));
        report.Add("its gradients", "MB", 4e-6 * parameters);
        var random = new Random(20);

        // Times of steps on a GPU are assumptions, which docs/scale.md names; a faster one needs as much more bandwidth.
        foreach ((string name, double count, double step) in ((string, double, double)[])
            [("PaSST-B, 86 million", 86e6, 0.25), ("HTS-AT, 31 million", 31e6, 0.15)])
        {
            double bytes = 4 * count;
            double[] times = [.. steps.Select(time => time * step / steps.Average())];
            foreach (int ranks in (int[])[8, 64, 512])
            {
                double needed = Ring.Bandwidth(ranks, bytes, step, Efficiency, GpuLatency);
                report.Add($"{name}, {ranks} ranks: bandwidth for 90 %", "GB a second", needed / 1e9);
                report.Add(
                    "the simulation's efficiency at it, equal steps", "",
                    Ring.Simulate(ranks, bytes, [step], needed, GpuLatency, Rounds, random), "the formula", Efficiency);
                report.Add(
                    "the same with the spread of the steps here", "",
                    Ring.Simulate(ranks, bytes, times, needed, GpuLatency, Rounds, random), "the formula", Efficiency);
            }
        }

        double sum = Ring.Seconds(2, 4.0 * parameters, bandwidth, latency);
        report.Add(
            "two ranks of small PaSST here, efficiency by simulation", "",
            Ring.Simulate(2, 4.0 * parameters, steps, bandwidth, latency, Rounds, random),
            "the formula", steps.Average() / (steps.Average() + sum));
        return 0;
    }

    /// <summary>Seconds of the steps of one rank, and the parameters of its model.</summary>
    private static (double[] Steps, long Parameters) MeasureSteps()
    {
        var mlContext = new MLContext(seed: 1);
        (AudioTrainerOptions options, IDataView data) = RanksBenchmark.CreateTraining(mlContext, "PaSST");
        options.Optimization.Distributed = null;
        options.MetricsEverySteps = 1;
        List<double> ends = [];
        var watch = Stopwatch.StartNew();
        options.MetricsCallback = _ => ends.Add(watch.Elapsed.TotalSeconds);
        using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, options, data);
        return (
            [.. ends.Zip(ends.Skip(1), (start, end) => end - start).Skip(4)],
            model.Model.Network.parameters().Sum(parameter => parameter.numel()));
    }

    // A sum takes the latency and its bytes over the bandwidth, which two sizes tell: the smallest and the largest.
    private static (double Latency, double Bandwidth) MeasureRing(Report report, string launcher)
    {
        using Process process = Process.Start(RanksBenchmark.Launch(launcher, 2, Worker))!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        List<(double Bytes, double Seconds)> sums = [];
        foreach (Match line in Sum().Matches(output))
        {
            sums.Add((
                double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture),
                double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture)));
            report.Add($"all-reduce of {sums[^1].Bytes:F0} bytes on two ranks", "ms", sums[^1].Seconds * 1000);
        }

        if (sums.Count != s_sizes.Length)
        {
            throw new InvalidOperationException($"{launcher} ended with {process.ExitCode}: {error.Result}");
        }

        // On two ranks a ring sends each byte once: 2 (n - 1) / n = 1, in two messages.
        double latency = sums[0].Seconds / 2;
        double bandwidth = sums[^1].Bytes / (sums[^1].Seconds - sums[0].Seconds);
        report.Add("latency of a message", "us", latency * 1e6);
        report.Add("bandwidth", "GB a second", bandwidth / 1e9);
        foreach ((double bytes, double seconds) in sums)
        {
            report.Add(
                $"formula's all-reduce of {bytes:F0} bytes", "ms", Ring.Seconds(2, bytes, bandwidth, latency) * 1000,
                "measured", seconds * 1000);
        }

        return (latency, bandwidth);
    }

    /// <summary>Measures all-reduces as a rank; the first prints a line a size, bytes and seconds.</summary>
    public static int Measure()
    {
        set_num_threads(1);
        ProcessGroup group = DistributedOptions.Mpi().Join();
        foreach (int bytes in s_sizes)
        {
            using Tensor values = ones([bytes / sizeof(float)]);
            List<double> times = [];
            for (int i = 0; i < 12; i++)
            {
                long start = Stopwatch.GetTimestamp();
                group.AllReduce([values]);
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            if (group.IsFirst)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sum {bytes} {times.Skip(2).Order().ElementAt(5)}"));
            }
        }

        return 0;
    }

    [GeneratedRegex(@"sum (\d+) ([\d.E-]+)")]
    private static partial Regex Sum();
}
