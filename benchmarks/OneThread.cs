using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// One thread for LibTorch and the OpenBLAS below it. OpenBLAS reads its switches when it is loaded, so they have to be in
/// the environment that a process starts with.
/// </summary>
internal static class OneThread
{
    private static readonly string[] s_variables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>Whether this process was started so.</summary>
    public static bool IsGiven => Array.TrueForAll(s_variables, name => Environment.GetEnvironmentVariable(name) == "1");

    /// <summary>Runs this program again with the same arguments, on one thread.</summary>
    /// <returns>Its exit code.</returns>
    public static int RunAgain()
    {
        string program = Environment.ProcessPath!;
        string[] arguments = Environment.GetCommandLineArgs();
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program, isHost ? arguments : arguments[1..]);
        foreach (string variable in s_variables)
        {
            start.Environment[variable] = "1";
        }

        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>OpenBLAS's switches in this environment, which decide the kernels that both sides have.</summary>
    public static IEnumerable<string> OpenBlasVariables() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Where(name => name.StartsWith("OPENBLAS", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
