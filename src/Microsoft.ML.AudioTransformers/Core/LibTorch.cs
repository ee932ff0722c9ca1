using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Loader of TorchSharp's native libraries. It runs before their first use, to explain why they do not load.
/// </summary>
internal static partial class LibTorch
{
    private const string Library = "LibTorchSharp";

    private static volatile bool s_isLoaded;

    /// <summary>Loads the libraries, once.</summary>
    /// <exception cref="DllNotFoundException">They do not load; the message says what to do.</exception>
    public static void Load()
    {
        if (s_isLoaded)
        {
            return;
        }

        // If a library does not load, TorchSharp drops the loader's message, prints its own, and copies half a gigabyte of files.
        Assembly torchSharp = typeof(torch).Assembly;
        _ = NativeLibrary.TryLoad("torch_cpu", torchSharp, null, out _);
        Exception? failure = Try(() => NativeLibrary.Load(Library, torchSharp, null));
        ThrowIfSystemIsTooOld(failure);
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (IsLoadError(e))
        {
            if (HasCudaOnly())
            {
                s_isLoaded = true;
                return;
            }

            // In a notebook, TorchSharp copies the libraries to this folder.
            string folder = Path.GetDirectoryName(torchSharp.Location) ?? "";
            string copied = Path.Combine(AppContext.BaseDirectory, folder, "cpu", $"lib{Library}.so");
            ThrowIfSystemIsTooOld(Try(() => NativeLibrary.Load(copied)));
            throw new DllNotFoundException(NotFound(), failure ?? e);
        }

        s_isLoaded = true;
    }

    /// <summary>Loads the libraries within the call of a base constructor, <c>base(LibTorch.Loaded(name))</c>: the constructor of
    /// TorchSharp's modules needs them.</summary>
    /// <param name="module">Name of the module.</param>
    /// <returns>The same name.</returns>
    /// <inheritdoc cref="Load"/>
    public static string Loaded(string module)
    {
        Load();
        return module;
    }

    // A notebook may reference only the CUDA package, which TorchSharp copies when CUDA is initialized.
    private static bool HasCudaOnly()
    {
        try
        {
            return torch.TryInitializeDeviceType(DeviceType.CUDA);
        }
        catch (Exception e) when (IsLoadError(e))
        {
            return false;
        }
    }

    private static bool IsLoadError(Exception exception) => exception
        is NotSupportedException or DllNotFoundException or BadImageFormatException or TypeInitializationException;

    private static Exception? Try(Func<nint> load)
    {
        try
        {
            _ = load();
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return e;
        }
    }

    private static void ThrowIfSystemIsTooOld(Exception? failure)
    {
        Match version = LibraryVersion().Match(failure?.Message ?? "");
        if (!version.Success || !OperatingSystem.IsLinux())
        {
            return;
        }

        string cure = version.Value.StartsWith("GLIBCXX", StringComparison.Ordinal)
            ? "build or publish the app with the property PatchLibTorchSharp=true, which does without, or run it on a "
                + "system with the libstdc++ of GCC 13 or later (Debian 13, Ubuntu 24.04, RHEL 10)"
            : "run the app on a newer system";
        throw new DllNotFoundException(
            $"TorchSharp's native library needs {version.Value}, which this system's libraries lack: {cure}.", failure);
    }

    private static string NotFound()
    {
        string torchSharp = typeof(torch).Assembly.GetName().Version!.ToString(3);
        string? system = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 when OperatingSystem.IsLinux() => "linux-x64",
            Architecture.X64 when OperatingSystem.IsWindows() => "win-x64",
            Architecture.Arm64 when OperatingSystem.IsMacOS() => "osx-arm64",
            _ => null,
        };
        return system is null
            ? $"TorchSharp {torchSharp} has no LibTorch for {RuntimeInformation.RuntimeIdentifier}, but for linux-x64, "
                + "win-x64 and osx-arm64."
            : "TorchSharp's native library does not load: an app has to reference LibTorch beside this package, "
                + $"TorchSharp-cpu {torchSharp}, or libtorch-cpu-{system}, its part for this system, or for a GPU "
                + "TorchSharp-cuda-linux or TorchSharp-cuda-windows.";
    }

    /// <summary>Symbol version that the loader names when the system's C or C++ library is too old; the rest of the message may
    /// be in any language.</summary>
    [GeneratedRegex(@"\b(?:GLIBCXX|GLIBC|CXXABI)_[0-9.]*[0-9]")]
    private static partial Regex LibraryVersion();
}
