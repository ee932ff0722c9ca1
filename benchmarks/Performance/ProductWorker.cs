using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// The machine's peak, one thread: a line "float32" or "bfloat16" is answered with the most 10^9 operations a second of matrix
/// products of transformers' sizes.
/// </summary>
internal static class ProductWorker
{
    public const string Command = "product-worker";

    private const int Turns = 8;
    private static readonly (int Rows, int Inner, int Columns)[] s_sizes = [(474, 768, 3072), (1190, 768, 768), (512, 512, 512)];

    public static void Run()
    {
        set_num_threads(1);
        using IDisposable guard = no_grad();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } type)
        {
            double most = s_sizes.Max(size => Peak(
                size, type == Models.ModelPeer.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32));
            Console.WriteLine(most.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static double Peak((int Rows, int Inner, int Columns) size, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor left = randn(size.Rows, size.Inner).to(type);
        Tensor right = randn(size.Columns, size.Inner).to(type);
        double operations = 2.0 * size.Rows * size.Inner * size.Columns;
        return Enumerable.Range(0, Turns).Max(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            nn.functional.linear(left, right).Dispose();
            return operations / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
        });
    }
}
