using System.Diagnostics;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Onnx;

/// <summary>
/// Single operators at the sizes of the models on one thread: ONNX Runtime's beside LibTorch's, in turns. They tell which part of
/// a model's speed is the graph's to change.
/// </summary>
internal static class ProductsBenchmark
{
    private const int Turns = 9;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    // PaSST-B's layers, its products of attention over 12 heads, a deformable block's and a window's of DATAR tiny.
    private static readonly Product[] s_products =
    [
        new("PaSST-B, queries, keys and values", [1190, 768], [768, 2304]),
        new("PaSST-B, hidden layer", [1190, 768], [768, 3072]),
        new("PaSST-B, behind it", [1190, 3072], [3072, 768]),
        new("PaSST-B, queries and keys", [12, 1190, 64], [12, 64, 1190]),
        new("PaSST-B, weights and values", [12, 1190, 1190], [12, 1190, 64]),
        new("HTS-AT, hidden layer", [4096, 96], [96, 384]),
        new("DATAR tiny, hidden layer", [8192, 96], [96, 384]),
        new("DATAR tiny, window, queries and keys", [384, 64, 32], [384, 32, 64]),
    ];

    /// <param name="report">Takes what is measured.</param>
    public static void Run(Report report)
    {
        set_num_threads(1);
        using IDisposable guard = no_grad();
        report.Say("10^9 multiplications with addition a second, float32, one thread");
        foreach (Product product in s_products)
        {
            Measure(report, product);
        }
    }

    private static void Measure(Report report, Product product)
    {
        using Tensor left = randn(product.Left);
        using Tensor right = randn(product.Right);
        float[] leftValues = left.data<float>().ToArray();
        float[] rightValues = right.data<float>().ToArray();
        var graph = new OnnxGraph(opset: 17, OnnxPrecision.Float32);
        OnnxValue x = graph.Input("left", "Left.", [.. product.Left.Select(size => (object)(int)size)]);
        bool isConstant = product.Right.Length == 2;
        OnnxValue y = isConstant
            ? graph.Table("right", rightValues, product.Right)
            : graph.Input("right", "Right.", [.. product.Right.Select(size => (object)(int)size)]);
        graph.Output(
            x.MatMul(y), "product", "Product.",
            [.. product.Left[..^1].Append(product.Right[^1]).Select(size => (object)(int)size)]);
        string path = Path.GetTempFileName();
        try
        {
            OnnxFile.Write(path, graph, "A product.", new Dictionary<string, string>(), isExternal: false);
            using var options = new SessionOptions { IntraOpNumThreads = 1 };
            using var session = new InferenceSession(path, options);
            using var run = new RunOptions();
            using OrtValue leftValue = OrtValue.CreateTensorValueFromMemory(leftValues, product.Left);
            using OrtValue rightValue = OrtValue.CreateTensorValueFromMemory(rightValues, product.Right);
            double work = product.Left.Aggregate(1.0, (all, size) => all * size) * product.Right[^1] / 1e9;
            Spread[] seconds = AudioMLNet.Benchmarks.Turns.Take(
                Turns, s_limit,
                () => Time(() => session.Run(
                    run, session.InputNames, isConstant ? [leftValue] : [leftValue, rightValue], session.OutputNames).Dispose()),
                () => Time(() => matmul(left, right).Dispose()));
            report.Add(
                $"{product.Name}, {string.Join('x', product.Left)} by {string.Join('x', product.Right)}", "GMAC/s",
                seconds[0].RateOf(work), "LibTorch", seconds[1].RateOf(work));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Time(Action run)
    {
        run();
        long start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private sealed record Product(string Name, long[] Left, long[] Right);
}
