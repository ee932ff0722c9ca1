using Microsoft.ML.AudioFeaturization.Audio;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>What any parser may do with any bytes: give a result, or an error that says of which file.</summary>
internal static class Guard
{
    /// <summary>A part of the path of every file that is made, and of the name of every input.</summary>
    public const string Name = "fuzzed-input";

    private const int BytesPerByte = 16;

    private static readonly Lazy<string> s_folder = new(() =>
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"{Name}-{Environment.ProcessId}")).FullName);

    /// <summary>Bytes that the last parser allocated on its thread.</summary>
    public static long LastAllocated { get; private set; }

    /// <summary>The error that the last input was refused with; null if it was read.</summary>
    public static string? LastRefusal { get; private set; }

    /// <summary>A folder for a parser's files, made where it is missing.</summary>
    public static string Folder(string parser) => Directory.CreateDirectory(Path.Combine(s_folder.Value, parser)).FullName;

    /// <summary>Removes what the parsers have written.</summary>
    public static void RemoveFolders()
    {
        if (s_folder.IsValueCreated && Directory.Exists(s_folder.Value))
        {
            Directory.Delete(s_folder.Value, recursive: true);
        }
    }

    /// <summary>Reads an input.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="megabytes">What may be allocated for an empty one, in MiB; 16 bytes a byte are added.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="named">What an error has to name; null for the files.</param>
    /// <exception cref="InvalidOperationException">An error does not name the input, or too much was allocated.</exception>
    public static void Read(int length, int megabytes, Action read, string named = Name)
    {
        LastRefusal = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read();
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or DamagedAudioException
            or FileNotFoundException)
        {
            LastRefusal = exception.Message;
            if (!exception.Message.Contains(named, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The error does not name the file: {exception.Message}", exception);
            }
        }

        LastAllocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (LastAllocated > ((long)megabytes << 20) + ((long)BytesPerByte * length))
        {
            throw new InvalidOperationException($"{LastAllocated} bytes were allocated for {length}.");
        }
    }
}
