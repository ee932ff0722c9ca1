using System.Globalization;

namespace AudioMLNet.Benchmarks;

/// <summary>The environment in which PyTorch is fastest on this machine.</summary>
/// <param name="Environment">Variables that are set.</param>
/// <param name="Description">What they are and why, in a sentence.</param>
internal sealed record PythonSettings(IReadOnlyDictionary<string, string> Environment, string Description)
{
    private const string CoreType = "OPENBLAS_CORETYPE";
    private const int Products = 9;

    // OpenBLAS takes its slowest kernels on processors that are newer than it.
    private static readonly string[] s_cores = ["", "Haswell", "SkylakeX"];

    // As the library tells glibc for its own process.
    private static readonly string[] s_memory = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"];

    /// <summary>Tries a matrix product with each of OpenBLAS's kernels, unless the environment names them.</summary>
    /// <param name="python">A Python that has torch.</param>
    public static PythonSettings Choose(string python)
    {
        Dictionary<string, string> environment = s_memory
            .Where(variable => System.Environment.GetEnvironmentVariable(variable) is null)
            .ToDictionary(variable => variable, _ => $"{1 << 30}");
        const string start = "peers in Python, one thread, freed memory kept as the library keeps it; ";
        if (System.Environment.GetEnvironmentVariable(CoreType) is { } given)
        {
            return new PythonSettings(environment, $"{start}{CoreType}={given} as given");
        }

        (string Core, double Gigaflops)[] tried = [.. s_cores.Select(core => (core, Gigaflops(python, core)))];
        (string best, _) = tried.MaxBy(one => one.Gigaflops);
        if (best.Length > 0)
        {
            environment.Add(CoreType, best);
        }

        IEnumerable<string> trials = tried.Select(one => string.Create(
            CultureInfo.InvariantCulture, $"{one.Gigaflops:F0} with {Name(one.Core)}"));
        return new PythonSettings(
            environment,
            $"{start}of OpenBLAS's kernels {Name(best)}: GFLOP/s of a float32 product: {string.Join(", ", trials)}");
    }

    private static string Name(string core) => core.Length == 0 ? "those that it chooses" : $"{CoreType}={core}";

    /// <summary>10^9 operations a second, 0 where the processor lacks the kernel's instructions and the process ends.</summary>
    private static double Gigaflops(string python, string core)
    {
        var environment = new Dictionary<string, string>();
        if (core.Length > 0)
        {
            environment.Add(CoreType, core);
        }

        try
        {
            using var peer = new PeerProcess(python, [PythonPeer.Script("product_peer.py")], environment);
            return Enumerable.Range(0, Products).Max(_ => peer.Time("product"));
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }
}
