using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioShards.Parts;

namespace Microsoft.ML.AudioShards.Shards;

/// <summary>
/// Journal of the recordings that a process has in work, in a file that outlives it: what a process had begun and not ended
/// when it died may be what it died of. Safe for several threads.
/// </summary>
/// <remarks>
/// A line each, as "begun 1234 "folder/a.wav"" with the length in bytes and the name as JSON, "ended" likewise, "died 2 1234
/// ..." with the number of processes that died, and "asked" where a process was asked to end, which is no death of its own.
/// </remarks>
internal sealed class ShardJournal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ShardFile, int> _deaths;
    private readonly string _path;
    private FileStream _stream;
    private long _kept;
    private bool _isChanged;

    private ShardJournal(string path, Dictionary<ShardFile, int> deaths, IReadOnlyList<ShardFile> died)
    {
        (_path, _deaths, Died) = (path, deaths, died);
        _stream = Rewrite();
    }

    /// <summary>Recordings that the process before this one had in work when it died.</summary>
    public IReadOnlyList<ShardFile> Died { get; }

    /// <summary>Opens a journal, and counts a death for each recording that is begun in it and not ended.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    public static ShardJournal Open(string path)
    {
        Dictionary<ShardFile, int> deaths = [];
        HashSet<ShardFile> inWork = [];
        bool isAsked = false;
        foreach (string line in File.Exists(path) ? File.ReadLines(RegularFile.Check(path)) : [])
        {
            string[] words = line.Split(' ', 2);
            switch (words[0])
            {
                case "begun" when TryParse(words[^1]) is { } file:
                    inWork.Add(file);
                    break;
                case "ended" when TryParse(words[^1]) is { } file:
                    inWork.Remove(file);
                    deaths.Remove(file);
                    break;
                case "died" when words[^1].Split(' ', 2) is [string count, string rest] && TryParse(rest) is { } file
                    && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int number):
                    deaths[file] = number;
                    break;
                case "asked":
                    isAsked = true;
                    break;
            }
        }

        ShardFile[] died = isAsked ? [] : [.. inWork.OrderBy(file => file.Name, StringComparer.Ordinal)];
        foreach (ShardFile file in died)
        {
            deaths[file] = deaths.GetValueOrDefault(file) + 1;
        }

        return new ShardJournal(path, deaths, died);
    }

    /// <summary>How many processes died while they had a recording in work, since one last had it scored.</summary>
    public int Deaths(ShardFile file)
    {
        lock (_lock)
        {
            return _deaths.GetValueOrDefault(file);
        }
    }

    /// <summary>Notes that a recording is begun.</summary>
    public void Begin(ShardFile file)
    {
        lock (_lock)
        {
            Append($"begun {Text(file)}");

            // Of a recording that may take down more than the process, on which a line in the system's cache would be lost.
            if (_deaths.ContainsKey(file))
            {
                _stream.Flush(flushToDisk: true);
            }
        }
    }

    /// <summary>Notes that a recording is ended, whatever became of it.</summary>
    public void End(ShardFile file)
    {
        lock (_lock)
        {
            Append($"ended {Text(file)}");
            _isChanged |= _deaths.Remove(file);
        }
    }

    /// <summary>
    /// Notes that the process was asked to end: should it be killed now, that is not for what it has in work.
    /// </summary>
    public void Ask()
    {
        try
        {
            lock (_lock)
            {
                Append("asked");
            }
        }
        catch (IOException)
        {
            // Who cancels is not to hear of a full disk. Without the line, a kill now counts as a death.
        }
    }

    /// <summary>Forgets what is ended; to call while nothing is in work.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            if (_isChanged)
            {
                _stream.Dispose();
                _stream = Rewrite();
            }
            else
            {
                _stream.SetLength(_kept);
            }
        }
    }

    public void Dispose() => _stream.Dispose();

    private static string Text(ShardFile file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.Length} {JsonSerializer.Serialize(file.Name)}");

    // The last line of a process that died, or one that a disk damaged, may be none.
    private static ShardFile? TryParse(string text)
    {
        try
        {
            string[] words = text.Split(' ', 2);
            return words.Length == 2 && JsonSerializer.Deserialize<string>(words[1]) is { } name
                && long.TryParse(words[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long length)
                    ? new ShardFile(name, length)
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Append(string line) => _stream.Write(Encoding.UTF8.GetBytes(line + '\n'));

    private FileStream Rewrite()
    {
        IEnumerable<string> lines = _deaths.OrderBy(file => file.Key.Name, StringComparer.Ordinal)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"died {file.Value} {Text(file.Key)}\n"));
        AtomicFile.WriteText(_path, string.Concat(lines));
        _isChanged = false;

        // Without a buffer: a line is the system's when the process dies.
        var stream = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _kept = stream.Length;
        return stream;
    }
}
