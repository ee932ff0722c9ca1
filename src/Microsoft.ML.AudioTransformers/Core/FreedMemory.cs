using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Allocator settings of glibc, the C library of most Linux systems. By default it returns large freed blocks to the system
/// and maps them again, page by page, at the next training step, which takes a third of the time. See docs/memory.md.
/// </summary>
internal static partial class FreedMemory
{
    /// <summary>Name of the AppContext switch: the process keeps freed memory unless the switch is false.</summary>
    public const string Switch = "Microsoft.ML.AudioTransformers.KeepFreedMemory";

    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int Threshold = 1 << 30;

    // Older versions of glibc accept no higher mmap threshold.
    private const int OldMaximum = 32 << 20;

    private const string TunablesVariable = "GLIBC_TUNABLES";

    /// <summary>
    /// Lets the process keep up to 1 GB of freed memory, unless the AppContext switch, an environment variable
    /// (MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_) or GLIBC_TUNABLES decides otherwise.
    /// </summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() || (AppContext.TryGetSwitch(Switch, out bool isOn) && !isOn))
        {
            return;
        }

        try
        {
            SetByDefault(TrimThreshold, "trim_threshold");
            SetByDefault(MmapThreshold, "mmap_threshold");
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, such as musl, has no such options.
        }
    }

    private static void SetByDefault(int option, string name)
    {
        bool isSetByUser = Environment.GetEnvironmentVariable($"MALLOC_{name.ToUpperInvariant()}_") is not null
            || Environment.GetEnvironmentVariable(TunablesVariable)?.Contains(name, StringComparison.Ordinal) == true;
        if (!isSetByUser && SetOption(option, Threshold) == 0)
        {
            _ = SetOption(option, OldMaximum);
        }
    }

    /// <returns>0 if the C library refuses the value.</returns>
    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
