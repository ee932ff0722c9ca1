using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>Files that libsndfile writes, for tests to read back.</summary>
internal static unsafe class SoundFileWriter
{
    public const int Flac16 = 0x170002;
    public const int Aiff16 = 0x020002;
    public const int OggVorbis = 0x200060;
    public const int OggOpus = 0x200064;
    public const int Mp3 = 0x230082;
    public const int WavAdpcm = 0x010012;

    private const string LibraryName = "libsndfile.so.1";

    /// <summary>Writes interleaved samples; false if there is no libsndfile, or none that can write the format.</summary>
    public static bool TryWrite(string path, int format, int sampleRate, int channels, float[] samples)
    {
        if (!NativeLibrary.TryLoad(LibraryName, out nint library))
        {
            return false;
        }

        var open = (delegate* unmanaged[Cdecl]<byte*, int, long*, nint>)NativeLibrary.GetExport(library, "sf_open");
        var write = (delegate* unmanaged[Cdecl]<nint, float*, long, long>)NativeLibrary.GetExport(
            library, "sf_writef_float");
        var close = (delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(library, "sf_close");

        // SF_INFO: frames; rate and channels; format and sections; seekable.
        long* info = stackalloc long[4];
        (info[0], info[1], info[2], info[3]) = (0, (uint)sampleRate | ((long)channels << 32), format, 0);
        byte* name = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        nint file = open(name, 0x20, info);
        Marshal.FreeCoTaskMem((nint)name);
        if (file == 0)
        {
            return false;
        }

        fixed (float* source = samples)
        {
            long written = write(file, source, samples.Length / channels);
            close(file);
            return written == samples.Length / channels;
        }
    }
}
