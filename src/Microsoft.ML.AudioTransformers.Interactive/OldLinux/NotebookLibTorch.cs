using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Interactive.OldLinux;

/// <summary>
/// Loader of TorchSharp's native library in a notebook on Linux before GCC 13: no build of the app has made the copy that
/// loads there, so that it is made here, loaded, and deleted.
/// </summary>
internal static class NotebookLibTorch
{
    private const string Library = "libLibTorchSharp.so";

    private static readonly string[] s_libStdCpp =
        ["/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib64/libstdc++.so.6", "/usr/lib/libstdc++.so.6"];

    /// <summary>Loads the library where its package's own does not load, and does nothing elsewhere.</summary>
    public static void Load()
    {
        Assembly torchSharp = typeof(torch).Assembly;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64
            || FindInPackage(torchSharp) is not { } library || !IsOld())
        {
            return;
        }

        // What it needs lies in LibTorch's package, not beside it, and is found by name once it is loaded.
        foreach (string needed in new[] { "c10", "torch_cpu", "torch" })
        {
            _ = NativeLibrary.TryLoad(needed, torchSharp, null, out _);
        }

        LoadCopy(library);
    }

    /// <summary>Loads a copy of the library in which what an old libstdc++ lacks is weak.</summary>
    /// <param name="library">The library of the package.</param>
    /// <returns>Whether it was loaded; if not, its own error tells later what is wrong.</returns>
    internal static bool LoadCopy(string library)
    {
        try
        {
            byte[] elf = File.ReadAllBytes(library);
            if (!PatchLibTorchSharp.Relax(elf))
            {
                return false;
            }

            DirectoryInfo folder = Directory.CreateTempSubdirectory("audio-notebook-");
            try
            {
                string copy = Path.Combine(folder.FullName, Library);
                File.WriteAllBytes(copy, elf);
                return NativeLibrary.TryLoad(copy, out _);
            }
            finally
            {
                // A loaded library stays in memory without its file.
                folder.Delete(recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>
    /// The library in the package that TorchSharp was loaded from; null where it was not loaded from a package.
    /// </summary>
    private static string? FindInPackage(Assembly torchSharp)
    {
        string package = Path.Combine(Path.GetDirectoryName(torchSharp.Location) ?? "", "..", "..");
        string library = Path.GetFullPath(Path.Combine(package, "runtimes", "linux-x64", "native", Library));
        return File.Exists(library) ? library : null;
    }

    /// <summary>Whether the system's libstdc++ is older than GCC 13's.</summary>
    private static bool IsOld() => Array.Find(s_libStdCpp, File.Exists) is { } library
        && File.ReadAllBytes(library).AsSpan().IndexOf("GLIBCXX_3.4.32"u8) < 0;
}
