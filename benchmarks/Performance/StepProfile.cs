using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Training;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// What the processor does in a scored clip or a training step, by kind of work: Linux's <c>perf</c> takes samples of a process,
/// and each function that it finds is of a kind by its name.
/// </summary>
internal static partial class StepProfile
{
    private const string Perf = "perf";
    private const string Others = "other";
    private const double LeastShare = 0.5;
    private const double Seconds = 10;

    // Kinds by patterns of functions' and files' names, of which the first that fits counts.
    private static readonly (string Kind, Regex Names)[] s_kinds =
    [
        ("optimizer", Pattern("adam|foreach|lerp")),
        ("products, oneDNN", Pattern("brgemm|brg_|dnnl|jit_|ideep|amx|\\[JIT\\] tid \\d+ *\\|\\[\\.\\] 0x")),
        ("products, oneMKL", Pattern("mkl_|gemm|_sgemv")),
        ("attention", Pattern("flash_attention|scaled_dot")),
        ("softmax", Pattern("softmax")),
        ("normalization", Pattern("layer_?norm|batch_?norm|RowwiseMoments|rowwise", RegexOptions.IgnoreCase)),
        ("GELU", Pattern("gelu", RegexOptions.IgnoreCase)),
        ("copies and casts", Pattern("copy|cat_|CatArray|memcpy|memmove|roll|direct_copy|index_select|gather", RegexOptions.IgnoreCase)),
        ("sums", Pattern("sum|reduce|mean", RegexOptions.IgnoreCase)),
        ("elementwise", Pattern("add|mul|sub|div|fill|sigmoid|exp|tanh|where|binary|unary|TensorIterator", RegexOptions.IgnoreCase)),
        ("sampling of maps", Pattern("grid_sampl|upsample|interp", RegexOptions.IgnoreCase)),
        ("memory", Pattern("malloc|free|memset|page|clear_|mmap|madvise", RegexOptions.IgnoreCase)),
        ("random numbers", Pattern("random|uniform|mt19937|bernoulli|normal", RegexOptions.IgnoreCase)),
        (".NET", Pattern("libcoreclr|libclrjit|libSystem|\\.dll|\\[JIT\\]|memfd:doublemapper")),
        ("system", Pattern("\\[kernel")),
    ];

    /// <summary>Adds the shares of the kinds of work of half a per cent and more.</summary>
    /// <param name="report">Takes the rows.</param>
    /// <param name="effort">How much is measured.</param>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="batch">Clips of a step.</param>
    public static void Add(Report report, Effort effort, string name, int batch)
    {
        foreach (string type in new[] { ModelPeer.Float32, ModelWorker.Default })
        {
            Profile(report, $"{name}, scoring, {type}", effort, ModelWorker.Command, name, type);
        }

        Profile(
            report, $"{name}, training step of {batch}, default", effort, TrainingWorker.Command, name, ModelWorker.Default,
            $"{batch}");
    }

    private static void Profile(Report report, string title, Effort effort, params string[] arguments)
    {
        using PeerProcess worker = PeerProcess.OwnWith(
            new Dictionary<string, string> { ["DOTNET_PerfMapEnabled"] = "1" }, arguments);

        // Until .NET has compiled what runs often.
        for (double warm = 0; warm < (effort.IsQuick ? 0.1 : Seconds / 2);)
        {
            warm += worker.Time(ModelPeer.Run);
        }

        string file = Path.GetTempFileName();
        try
        {
            using Process perf = Process.Start(new ProcessStartInfo(
                Perf, ["record", "-q", "-e", "cpu-clock", "-F", "499", "-p", $"{worker.Id}", "-o", file]))!;
            Thread.Sleep(500);
            double seconds = 0;
            int runs = 0;
            for (; runs < 2 || seconds < (effort.IsQuick ? 0 : Seconds); runs++)
            {
                seconds += worker.Time(ModelPeer.Run);
            }

            Interrupt(perf);
            AddRows(report, title, seconds / runs, Functions(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void AddRows(Report report, string title, double seconds, (double Share, string Name)[] functions)
    {
        report.Add(title, "s", seconds);
        foreach (IGrouping<string, (double Share, string Name)> kind in functions
            .GroupBy(function => KindOf(function.Name))
            .OrderByDescending(kind => kind.Sum(function => function.Share)))
        {
            double share = kind.Sum(function => function.Share);
            if (share >= LeastShare)
            {
                report.Add($"{title}: {kind.Key}", "% of the samples", share);
            }
        }
    }

    private static string KindOf(string name) =>
        Array.Find(s_kinds, kind => kind.Names.IsMatch(name)) is { Kind: { } found } ? found : Others;

    /// <summary>Shares of all functions, in percent, and their files and names.</summary>
    private static (double Share, string Name)[] Functions(string file)
    {
        var start = new ProcessStartInfo(
            Perf, ["report", "-i", file, "--stdio", "-g", "none", "-F", "overhead,dso,sym", "-t", "|"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process report = Process.Start(start)!;
        var functions = new List<(double, string)>();
        report.ErrorDataReceived += (_, _) => { };
        report.BeginErrorReadLine();
        while (report.StandardOutput.ReadLine() is { } line)
        {
            if (Function().Match(line) is { Success: true } match)
            {
                functions.Add((
                    double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value));
            }
        }

        report.WaitForExit();
        return [.. functions];
    }

    // perf writes its file when it is interrupted.
    private static void Interrupt(Process process)
    {
        using Process kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
        process.WaitForExit();
    }

    private static Regex Pattern(string names, RegexOptions options = RegexOptions.None) => new(names, options);

    [GeneratedRegex(@"^\s*([\d.]+)%?\s*\|(.*)$")]
    private static partial Regex Function();
}
