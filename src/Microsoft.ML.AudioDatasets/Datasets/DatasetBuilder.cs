using Microsoft.ML.AudioDatasets.Tables;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>Collects the clips that a data set's lists name, and what is wrong with their recordings.</summary>
internal sealed class DatasetBuilder
{
    private readonly AudioDatasetOptions _options;
    private readonly List<Clip> _clips = [];
    private readonly List<string> _lists = [];
    private readonly List<string> _absent = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _empty = [];
    private readonly List<string> _unreadable = [];

    // What is known of a recording that was looked at before: many clips can be in one.
    private readonly Dictionary<string, (double Duration, string? Failure)> _headers = new(StringComparer.Ordinal);
    // How many clips the lists name of each split and of each fold.
    private readonly Dictionary<string, int> _listedSplits = [];
    private readonly Dictionary<string, int> _listedFolds = [];
    private readonly List<string> _differences = [];
    private int _listed;

    /// <summary>Starts with a folder.</summary>
    /// <param name="dataset">The name of the data set.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public DatasetBuilder(string dataset, string folder, AudioDatasetOptions? options)
    {
        _options = OptionCheck.Copy(options ?? new AudioDatasetOptions());
        OptionCheck.All(_options);
        Folder = new DatasetFolder(dataset, folder);
    }

    public DatasetFolder Folder { get; }

    /// <summary>Whether recordings are whole videos, from which clips are cut.</summary>
    public bool HasWholeVideos => _options.HasWholeVideos;

    /// <summary>The path of a list that has to be there, under one of some names.</summary>
    public string RequireList(params string[] names) => Note(Folder.RequireFile(names));

    /// <summary>The path of a list, or null, which the report then tells.</summary>
    public string? FindList(params string[] names)
    {
        string? path = Folder.FindFile(names);
        if (path is null)
        {
            _absent.Add(names[0]);
            return null;
        }

        return Note(path);
    }

    /// <summary>
    /// The recordings of a data set that comes without: those below <see cref="AudioDatasetOptions.AudioFolder"/>.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public AudioFiles ListAudioFolder()
    {
        string root = Path.GetFullPath(Path.Combine(Folder.Root, _options.AudioFolder ?? ""));
        return Directory.Exists(root)
            ? new AudioFiles(root, "")
            : throw new DirectoryNotFoundException($"{Folder.Dataset}: there is no folder '{root}' for its recordings.");
    }

    /// <summary>A label of a list.</summary>
    /// <exception cref="InvalidDataException">It is not in the label set.</exception>
    public static string LabelOf(TableRow row, string column, AudioLabelSet labels) => LabelOf(
        row, column, row[column], labels);

    /// <summary>One of several labels of a list.</summary>
    /// <exception cref="InvalidDataException">It is not in the label set.</exception>
    public static string LabelOf(TableRow row, string column, string label, AudioLabelSet labels) => labels.Contains(label)
        ? label
        : throw row.Wrong(column, $"labels of {labels}, of which '{label}' is none");

    /// <summary>Adds a clip that a list names, unless its recording is missing, empty or unreadable.</summary>
    /// <param name="clip">The clip; it gets the recording's path.</param>
    /// <param name="found">The recordings that the list may mean.</param>
    /// <exception cref="InvalidDataException">There are two.</exception>
    public void Add(Clip clip, IReadOnlyList<AudioFile> found)
    {
        _listed++;
        Count(_listedSplits, clip.Split);
        Count(_listedFolds, clip.Fold);
        if (found.Count > 1)
        {
            throw new InvalidDataException(
                $"{Folder.Dataset}: '{clip.Name}' may be any of "
                + $"{NameList.Of([.. found.Select(file => file.Name)])}; expected one.");
        }

        if (found.Count == 0)
        {
            _missing.Add(clip.Name);
            return;
        }

        AudioFile file = found[0];
        file.IsUsed = true;
        if (!file.HasContent)
        {
            _empty.Add(clip.Name);
            return;
        }

        if (_options.Check == AudioFileCheck.Headers)
        {
            if (DurationOf(file, clip.Name) is not { } duration)
            {
                return;
            }

            // A clip that has its own length keeps it.
            if (clip is { Start: 0, Duration: 0 })
            {
                clip.Duration = duration;
            }
        }

        clip.Path = file.FullPath;
        _clips.Add(clip);
    }

    /// <summary>Tells that a list has something otherwise than is published.</summary>
    public void AddDifference(string text) => _differences.Add(text);

