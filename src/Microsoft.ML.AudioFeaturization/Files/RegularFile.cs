using System.Formats.Tar;

namespace Microsoft.ML.AudioFeaturization.Files;

/// <summary>
/// Files that are opened to be read only if they are regular ones: a pipe keeps whoever opens it waiting for a writer, a device
/// may have no end, and neither is what a path from elsewhere is to lead to.
/// </summary>
internal static class RegularFile
{
    private static readonly int s_withoutErrorNumber = new IOException().HResult;

    /// <summary>Opens a file for reading, so that others may read it meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferLength">Length of the stream's buffer in bytes; 0 for none. Default: 4096.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, a pipe, a device or a socket.</exception>
    public static FileStream OpenRead(string path, int bufferLength = 4096)
    {
        Check(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferLength);
    }

    /// <summary>Checks a path that something else is about to read.</summary>
    /// <returns>The path.</returns>
    /// <exception cref="InvalidDataException">It is a folder, a pipe, a device or a socket; not that there is none.</exception>
    public static string Check(string path) => OtherKind(path) is { } kind
        ? throw new InvalidDataException($"'{path}' is a {kind}; expected a file.")
        : path;

    /// <summary>
    /// What a path leads to, through links: a folder, pipe, device or socket; null if it is a file, or nothing.
    /// </summary>
    public static string? OtherKind(string path)
    {
        if (Directory.Exists(path))
        {
            return "folder";
        }

        if (OperatingSystem.IsWindows() || Target(path) is not { } target)
        {
            return null;
        }

        // Pipes, devices and sockets have a length of 0 bytes. Few files have, so that few are looked at twice.
        return target.Exists
            ? target.Length == 0 ? KindOfEmpty(target.FullName) : null
            : KindOfNameless(target);
    }

    /// <summary>Whether a path leads to a file; one that a process has open may be deleted.</summary>
    public static bool Exists(string path) => Target(path) is { } target
        && (target.Exists || target.Name.EndsWith(" (deleted)", StringComparison.Ordinal));

    /// <summary>Whether a path leads to an empty file, or to what has no length (<see cref="OtherKind"/>).</summary>
    public static bool IsEmpty(string path) => Target(path) is { Exists: true, Length: 0 };

    private static FileInfo? Target(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is not there, or nobody may see it: whoever opens it is told.
            return null;
        }
    }

    // .NET tells the kinds of files apart in archives only: the entry that one gets is of its kind. None of them is opened for
    // it but regular ones.
    private static string? KindOfEmpty(string path)
    {
        using var archive = new MemoryStream();
        try
        {
            using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true))
            {
                writer.WriteEntry(path, "file");
            }
        }
        catch (IOException exception) when (exception.HResult == s_withoutErrorNumber)
        {
            // Archives have no sockets, as .NET finds out itself. What the system finds has the system's number: that
            // another has the file to itself, that too many are open.
            return "socket";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()!.EntryType switch
        {
            TarEntryType.Fifo => "pipe",
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "device",
            _ => null,
        };
    }

    // Names of what a process has open, as /dev/stdin and those of a shell's <(...), are links of Linux. They lead to files
    // by their names; to pipes and sockets, which have none, by something in brackets that is beside the link itself.
    private static string? KindOfNameless(FileInfo target) => !IsBesideOpenFiles(target) ? null
        : target.Name.StartsWith("pipe:[", StringComparison.Ordinal) ? "pipe"
        : target.Name.StartsWith("socket:[", StringComparison.Ordinal) ? "socket"
        : target.Name.StartsWith("anon_inode:", StringComparison.Ordinal) ? "device"
        : null;

    private static bool IsBesideOpenFiles(FileInfo target) =>
        target.FullName.StartsWith("/proc/", StringComparison.Ordinal)
        || target.FullName.StartsWith("/dev/fd/", StringComparison.Ordinal);
}
