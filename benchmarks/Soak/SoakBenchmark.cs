using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Soak;

/// <summary>
/// Calls of LibTorch's operators while another thread collects garbage without pause: whether any throws, or gives a number
/// that is not the one it gave first. TorchSharp's own operators free a number's Scalar while LibTorch reads it, some of a
/// million times; those of this library must not.
/// </summary>
internal static class SoakBenchmark
{
    /// <param name="report">Takes what is counted.</param>
    /// <param name="calls">Operator calls.</param>
    /// <param name="isControl">Whether TorchSharp's own operators are called, of which some are expected to throw.</param>
    /// <returns>The exit code: 1 if anything threw or was wrong.</returns>
    public static int Run(Report report, long calls, bool isControl)
    {
        set_num_threads(1);
        using var ended = new CancellationTokenSource();
        long collections = 0;
        var collector = new Thread(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                GC.Collect(collections % 100 == 0 ? 2 : 0, GCCollectionMode.Forced, blocking: true);
                GC.WaitForPendingFinalizers();
                collections++;
            }
        });
        collector.Start();
        Dictionary<string, long> exceptions = [];
        long wrong = 0;
        long made = 0;
        (string Name, int Calls, Func<Tensor, Tensor> Operator)[] operators = isControl ? Unsafe() : Operators();
        using Tensor input = arange(1, 65, dtype: ScalarType.Float32).view(4, 16);
        float[]?[] first = new float[]?[operators.Length];
        try
        {
            for (int turn = 0; made < calls; turn = (turn + 1) % operators.Length)
            {
                (string name, int own, Func<Tensor, Tensor> call) = operators[turn];
                try
                {
                    using DisposeScope scope = NewDisposeScope();
                    Tensor result = call(input).contiguous();
                    ReadOnlySpan<float> values = TensorData.Read<float>(result);
                    wrong += first[turn] is { } expected && !values.SequenceEqual(expected) ? 1 : 0;
                    first[turn] ??= values.ToArray();
                }
                catch (Exception error) when (error is ExternalException or InvalidOperationException)
                {
                    string what = $"{name}: {error.Message.Split('\n')[0]}";
                    exceptions[what] = exceptions.GetValueOrDefault(what) + 1;
                }

                made += own;
            }
        }
        finally
        {
            ended.Cancel();
            collector.Join();
        }

        report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{made} operator calls of {operators.Length} kinds under {collections} forced collections: "
            + $"{exceptions.Values.Sum()} exceptions, {wrong} wrong results"));
        foreach ((string what, long count) in exceptions)
        {
            report.Say($"  {count} of {what}");
        }

        report.Add("soak, operator calls", "", made);
        report.Add("soak, forced collections", "", collections);
        report.Add("soak, exceptions", "", exceptions.Values.Sum());
        report.Add("soak, wrong results", "", wrong);
        return exceptions.Count > 0 || wrong > 0 ? 1 : 0;
    }

    /// <summary>What this library does not call: operators whose Scalar nothing holds.</summary>
    private static (string Name, int Calls, Func<Tensor, Tensor> Operator)[] Unsafe() =>
    [
        ("x * 3.0", 1, x => x * 3.0),
        ("x + y", 1, x => x + x),
        ("x.add(1)", 1, x => x.add(1)),
        ("x / 4.0", 1, x => x / 4.0),
    ];

    /// <summary>The operators, with how many of LibTorch's each calls.</summary>
    private static (string Name, int Calls, Func<Tensor, Tensor> Operator)[] Operators()
    {
        // Of a block of width 16: normalizations, and products with the same numbers.
        Tensor[] block =
        [
            ones(16), zeros(16), Matrix(16, 48), zeros(48), Matrix(16, 16), zeros(16),
            ones(16), zeros(16), Matrix(16, 32), zeros(32), Matrix(32, 16), zeros(16),
        ];
        Tensor bias = Matrix(4, 4).view(1, 1, 4, 4);
        return
        [
            .. Single(),
            ("attention with a bias", 1, x => nn.functional.scaled_dot_product_attention(
                x.view(1, 1, 4, 16), x.view(1, 1, 4, 16), x.view(1, 1, 4, 16), bias)),
            ("a block in one call", 20, x => EncoderOperators.Encode(x.view(1, 4, 16), block, 2, 1e-5, 4)),
            ("norms of a list in one call", 4, x => TensorListOperators.ClipNorm([x.clone()], 1)),
        ];

        static Tensor Matrix(int rows, int columns) =>
            arange(rows * columns, dtype: ScalarType.Float32).view(rows, columns).Over(rows * columns);
    }

    private static (string Name, int Calls, Func<Tensor, Tensor> Operator)[] Single() =>
    [
        ("Plus of a tensor", 1, x => x.Plus(x)),
        ("Plus with a factor", 1, x => x.Plus(x, 0.5)),
        ("Plus of a number", 1, x => x.Plus(3)),
        ("AddInPlace", 2, x => x.clone().AddInPlace(x)),
        ("Minus", 1, x => x.Minus(2)),
        ("Times", 1, x => x.Times(3)),
        ("Over", 1, x => x.Over(4)),
        ("Clamp", 1, x => x.Clamp(5, 50)),
        ("ClampMin", 1, x => x.ClampMin(7)),
        ("AtLeast", 2, x => x.AtLeast(9).to(ScalarType.Float32)),
        ("Full", 1, x => TensorArithmetic.Full([4, 16], 1.5)),
        ("linear", 1, x => nn.functional.linear(x, x, null!)),
        ("bmm", 2, x => x.view(2, 2, 16).MatMul(x.view(2, 16, 2))),
        ("layer_norm", 1, x => nn.functional.layer_norm(x, [16], null, null)),
        ("attention", 1, x => nn.functional.scaled_dot_product_attention(
            x.view(1, 1, 4, 16), x.view(1, 1, 4, 16), x.view(1, 1, 4, 16))),
        ("softmax of a long chain", 4, x => x.Times(0.01).Plus(x).Minus(1).softmax(1)),
    ];
}
