using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Claims of trials by workers that share a folder: a file a claim, <c>trial-0003.claim-1</c>, which its worker has open, and in
/// which it counts on. A claim is over when nobody has the file open and it has not changed for as long as the lease, by this
/// process's own clock: no two clocks are compared, and a file system without locks between machines does too. The trial is then
/// claimed anew by making the file of the next number, which can be made only once.
/// </summary>
/// <param name="folder">Folder of the sweep.</param>
/// <param name="lease">How long a claim lasts that is not renewed.</param>
internal sealed class TrialClaims(string folder, TimeSpan lease)
{
    // Seen last of each claim, and when it was first seen so.
    private readonly Dictionary<string, (string Content, long Since)> _seen = [];

    /// <summary>Claims a trial, unless another worker has it.</summary>
    /// <param name="id">The trial's number.</param>
    /// <returns>The claim, which the caller disposes; null where another worker has it, or may have it.</returns>
    public TrialClaim? TryClaim(int id)
    {
        int last = LastNumber(folder, id);
        if (last > 0 && !IsOver(PathOf(folder, id, last)))
        {
            return null;
        }

        try
        {
            return new TrialClaim(folder, id, last + 1, lease);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another worker made it first. If none could, the folder's next file says why.
            return null;
        }
    }

    /// <summary>Removes the claims of a trial that has a result.</summary>
    public static void Remove(string folder, int id)
    {
        for (int number = LastNumber(folder, id); number > 0; number--)
        {
            AtomicFile.TryDelete(PathOf(folder, id, number));
        }
    }

    /// <summary>The number of the last claim of a trial; 0 where there is none.</summary>
    public static int LastNumber(string folder, int id)
    {
        string prefix = Path.GetFileName(PathOf(folder, id, number: null));
        return Directory.EnumerateFiles(folder, prefix + "*")
            .Select(path => int.TryParse(
                Path.GetFileName(path)[prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    ? number
                    : 0)
            .DefaultIfEmpty(0)
            .Max();
    }

    /// <summary>Path of a claim; without a number, what such paths begin with.</summary>
    public static string PathOf(string folder, int id, int? number) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"trial-{id:D4}.claim-{number}"));

    private bool IsOver(string path)
    {
        string content;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            content = reader.ReadToEnd();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It went, or another worker asks at this moment whether it is over.
            return false;
        }

        if (!_seen.TryGetValue(path, out (string Content, long Since) seen) || seen.Content != content)
        {
            _seen[path] = seen = (content, Stopwatch.GetTimestamp());
        }

        return Stopwatch.GetElapsedTime(seen.Since) >= lease && AtomicFile.IsUnused(path);
    }
}

/// <summary>A claim of a trial by this process, renewed until it is disposed. The file stays until the trial has a result.</summary>
internal sealed class TrialClaim : IDisposable
{
    private const int BeatsPerLease = 6;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly int _id;
    private readonly int _number;
    private readonly FileStream _file;
    private readonly Timer _timer;
    private long _beats;
    private bool _disposed;

    /// <exception cref="IOException">Another worker made this claim.</exception>
    public TrialClaim(string folder, int id, int number, TimeSpan lease)
    {
        (_folder, _id, _number) = (folder, id, number);

        // Others may read it; that it is open for writing tells them that its worker lives.
        _file = new FileStream(
            TrialClaims.PathOf(folder, id, number), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _timer = new Timer(_ => Beat(), null, TimeSpan.Zero, lease / BeatsPerLease);
    }

    /// <summary>Whether another worker took the trial over, as this one was silent for longer than its lease.</summary>
    public bool IsLost => TrialClaims.LastNumber(_folder, _id) > _number;

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer.Dispose();
            _file.Dispose();
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            try
            {
                _file.Position = 0;
                _file.Write(System.Text.Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {++_beats}")));
                _file.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                // A full or absent disk ends the trial where its result is written; the next beat may succeed.
            }
        }
    }
}
