using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.OnnxRuntime;

namespace AudioMLNet.Benchmarks.Onnx;

/// <summary>
/// Exported models on ONNX Runtime beside the same models on TorchSharp, one clip at a time on one thread: nodes and sizes of the
/// files, how far the logits are apart, clips a second and memory; of vision transformers also the graph that PyTorch exports of
/// a plain one of the same size. Each side is a process of its own, and the sides take turns.
/// </summary>
internal static class OnnxBenchmark
{
    private const string Quick = "quick";
    private const int Turns = 3;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);
    private static readonly OnnxPrecision[] s_precisions = Enum.GetValues<OnnxPrecision>();
    private static readonly OnnxVariant[] s_all = [.. OnnxVariant.Main, .. OnnxVariant.Others];

    /// <summary>
    /// <c>quick</c>: in fewer turns. Beginnings of the variants' names: those only; with none, <c>quick</c> takes the four main
    /// models, and otherwise it is all.
    /// </summary>
    public static bool Accepts(string[] options) => Array.TrueForAll(
        options, option => option == Quick || Array.Exists(s_all, variant => IsNamed(variant, option)));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">See <see cref="Accepts"/>.</param>
    public static void Run(Report report, string[] options)
    {
        bool isQuick = options.Contains(Quick);
        string[] names = [.. options.Where(option => option != Quick)];
        OnnxVariant[] variants = names.Length == 0 && isQuick ? OnnxVariant.Main
            : [.. s_all.Where(variant => names.Length == 0 || Array.Exists(names, name => IsNamed(variant, name)))];
        report.Say($"ONNX Runtime {OrtEnv.Instance().GetVersionString()}; {PythonPeer.Describe()}");
        string folder = Directory.CreateTempSubdirectory("audioml-onnx-").FullName;
        try
        {
            List<Measured> all = [];
            foreach (OnnxVariant variant in variants)
            {
                long start = Stopwatch.GetTimestamp();
                all.Add(Measure(variant, folder, isQuick ? 1 : Turns));
                report.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{variant.Name}: measured in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s"));
            }

            Say(report, all);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsNamed(OnnxVariant variant, string name) => variant.Name.StartsWith(name, StringComparison.Ordinal);

    private static Measured Measure(OnnxVariant variant, string folder, int turns)
    {
        string[] paths = [.. s_precisions.Select(precision => Path.Combine(folder, OnnxFiles.FileName(variant, precision)))];
        int[] nodes;
        double parameters;
        using (AudioModel network = variant.Build())
        {
            nodes = [.. s_precisions.Select(
                (precision, place) => OnnxFiles.Write(paths[place], variant, network, precision))];
            parameters = network.parameters().Sum(parameter => parameter.numel()) / 1e6;
        }

        string plain = Path.Combine(folder, "plain.onnx");
        bool hasPlain = Export(variant, plain);
        string[][] sides =
        [
            [OnnxWorker.Torch, ModelPeer.Float32], [OnnxWorker.Torch, ModelPeer.BFloat16],
            .. paths.Select(path => new[] { path }), .. hasPlain ? [[plain]] : Array.Empty<string[]>(),
        ];
        PeerProcess[] processes =
            [.. sides.Select(side => PeerProcess.Own([OnnxWorker.Command, variant.Name, .. side]))];
        try
        {
            double[][] logits = [.. processes.Select(process => process.Ask(OnnxWorker.Logits))];
            Spread[] seconds = AudioMLNet.Benchmarks.Turns.Take(turns, s_limit, [.. processes.Select(Warm)]);
            return new Measured(
                variant, parameters, nodes, [.. paths.Select(path => new FileInfo(path).Length / 1e6)],
                [.. logits.Select(side => Difference(logits[0], side))], seconds,
                [.. processes.Select(process => process.PeakMegabytes())]);
        }
        finally
        {
            Array.ForEach(processes, process => process.Dispose());
            Array.ForEach([.. paths, plain], File.Delete);
        }
    }

    // The first run of a turn finds the other side's numbers in the caches.
    private static Func<double> Warm(PeerProcess side) => () =>
    {
        side.Time(ModelPeer.Run);
        return side.Time(ModelPeer.Run);
    };

    /// <summary>Has PyTorch export the plain vision transformer of the same size, where there is one.</summary>
    private static bool Export(OnnxVariant variant, string path)
    {
        if (variant.Config is not (PasstConfig { Distilled: true } or AstConfig)
            || PeerSizes.Of(variant.Config, variant.Classes) is not { } sizes)
        {
            return false;
        }

        using PythonPeer? peer = PythonPeer.Start("Models/export_peer.py", [path, .. sizes]);
        return peer is not null && File.Exists(path);
    }

    private static double Difference(double[] expected, double[] actual) => expected.Length == actual.Length
        ? expected.Zip(actual, (x, y) => Math.Abs(x - y)).Max()
        : double.NaN;

    private static void Say(Report report, List<Measured> all)
    {
        report.Say("");
        report.Say("Differences are the largest of the logits from TorchSharp's in float32, on one clip and random weights.");
        Table(
            report, "| parameters, M | nodes float32 | int8 | MB float32 | float16 | int8 | int8 / float32 "
            + "| largest logit apart, float32 | float16 | int8 |",
            all, measured =>
            [
                measured.Parameters, measured.Nodes[0], measured.Nodes[2], .. measured.Megabytes,
                measured.Megabytes[2] / measured.Megabytes[0], .. measured.Differences[2..5],
            ]);
        Table(
            report, "| clips a second: TorchSharp float32 | bfloat16 | ONNX float32 | float16 | int8 | PyTorch's plain graph "
            + "| ONNX / TorchSharp, float32 | ONNX / PyTorch's graph |",
            all, measured =>
            [
                .. Enumerable.Range(0, 6).Select(measured.Rate), measured.Rate(2) / measured.Rate(0),
                measured.Rate(2) / measured.Rate(5),
            ]);
        Table(
            report, "| peak memory, MB: TorchSharp float32 | bfloat16 | ONNX float32 | float16 | int8 | PyTorch's plain graph |",
            all, measured => [.. Enumerable.Range(0, 6).Select(side => measured.Memory.ElementAtOrDefault(side))]);
        foreach (Measured measured in all)
        {
            report.AddQuietly($"{measured.Variant.Name}, ONNX / TorchSharp in float32", "", measured.Rate(2) / measured.Rate(0));
            report.AddQuietly($"{measured.Variant.Name}, ONNX in float32", "clips a second", measured.Rate(2));
        }
    }

    private static void Table(Report report, string heads, List<Measured> all, Func<Measured, double[]> row)
    {
        report.Say("");
        report.Say("| model " + heads);
        report.Say("|" + string.Concat(Enumerable.Repeat(" --- |", heads.Count(letter => letter == '|'))));
        foreach (Measured measured in all)
        {
            IEnumerable<string> cells = row(measured).Select(
                value => double.IsNaN(value) || value == 0 ? "" : Spread.Digits(value));
            report.Say($"| {measured.Variant.Name} | {string.Join(" | ", cells)} |");
        }
    }

    /// <summary>
    /// What was measured of a variant; sides are TorchSharp's two types, ONNX's three precisions, and PyTorch's graph.
    /// </summary>
    private sealed record Measured(
        OnnxVariant Variant, double Parameters, int[] Nodes, double[] Megabytes, double[] Differences, Spread[] Seconds,
        double[] Memory)
    {
        /// <summary>Clips a second of a side; not a number where it is missing.</summary>
        public double Rate(int side) => side < Seconds.Length ? 1 / Seconds[side].Median : double.NaN;
    }
}
