using System.IO.Enumeration;

namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>The recordings below a folder, found in one listing: by name, and by name without the extension.</summary>
internal sealed class AudioFiles
{
    private const int MaximumDepth = 64;

    // What is read by ourselves, then what ffmpeg reads. Lists of the data sets' own files lie beside, so that not all is tried.
    private static readonly HashSet<string> s_extensions = new(
        [
            ".wav", ".wave", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".flac", ".ogg", ".oga",
            ".opus", ".mp1", ".mp2", ".mp3", ".mpga",
            ".m4a", ".aac", ".mp4", ".m4v", ".mov", ".mkv", ".mka", ".avi", ".wma", ".wmv", ".webm", ".weba", ".amr", ".3gp", ".ac3",
        ],
        StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, AudioFile> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<AudioFile>> _byPlace = new(StringComparer.Ordinal);
    private readonly Lazy<ILookup<string, AudioFile>> _byStem;

    /// <summary>Lists recordings.</summary>
    /// <param name="root">The full path of the folder that names start from.</param>
    /// <param name="folders">The folders to list, below the root or the root itself ("").</param>
    public AudioFiles(string root, params IReadOnlyList<string> folders)
    {
        foreach (string folder in folders)
        {
            foreach (FileInfo file in List(Path.Combine(root, folder)))
            {
                Add(root, file);
            }
        }

        _byStem = new(
            () => _byName.Values.ToLookup(file => Path.GetFileNameWithoutExtension(file.Name), StringComparer.Ordinal));
    }

    /// <summary>The recordings below a folder, one by one as they are found: of millions, none is kept.</summary>
    /// <param name="root">The full path of the folder that names start from.</param>
    /// <exception cref="InvalidDataException">A link leads to a folder that it is in, or folders lie too deep.</exception>
    public static IEnumerable<(string Name, FileInfo File)> Below(string root) =>
        List(root).Select(file => (NameOf(root, file), file));

    /// <summary>All recordings, in the order of their names.</summary>
    public IEnumerable<AudioFile> All => _byName.Values.OrderBy(file => file.Name, StringComparer.Ordinal);

    /// <summary>
    /// The recordings that a list may mean by a name: the one of that name, or else those in the same place that differ in
    /// the extension, as where recordings were converted.
    /// </summary>
    public IReadOnlyList<AudioFile> Find(string name) =>
        _byName.TryGetValue(name, out AudioFile? file) ? [file] : _byPlace.GetValueOrDefault(WithoutExtension(name)) ?? [];

    /// <summary>The recordings in any folder whose names without extension are among some.</summary>
    public IReadOnlyList<AudioFile> FindStems(IEnumerable<string> stems) =>
        [.. stems.Distinct(StringComparer.Ordinal).SelectMany(stem => _byStem.Value[stem])];

    private static IEnumerable<FileInfo> List(string folder)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = false,
        };

        // macOS writes a file "._a.wav" of attributes beside "a.wav" on disks that are not its own.
        return new FileSystemEnumerable<FileInfo>(
            folder, (ref FileSystemEntry entry) => (FileInfo)entry.ToFileSystemInfo(), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory
                && !entry.FileName.StartsWith("._", StringComparison.Ordinal)
                && s_extensions.Contains(Path.GetExtension(entry.FileName).ToString()),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => IsBelow(ref entry),
        };
    }

    // Links to folders are followed, as data sets have them; one to a folder around it would list the same files for ever.
    private static bool IsBelow(ref FileSystemEntry entry)
    {
        if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint)
            && entry.ToFileSystemInfo().ResolveLinkTarget(returnFinalTarget: true) is { } target
            && (entry.Directory.ToString() + Path.DirectorySeparatorChar).StartsWith(
                Path.TrimEndingDirectorySeparator(target.FullName) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"'{entry.ToFullPath()}' is a link to '{target.FullName}', which it is in; "
                + "expected folders without such loops.");
        }

        return entry.Directory[entry.RootDirectory.Length..].Count(Path.DirectorySeparatorChar) < MaximumDepth
            ? true
            : throw new InvalidDataException(
                $"'{entry.ToFullPath()}' lies more than {MaximumDepth} folders deep; expected {MaximumDepth} at most.");
    }

    private static string NameOf(string root, FileInfo file) =>
        Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');

    private static string WithoutExtension(string name) => Path.ChangeExtension(name, null);

    private void Add(string root, FileInfo file)
    {
        string name = NameOf(root, file);
        FileSystemInfo? target = file.Attributes.HasFlag(FileAttributes.ReparsePoint) ? file.ResolveLinkTarget(true) : file;
        var audio = new AudioFile(name, file.FullName, target is FileInfo { Exists: true, Length: > 0 });
        if (_byName.TryAdd(name, audio))
        {
            string place = WithoutExtension(name);
            if (!_byPlace.TryGetValue(place, out List<AudioFile>? same))
            {
                _byPlace.Add(place, same = []);
            }

            same.Add(audio);
        }
    }
}

/// <summary>A recording on disk.</summary>
/// <param name="Name">Its path from the folder that was listed, with '/'.</param>
/// <param name="FullPath">Its full path.</param>
/// <param name="HasContent">Whether it is longer than 0 bytes.</param>
internal sealed record AudioFile(string Name, string FullPath, bool HasContent)
{
    /// <summary>Whether a clip is in it.</summary>
    public bool IsUsed { get; set; }
}
