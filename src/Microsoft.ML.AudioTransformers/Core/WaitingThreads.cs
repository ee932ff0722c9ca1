using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Wait policy of OpenMP, whose threads LibTorch computes with. By default a thread that waits for the others spins, and
/// where they have no core, because other programs or requests have them, all that spin keep them from getting one: a step
/// then takes many times as long as with one thread. Threads that sleep cost some microseconds where nothing else runs. See
/// docs/memory.md.
/// </summary>
internal static class WaitingThreads
{
    /// <summary>Name of the AppContext switch: threads that wait sleep unless the switch is false.</summary>
    public const string Switch = "Microsoft.ML.AudioTransformers.SleepWhileWaiting";

    private const string Policy = "OMP_WAIT_POLICY";

    // Each decides by itself how threads wait: of the standard, of GCC's library (Linux), of LLVM's (Windows, macOS).
    private static readonly string[] s_decisive = [Policy, "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY"];

    /// <summary>
    /// Lets threads that wait sleep, unless the AppContext switch or an environment variable of OpenMP decides otherwise. It
    /// has no effect once LibTorch is loaded, since OpenMP reads its variables then.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage(
        "Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "It has to be before any code of this assembly loads LibTorch, wherever an app comes in.")]
    internal static void LetSleep()
    {
        if ((AppContext.TryGetSwitch(Switch, out bool isOn) && !isOn)
            || s_decisive.Any(name => Environment.GetEnvironmentVariable(name) is not null))
        {
            return;
        }

        NativeEnvironment.SetByDefault(Policy, "passive");
    }
}
