using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// One thread for LibTorch (OpenMP and MKL) and for the peers' OpenBLAS. They read their switches when they are loaded, so these have
/// to be in the environment that a process starts with.
/// </summary>
internal static class OneThread
{
    private static readonly string[] s_variables = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>Whether this process was started so.</summary>
    public static bool IsGiven => Array.TrueForAll(s_variables, name => Environment.GetEnvironmentVariable(name) == "1");

    /// <summary>Whether this program runs in .NET's host, which has the program's file as its first argument.</summary>
    public static bool IsHost => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";

    /// <summary>Has a process start on one thread.</summary>
    public static void Set(ProcessStartInfo start)
    {
        foreach (string variable in s_variables)
        {
            start.Environment[variable] = "1";
        }
    }

    /// <summary>Runs this program again with the same arguments, on one thread.</summary>
    /// <returns>Its exit code.</returns>
    public static int RunAgain()
    {
        string[] arguments = Environment.GetCommandLineArgs();
        var start = new ProcessStartInfo(Environment.ProcessPath!, IsHost ? arguments : arguments[1..]);
        Set(start);
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
