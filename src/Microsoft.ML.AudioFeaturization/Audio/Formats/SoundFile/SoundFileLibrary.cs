using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.SoundFile;

/// <summary>libsndfile, if it is installed: the functions that reading needs.</summary>
internal sealed unsafe class SoundFileLibrary
{
    /// <summary>Instructions for error messages where the library is missing.</summary>
    public const string HowToInstall =
        "Install libsndfile (Debian and Ubuntu: apt-get install libsndfile1; Fedora: dnf install libsndfile; macOS: "
        + "brew install libsndfile; Windows: sndfile.dll from libsndfile's releases, beside the application)";

    private static readonly string[] s_names =
    [
        "libsndfile.so.1", "libsndfile", "sndfile", "libsndfile-1", "libsndfile.1.dylib",
        "/opt/homebrew/lib/libsndfile.dylib", "/usr/local/lib/libsndfile.dylib",
    ];

    private static readonly Lazy<SoundFileLibrary?> s_installed = new(Find);

    private readonly delegate* unmanaged[Cdecl]<VirtualIO*, int, FileInfo*, nint, nint> _openVirtual;
    private readonly delegate* unmanaged[Cdecl]<nint, float*, long, long> _readFrames;
    private readonly delegate* unmanaged[Cdecl]<nint, long, int, long> _seek;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _close;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*> _errorText;

    private SoundFileLibrary(nint library)
    {
        _openVirtual = (delegate* unmanaged[Cdecl]<VirtualIO*, int, FileInfo*, nint, nint>)NativeLibrary.GetExport(
            library, "sf_open_virtual");
        _readFrames = (delegate* unmanaged[Cdecl]<nint, float*, long, long>)NativeLibrary.GetExport(
            library, "sf_readf_float");
        _seek = (delegate* unmanaged[Cdecl]<nint, long, int, long>)NativeLibrary.GetExport(library, "sf_seek");
        _close = (delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(library, "sf_close");
        _errorText = (delegate* unmanaged[Cdecl]<nint, byte*>)NativeLibrary.GetExport(library, "sf_strerror");
    }

    /// <summary>The library, or null where it is not installed.</summary>
    public static SoundFileLibrary? Installed => s_installed.Value;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="callbacks">Functions that read its bytes.</param>
    /// <param name="user">Handed to the callbacks.</param>
    /// <param name="info">Sample rate, channels and length of the file.</param>
    /// <returns>The file, or 0: then <see cref="ErrorText"/> of 0 says why.</returns>
    public nint Open(in VirtualIO callbacks, nint user, out FileInfo info)
    {
        const int Read = 0x10;
        fixed (VirtualIO* io = &callbacks)
        fixed (FileInfo* found = &info)
        {
            *found = default;
            return _openVirtual(io, Read, found, user);
        }
    }

    /// <summary>Decodes frames.</summary>
    /// <returns>How many.</returns>
    public long ReadFrames(nint file, Span<float> samples, long frames)
    {
        fixed (float* target = samples)
        {
            return _readFrames(file, target, frames);
        }
    }

    /// <summary>Goes to a frame counted from the start; false where that fails.</summary>
    public bool Seek(nint file, long frame) => _seek(file, frame, 0) == frame;

    /// <summary>Closes a file.</summary>
    public void Close(nint file) => _close(file);

    /// <summary>The message of the last error.</summary>
    public string ErrorText(nint file) => Marshal.PtrToStringUTF8((nint)_errorText(file)) ?? "unknown error";

    private static SoundFileLibrary? Find()
    {
        foreach (string name in s_names)
        {
            if (NativeLibrary.TryLoad(name, typeof(SoundFileLibrary).Assembly, null, out nint library))
            {
                return new SoundFileLibrary(library);
            }
        }

        return null;
    }

    /// <summary>SF_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileInfo
    {
        public long Frames;
        public int SampleRate;
        public int Channels;
        public int Format;
        public int Sections;
        public int Seekable;
    }

    /// <summary>SF_VIRTUAL_IO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct VirtualIO
    {
        public delegate* unmanaged[Cdecl]<nint, long> Length;
        public delegate* unmanaged[Cdecl]<long, int, nint, long> Seek;
        public delegate* unmanaged[Cdecl]<byte*, long, nint, long> Read;
        public delegate* unmanaged[Cdecl]<byte*, long, nint, long> Write;
        public delegate* unmanaged[Cdecl]<nint, long> Tell;
    }
}
