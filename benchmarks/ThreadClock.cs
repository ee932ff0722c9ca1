using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// The time that the calling thread has had on a processor, so that what else runs on the machine does not count; the wall
/// clock where the system does not tell.
/// </summary>
internal static partial class ThreadClock
{
    // CLOCK_THREAD_CPUTIME_ID
    private static readonly int s_clock = OperatingSystem.IsLinux() ? 3 : OperatingSystem.IsMacOS() ? 16 : -1;

    /// <summary>Seconds since some moment.</summary>
    public static double Seconds
    {
        get
        {
            if (s_clock >= 0 && GetTime(s_clock, out TimeSpecification time) == 0)
            {
                return time.Seconds + (time.Nanoseconds * 1e-9);
            }

            return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpecification time);

    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