    /// <summary>Makes the data set.</summary>
    /// <param name="catalog">The catalog that makes data views.</param>
    /// <param name="columns">The columns besides those of the recording.</param>
    /// <param name="roles">What the splits are for.</param>
    /// <param name="files">All recordings.</param>
    /// <param name="folds">The official folds, or none.</param>
    /// <exception cref="InvalidDataException">
    /// Recordings are missing, empty or unreadable and are not to be skipped, no clip is left, or a fold is empty.
    /// </exception>
    public AudioDataset Build(
        DataOperationsCatalog catalog,
        IReadOnlyList<ClipColumn> columns,
        SplitRoles roles,
        AudioFiles files,
        params IReadOnlyList<string> folds)
    {
        Dictionary<string, int> listed = folds.Count > 0 ? _listedFolds : _listedSplits;
        PublishedCounts? published = PublishedCounts.All.GetValueOrDefault(Folder.Dataset);
        var report = new AudioDatasetReport(Folder.Dataset, Folder.Root)
        {
            Listed = listed,
            Published = published?.Clips ?? new Dictionary<string, int>(),
            PublishedSource = published?.Source ?? "",
            Differences = [.. published is null ? [] : Compare(listed, published), .. _differences],
            Lists = _lists,
            AbsentLists = _absent,
            ListedCount = _listed,
            ClipCount = _clips.Count,
            Splits = Count(clip => clip.Split),
            Folds = Count(clip => clip.Fold),
            Missing = _missing,
            Empty = _empty,
            Unreadable = _unreadable,
            Extra = [.. files.All.Where(file => !file.IsUsed).Select(file => file.Name)],
        };
        Check(report, folds);
        return new AudioDataset(catalog, report, _clips, [.. ClipColumn.Recording, .. columns], roles);
    }

    private static IEnumerable<string> Compare(Dictionary<string, int> listed, PublishedCounts published) =>
        published.Clips
            .Where(group => listed.TryGetValue(group.Key, out int count) && count != group.Value)
            .Select(group => FormattableString.Invariant(
                $"{listed[group.Key]} of {group.Value} clips listed in {group.Key} ({published.Source})"));

    private static void Count(Dictionary<string, int> groups, string group)
    {
        if (group.Length > 0)
        {
            groups[group] = groups.GetValueOrDefault(group) + 1;
        }
    }

    private void Check(AudioDatasetReport report, IReadOnlyList<string> folds)
    {
        int problems = report.Missing.Count + report.Empty.Count + report.Unreadable.Count;
        if (_options.Problems == AudioFileProblems.Stop && problems > 0)
        {
            throw new InvalidDataException(
                $"{report.Dataset}: not all recordings of its lists can be read. Set AudioDatasetOptions.Problems to Skip "
                + $"to leave them out.\n{report}");
        }

        if (report.ClipCount == 0)
        {
            throw new InvalidDataException($"{report.Dataset}: there is no clip that can be read.\n{report}");
        }

        string[] empty = [.. folds.Where(fold => !report.Folds.ContainsKey(fold))];
        if (empty.Length > 0)
        {
            throw new InvalidDataException(
                $"{report.Dataset}: no clip of fold {string.Join(", ", empty)} can be read; "
                + $"expected all {folds.Count}.\n{report}");
        }
    }

    private double? DurationOf(AudioFile file, string name)
    {
        if (!_headers.TryGetValue(file.FullPath, out (double Duration, string? Failure) header))
        {
            header = ReadHeader(file.FullPath);
            _headers.Add(file.FullPath, header);
        }

        if (header.Failure is null)
        {
            return header.Duration;
        }

        _unreadable.Add($"{name}: {header.Failure}");
        return null;
    }

    private static (double Duration, string? Failure) ReadHeader(string path)
    {
        try
        {
            AudioInfo info = AudioInfo.Read(path);
            return info.Length == 0 ? (0, "it has no sample.") : (info.Duration.TotalSeconds, null);
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or IOException
            or UnauthorizedAccessException)
        {
            return (0, exception.Message);
        }
    }

    private SortedDictionary<string, int> Count(Func<Clip, string> group)
    {
        var order = Comparer<string>.Create((left, right) =>
            left.Length != right.Length && int.TryParse(left, out _) && int.TryParse(right, out _)
                ? left.Length - right.Length
                : string.CompareOrdinal(left, right));
        return new(_clips.Where(clip => group(clip).Length > 0).CountBy(group).ToDictionary(), order);
    }

    private string Note(string path)
    {
        string name = Path.GetRelativePath(Folder.Root, path).Replace(Path.DirectorySeparatorChar, '/');
        if (!_lists.Contains(name))
        {
            _lists.Add(name);
        }

        return path;
    }
}
