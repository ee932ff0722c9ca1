using System.Collections.Concurrent;
using System.Text;

namespace Microsoft.ML.AudioFeaturization.Files;

/// <summary>
/// Atomic file writes: a file is written under a temporary name beside its place and then renamed, so that a reader, or
/// whoever comes after a crash, finds the old file or the new one and never a part of either.
/// </summary>
internal static class AtomicFile
{
    /// <summary>The end of temporary names, by which files that a killed process left behind are found.</summary>
    public const string TemporaryExtension = ".tmp";

    private const int BufferLength = 1 << 16;
    private const int IdentifierLength = 32;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private static readonly ConcurrentDictionary<string, Lazy<bool>> s_cleaned = new();

    /// <summary>
    /// How old what killed processes left is at least, where others may be writing: an hour. It keeps clear of a file that
    /// was just made and is not locked yet, or is closed and about to be renamed, and of disks in a network without locks.
    /// </summary>
    public static TimeSpan AbandonedAge { get; } = TimeSpan.FromHours(1);

    /// <summary>Writes or replaces a file.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="write">Writes the content to a stream that can seek; it need not flush or close it.</param>
    /// <param name="flushToDisk">
    /// Whether to wait until the content is on the disk before the rename, so that not even a power failure leaves an empty
    /// file. Default: true. False only for what can be made again and is checked when it is read.
    /// </param>
    /// <exception cref="IOException">The file cannot be written. Then, and where <paramref name="write"/> throws, the old
    /// file stays and the temporary one is deleted.</exception>
    public static void Write(string path, Action<Stream> write, bool flushToDisk = true) =>
        Write(path, write, static (stream, write) => write(stream), flushToDisk);

    /// <inheritdoc cref="Write(string, Action{Stream}, bool)"/>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="state">Handed to <paramref name="write"/>, which cannot capture a span.</param>
    /// <param name="write">Writes the content to a stream that can seek; it need not flush or close it.</param>
    /// <param name="flushToDisk">Whether to wait until the content is on the disk before the rename. Default: true.</param>
    public static void Write<TState>(
        string path, TState state, Action<Stream, TState> write, bool flushToDisk = true)
        where TState : allows ref struct
    {
        CheckReplaceable(path);
        string temporary = TemporaryPath(path);
        try
        {
            using FileStream stream = new(
                temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferLength);
            write(stream, state);
            stream.Flush(flushToDisk);
            Rename(stream, temporary, path);
        }
        catch (Exception exception)
        {
            TryDelete(temporary);

            // Of a name that nobody gave, nobody knows what to do.
            if (exception is DirectoryNotFoundException && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder
                && !Directory.Exists(folder))
            {
                throw new DirectoryNotFoundException(
                    $"'{path}' cannot be written: there is no folder '{folder}'. Expected one that exists.", exception);
            }

            throw;
        }
    }

    /// <summary>Closes a file that is complete and gives it its name.</summary>
    /// <param name="stream">The file, flushed.</param>
    /// <param name="temporary">Its path.</param>
    /// <param name="path">The path that it gets; a file that is there is replaced.</param>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public static void Rename(FileStream stream, string temporary, string path)
    {
        // Open until it has its name, so that no other process takes it for abandoned, and shared, so that who waits for the
        // name can read it at once; but Windows renames closed files only.
        if (OperatingSystem.IsWindows())
        {
            stream.Dispose();
        }

        File.Move(temporary, path, overwrite: true);
        stream.Dispose();
    }

    /// <summary>Checks a path that a file is about to be renamed to, which replaces even a device.</summary>
    /// <exception cref="IOException">
    /// It is a folder, a pipe, a device or a socket, or a link of the system's as /dev/stdout is.
    /// </exception>
    public static void CheckReplaceable(string path)
    {
        if (IsLinkOfTheSystem(Path.GetFullPath(path)))
        {
            throw new IOException($"'{path}' cannot be written: it is a link of the system's. Expected a file, or none.");
        }

        if (RegularFile.OtherKind(path) is { } kind)
        {
            throw new IOException($"'{path}' cannot be written: it is a {kind}. Expected a file, or none.");
        }
    }

