using System.Diagnostics;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>
/// The vision transformers over spectrograms, one clip of ten seconds at a time, without gradients, on one thread: how
/// large they are, how much they compute, how long it takes and how much memory; in turns with a plain PyTorch ViT of the
/// same size, whose process has the same environment and so the same OpenBLAS settings.
/// </summary>
internal static class ModelsBenchmark
{
    private const int Runs = 5;
    private const string BFloat16 = "bfloat16";
    private const string Peer = "PyTorch";

    public static bool Accepts(string[] options) =>
        Array.TrueForAll(options, option => option == BFloat16 || VisionTransformerSizes.Names.Contains(option));

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
        foreach (string name in names.Length > 0 ? names : VisionTransformerSizes.Names)
        {
            Measure(report, name, ScalarType.Float32, peer);
            if (options.Contains(BFloat16))
            {
                Measure(report, name, ScalarType.BFloat16, peer);
            }
        }

        report.Write();
        return 0;
    }

    private static void Measure(Report report, string name, ScalarType type, PythonPeer? peer)
    {
        VisionTransformerSizes sizes = VisionTransformerSizes.Of(name);
        using AudioModel model = sizes.Build();
        if (type == ScalarType.Float32)
        {
            report.Add($"{name}, parameters", "M", model.parameters().Sum(parameter => parameter.numel()) / 1e6);
            report.Add($"{name}, multiplications with addition", "G", sizes.MultiplyAdds / 1e9);
            report.Add($"{name}, sequence length", "tokens", sizes.Tokens);
        }

        string typeName = type == ScalarType.Float32 ? "float32" : BFloat16;
        int[] numbers =
        [
            sizes.Frequency, sizes.Time, sizes.Patch, sizes.Stride, sizes.Dim, sizes.Depth, sizes.Heads, sizes.Classes,
        ];
        string request = $"{typeName} {string.Join(' ', numbers)}";
        model.eval();
        PeakMemory.Reset();
        model.to(type);
        using IDisposable guard = no_grad();
        using Tensor features = randn([1, 1, sizes.Frequency, sizes.Time], ScalarType.Float32);
        using Tensor clip = features.to(type);
        var seconds = new double[Runs];
        var peerSeconds = new double[Runs];
        model.call(clip).Dispose();
        peer?.Time(request);
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            model.call(clip).Dispose();
            seconds[run] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            peerSeconds[run] = peer?.Time(request) ?? double.NaN;
        }

        double own = Median(seconds);
        double? other = peer is null ? null : Median(peerSeconds);
        report.Add($"{name} {typeName}, median of {Runs}", "s a clip", own, Peer, other);
        report.Add($"{name} {typeName}, speed", "clips a second", 1 / own, Peer, 1 / other);
        report.Add($"{name} {typeName}, peak memory", "MB", PeakMemory.Bytes() / 1e6, Peer, peer?.Time("peak") / 1e6);
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
