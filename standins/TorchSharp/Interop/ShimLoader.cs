using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp.Interop;

/// <summary>
/// Finds and loads the shim, after setting what the libraries behind it read from the environment once, when they
/// load.
/// </summary>
internal static partial class ShimLoader
{
    private static readonly Lazy<nint> Handle = new(LoadShim);

    /// <summary>Makes the calls of <see cref="Shim"/> go to the library that <see cref="Load"/> finds.</summary>
    internal static void Register() =>
        NativeLibrary.SetDllImportResolver(
            typeof(ShimLoader).Assembly, (name, _, _) => name == Shim.Library ? Handle.Value : 0);

    /// <summary>Loads the shim.</summary>
    /// <exception cref="NotSupportedException">The library, or the libtorch that it needs, is not there.</exception>
    internal static void Load() => _ = Handle.Value;

    private static nint LoadShim()
    {
        int threads = Environment.ProcessorCount;
        if (OperatingSystem.IsLinux())
        {
            // OpenBLAS takes AVX-512 processors that it does not know by name for older ones.
            if (Avx512F.IsSupported)
            {
                SetUnlessSet("OPENBLAS_CORETYPE", "SkylakeX");
            }

            string wanted = threads.ToString(CultureInfo.InvariantCulture);
            if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not { Length: > 0 })
            {
                SetUnlessSet("OPENBLAS_NUM_THREADS", wanted);
            }

            SetUnlessSet("OMP_NUM_THREADS", wanted);
            KeepFreedMemory();
        }

        string fileName = OperatingSystem.IsWindows() ? $"{Shim.Library}.dll" : $"lib{Shim.Library}.so";
        string beside = Path.Combine(AppContext.BaseDirectory, fileName);
        try
        {
            return NativeLibrary.Load(beside);
        }
        catch (DllNotFoundException notFound)
        {
            Assembly assembly = typeof(ShimLoader).Assembly;
            if (NativeLibrary.TryLoad(Shim.Library, assembly, DllImportSearchPath.AssemblyDirectory, out nint handle))
            {
                return handle;
            }

            throw new NotSupportedException(
                $"The native library '{fileName}' of the TorchSharp stand-in could not be loaded from " +
                $"'{AppContext.BaseDirectory}': {notFound.Message}");
        }
    }

    // .NET keeps an environment of its own: what it sets does not reach native libraries.
    private static void SetUnlessSet(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 })
        {
            _ = setenv(name, value, 1);
        }
    }

    // A model's temporary tensors come and go with each clip. glibc would return them to the system and get them back page
    // by page, which takes a tenth of a small model's time.
    private static void KeepFreedMemory()
    {
        const int trimThreshold = -1; // M_TRIM_THRESHOLD
        const int mmapThreshold = -3; // M_MMAP_THRESHOLD
        const int kept = 1 << 30;
        try
        {
            SetUnlessSet("MALLOC_TRIM_THRESHOLD_", trimThreshold, kept);
            SetUnlessSet("MALLOC_MMAP_THRESHOLD_", mmapThreshold, kept);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc.
        }
    }

    private static void SetUnlessSet(string name, int parameter, int value)
    {
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 })
        {
            _ = mallopt(parameter, value);
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