    /// <summary>Writes or replaces a text file, in UTF-8 without a byte order mark.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="text">The content.</param>
    /// <exception cref="IOException">The file cannot be written; the old one stays.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(s_utf8.GetBytes(text)));

    /// <summary>
    /// Deletes the temporary files that killed processes left of a file; those that another process is writing stay.
    /// </summary>
    /// <param name="path">The file; it need not exist.</param>
    public static void RemoveAbandoned(string path)
    {
        string full = Path.GetFullPath(path);
        RemoveAbandonedIn(Path.GetDirectoryName(full)!, Path.GetFileName(full) + ".");
    }

    /// <summary>
    /// Deletes what <see cref="RemoveAbandoned"/> does of all files of a file's folder, if it is as old as
    /// <see cref="AbandonedAge"/>, the first time that this process writes there: a folder of many files is not listed for
    /// each of them. Whoever else is about to write there waits for it.
    /// </summary>
    /// <param name="path">The file; it need not exist.</param>
    public static void RemoveAbandonedOnce(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            _ = s_cleaned.GetOrAdd(folder, static folder => new Lazy<bool>(() =>
            {
                RemoveAbandonedIn(folder, age: AbandonedAge);
                return true;
            })).Value;
        }
    }

    /// <summary>
    /// Deletes what <see cref="RemoveAbandoned"/> does of all files of a folder whose names begin with a prefix. What cannot
    /// be listed or deleted stays: a folder may allow to write and not to list.
    /// </summary>
    /// <param name="folder">The folder; nothing is done where it does not exist.</param>
    /// <param name="prefix">Beginning of the names. Default: any.</param>
    /// <param name="age">
    /// How long ago they were written at least, for a folder of several machines that may not know of each other's locks.
    /// Default: none.
    /// </param>
    public static void RemoveAbandonedIn(string folder, string prefix = "", TimeSpan age = default)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        try
        {
            foreach (string temporary in Directory.EnumerateFiles(folder, "*" + TemporaryExtension))
            {
                string name = Path.GetFileName(temporary);
                int identifier = name.Length - TemporaryExtension.Length - IdentifierLength;
                if (name.StartsWith(prefix, StringComparison.Ordinal) && identifier > 0 && name[identifier - 1] == '.'
                    && Guid.TryParseExact(name.AsSpan(identifier, IdentifierLength), "N", out _)
                    && IsAbandoned(new FileInfo(temporary), age))
                {
                    TryDelete(temporary);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left does no harm.
        }
    }

    /// <summary>Whether nobody has a file open that was written so long ago.</summary>
    public static bool IsAbandoned(FileInfo file, TimeSpan age) =>
        (age == default || IsOld(file, age)) && IsUnused(file.FullName);

    /// <summary>
    /// Whether no process has a file open that locks it, as <see cref="Write(string, Action{Stream}, bool)"/> does.
    /// </summary>
    public static bool IsUnused(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A temporary name beside a file's place.</summary>
    public static string TemporaryPath(string path) => $"{path}.{Guid.NewGuid():N}{TemporaryExtension}";

    /// <summary>Deletes a file, if that can be.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The exception that ended the write is the one to tell of.
        }
    }

    // By the clock of this machine, which may have jumped: it is no more than a hint to files that nobody has open.
    private static bool IsOld(FileInfo file, TimeSpan age)
    {
#pragma warning disable RS0030 // Files tell the time of day.
        return DateTime.UtcNow - file.LastWriteTimeUtc >= age;
#pragma warning restore RS0030
    }

    // Names of what a process has open, as /dev/stdout, are links: a rename would put a file in their place, for everyone.
    private static bool IsLinkOfTheSystem(string path) => !OperatingSystem.IsWindows()
        && (path.StartsWith("/proc/", StringComparison.Ordinal)
            || (path.StartsWith("/dev/", StringComparison.Ordinal)
                && !path.StartsWith("/dev/shm/", StringComparison.Ordinal)))
        && new FileInfo(path).LinkTarget is not null;
}
