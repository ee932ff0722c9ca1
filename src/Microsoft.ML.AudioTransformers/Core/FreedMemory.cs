using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// What glibc, the C library of most Linux systems, does with freed memory. By itself it gives large blocks back to the
/// system and takes them anew, page by page, at the next training step: a third of the time. See docs/memory.md.
/// </summary>
internal static partial class FreedMemory
{
    /// <summary>The AppContext switch for it: freed memory is kept unless the switch is false.</summary>
    public const string Switch = "Microsoft.ML.AudioTransformers.KeepFreedMemory";

    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int Kept = 1 << 30;

    // The highest threshold for mapped blocks that older versions take.
    private const int OldLimit = 32 << 20;

    private const string TunablesVariable = "GLIBC_TUNABLES";

    /// <summary>
    /// Tells glibc to keep up to 1 GB of freed memory for the process, unless the app or the environment has decided.
    /// </summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() || (AppContext.TryGetSwitch(Switch, out bool isOn) && !isOn))
        {
            return;
        }

        try
        {
            SetUnlessGiven(TrimThreshold, "trim_threshold");
            SetUnlessGiven(MmapThreshold, "mmap_threshold");
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, such as musl, has no such options.
        }
    }

    private static void SetUnlessGiven(int option, string name)
    {
        bool isGiven = Environment.GetEnvironmentVariable($"MALLOC_{name.ToUpperInvariant()}_") is not null
            || Environment.GetEnvironmentVariable(TunablesVariable)?.Contains(name, StringComparison.Ordinal) == true;
        if (!isGiven && SetOption(option, Kept) == 0)
        {
            _ = SetOption(option, OldLimit);
        }
    }

    /// <returns>0 where the C library refuses the value.</returns>
    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
