using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>The most memory that this process had resident since the last reset.</summary>
internal static class PeakMemory
{
    // Linux: 5 resets the mark that the peak is read from. Elsewhere the peak is that of the whole run.
    private const string ResetPath = "/proc/self/clear_refs";

    public static void Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (File.Exists(ResetPath))
        {
            File.WriteAllText(ResetPath, "5");
        }
    }

    public static long Bytes()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
