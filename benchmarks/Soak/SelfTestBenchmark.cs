using System.Diagnostics;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Soak;

/// <summary>
/// Milliseconds of the self-test of LibTorch: the first in this process, with all that is compiled and set up for it, and those
/// that follow.
/// </summary>
internal static class SelfTestBenchmark
{
    private const int Repetitions = 11;

    public static void Run(Report report)
    {
        set_num_threads(1);
        LibTorch.Load();
        using (Tensor first = ones(8, 8))
        {
            // The library is loaded, and has computed once, before the clock starts.
            first.mm(first).Dispose();
        }

        foreach (ScalarType precision in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            report.Add($"self-test in {precision}, the first", "ms", Milliseconds(precision));
            report.Add(
                $"self-test in {precision}, again", "ms",
                Spread.Of(Enumerable.Range(0, Repetitions).Select(_ => Milliseconds(precision))));
        }
    }

    private static double Milliseconds(ScalarType precision)
    {
        var test = new NativeSelfTest(new NativeOperators());
        long start = Stopwatch.GetTimestamp();
        test.Problem(CPU, precision);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
