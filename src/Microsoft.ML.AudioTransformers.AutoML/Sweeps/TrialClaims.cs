using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Claims of trials by workers that share a folder: a file a claim, <c>trial-0003.claim-1</c>, which its worker has open, and in
/// which it counts on. A claim is over when nobody has the file open and it has not changed for as long as the lease, the
/// longer one of its worker's, which is in the file, and this one's, by this process's own clock: no two clocks are compared,
/// and a file system without locks between machines does too. The trial is then claimed anew by making the file of the next
/// number, which can be made only once.
/// </summary>
/// <param name="folder">Folder of the sweep.</param>
/// <param name="lease">How long a claim lasts that is not renewed.</param>
internal sealed class TrialClaims(string folder, TimeSpan lease)
{
    /// <summary>The longest lease in seconds: a day.</summary>
    public const int LongestLease = 86_400;

    // Seen last of each claim, and when it was first seen so.
    private readonly Dictionary<string, (string Content, long Since)> _seen = [];

    /// <summary>Claims a trial, unless another worker has it.</summary>
    /// <param name="id">The trial's number.</param>
    /// <returns>The claim, which the caller disposes; null where another worker has it, or may have it.</returns>
    /// <exception cref="IOException">The folder takes no new file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not to be written to.</exception>
    public TrialClaim? TryClaim(int id) => TryClaim(id, LastNumber(folder, id));

    /// <inheritdoc cref="TryClaim(int)"/>
    /// <param name="id">The trial's number.</param>
    /// <param name="last">The number of its last claim when <see cref="LastNumbers"/> listed them; 0 for none.</param>
    public TrialClaim? TryClaim(int id, int last)
    {
        if (last > 0 && !IsOver(PathOf(folder, id, last)))
        {
            return null;
        }

        // Tried twice, since a worker that made it first may have ended its trial, and removed the claim, before one looks.
        for (bool isSecond = false; ; isSecond = true)
        {
            try
            {
                return new TrialClaim(folder, id, last + 1, lease);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (LastNumber(folder, id) > last)
                {
                    return null;
                }

                if (isSecond)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The number of the last claim of each trial that has any, by one listing of the folder.</summary>
    public IReadOnlyDictionary<int, int> LastNumbers()
    {
        Dictionary<int, int> numbers = [];
        foreach (string path in Directory.EnumerateFiles(folder, "trial-*.claim-*"))
        {
            string[] parts = Path.GetFileName(path)["trial-".Length..].Split(".claim-");
            if (parts.Length == 2
                && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                numbers[id] = Math.Max(number, numbers.GetValueOrDefault(id));
            }
        }

        return numbers;
    }

    /// <summary>Removes the claims of a trial that has a result.</summary>
    public static void Remove(string folder, int id)
    {
        foreach (string path in Directory.EnumerateFiles(folder, Path.GetFileName(PathOf(folder, id, number: null)) + "*"))
        {
            AtomicFile.TryDelete(path);
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
            RegularFile.Check(path);
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

        TimeSpan longer = LeaseOf(content) is { } other && other > lease ? other : lease;
        return Stopwatch.GetElapsedTime(seen.Since) >= longer && AtomicFile.IsUnused(path);
    }

    // The last of its numbers; null of a claim that was not written yet.
    private static TimeSpan? LeaseOf(string content) => content.Split(' ') is [_, _, string text]
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
        && seconds is >= 0 and <= LongestLease
            ? TimeSpan.FromSeconds(seconds)
            : null;
}

/// <summary>A claim of a trial by this process, renewed until it is disposed. The file stays until the trial has a result.</summary>
internal sealed class TrialClaim : IDisposable
{
    private const int BeatsPerLease = 6;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly int _id;
    private readonly int _number;
    private readonly TimeSpan _lease;
    private readonly FileStream _file;
    private readonly Timer _timer;
    private long _beats;
    private bool _disposed;

    /// <exception cref="IOException">Another worker made this claim.</exception>
    public TrialClaim(string folder, int id, int number, TimeSpan lease)
    {
        (_folder, _id, _number, _lease) = (folder, id, number, lease);

        // Others may read it; that it is open for writing tells them that its worker lives.
        _file = new FileStream(
            TrialClaims.PathOf(folder, id, number), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _timer = new Timer(_ => Beat(), null, TimeSpan.Zero, lease / BeatsPerLease);
    }

    /// <summary>
    /// Whether another worker took the trial over, as this one was silent for longer than its lease: it has a later claim,
    /// or has removed all claims of the trial, which then has its result.
    /// </summary>
    public bool IsLost =>
        !File.Exists(TrialClaims.PathOf(_folder, _id, _number)) || TrialClaims.LastNumber(_folder, _id) > _number;

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
                string content = string.Create(
                    CultureInfo.InvariantCulture, $"{Environment.ProcessId} {++_beats} {_lease.TotalSeconds:R}");
                _file.Write(System.Text.Encoding.ASCII.GetBytes(content));
                _file.Flush(flushToDisk: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A full or absent disk ends the trial where its result is written; the next beat may succeed.
            }
        }
    }
}
