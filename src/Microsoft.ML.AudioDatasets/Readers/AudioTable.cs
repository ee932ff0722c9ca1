using System.Globalization;
using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>
/// A table of one's own: a CSV, or a TSV by its extension, with a header; a row a clip, or a row an event.
/// </summary>
internal sealed class AudioTable
{
    private readonly AudioTableColumns _columns;
    private readonly DatasetBuilder _builder;
    private readonly string _list;
    private readonly AudioLabelSet? _labels;

    private AudioTable(string path, AudioTableColumns columns, AudioLabelSet? labels, AudioDatasetOptions? options)
    {
        _columns = OptionCheck.Copy(columns);
        OptionCheck.All(_columns);
        ArgumentException.ThrowIfNullOrWhiteSpace(path, "file");
        string full = Path.GetFullPath(path);
        _builder = new DatasetBuilder($"Table {Path.GetFileName(full)}", Path.GetDirectoryName(full)!, options);
        _list = _builder.RequireList(Path.GetFileName(full));
        _labels = _columns.Label is null ? null : labels ?? FindLabels();
    }

    private TableFormat Format =>
        new(Path.GetExtension(_list) is ".tsv" or ".tab" ? '\t' : ',', [.. _columns.Names.Distinct()]);

    public static AudioDataset Read(
        DataOperationsCatalog catalog,
        string path,
        AudioTableColumns? columns,
        AudioLabelSet? labels,
        AudioDatasetOptions? options) =>
        new AudioTable(path, columns ?? new AudioTableColumns(), labels, options).Read(catalog);

    private AudioDataset Read(DataOperationsCatalog catalog)
    {
        string root = _builder.Folder.Root;
        Clip[] clips = [.. _columns.Onset is null ? Clips() : EventClips()];

        // A table may name recordings anywhere: their folders alone are listed.
        string[] folders = [.. clips.Select(clip => Path.GetDirectoryName(Path.GetFullPath(Path.Combine(root, clip.Name)))!)
            .Distinct(StringComparer.Ordinal).Where(Directory.Exists)];
        var files = new AudioFiles(root, [.. folders.Where(folder => !folders.Any(other => IsBelow(folder, other)))]);
        foreach (Clip clip in clips)
        {
            string name = Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, clip.Name)));
            _builder.Add(clip, files.Find(name.Replace(Path.DirectorySeparatorChar, '/')));
        }

        return _builder.Build(
            catalog, [.. Columns()], new SplitRoles(["train"], ["validation"], ["test"]), files);
    }

    private static bool IsBelow(string folder, string other) => folder.StartsWith(
        other.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private IEnumerable<ClipColumn> Columns()
    {
        if (_labels is not null)
        {
            ClipColumn[] labels = _columns.Onset is not null ? ClipColumn.Events(_labels)
                : _columns.LabelSeparator is not null ? [ClipColumn.Tags(_labels)]
                : [ClipColumn.Label(_labels)];
            foreach (ClipColumn column in labels)
            {
                yield return column;
            }
        }

        (string? Name, ClipColumn Column)[] others =
        [
            (_columns.Split, ClipColumn.Split), (_columns.Fold, ClipColumn.Fold),
            (_columns.Device, ClipColumn.Plain(nameof(Clip.Device))), (_columns.Participant, ClipColumn.Participant),
        ];
        foreach ((_, ClipColumn column) in others.Where(other => other.Name is not null))
        {
            yield return column;
        }
    }

    private IEnumerable<Clip> Clips()
    {
        foreach (TableRow row in Table.Read(_list, Format))
        {
            Clip clip = ClipOf(row);
            string[] labels = LabelsOf(row);
            if (_columns.LabelSeparator is null)
            {
                clip.Label = labels.Length == 0 ? "" : labels[0];
            }
            else
            {
                clip.Labels = labels;
            }

            yield return clip;
        }
    }

    private IEnumerable<Clip> EventClips()
    {
        var events = new EventClips();
        Dictionary<string, Clip> clips = new(StringComparer.Ordinal);
        foreach (TableRow row in Table.Read(_list, Format))
        {
            Clip clip = ClipOf(row);
            if (!clips.TryAdd(clip.Name, clip))
            {
                CheckSame(row, clips[clip.Name], clip);
            }

            if (LabelsOf(row) is [string label])
            {
                events.Add(row, clip.Name, label, _columns.Onset!, _columns.Offset!);
            }
            else
            {
                events.Add(clip.Name);
            }
        }

        return events.ToClips("").Select(item =>
        {
            Clip clip = clips[item.Name];
            (clip.Labels, clip.Onset, clip.Offset) = (item.Labels, item.Onset, item.Offset);
            return clip;
        });
    }

    /// <summary>Checks that an event's row says of its recording what the recording's first row says.</summary>
    private void CheckSame(TableRow row, Clip first, Clip clip)
    {
        (string? Column, string First, string Own)[] values =
        [
            (_columns.Split, first.Split, clip.Split), (_columns.Fold, first.Fold, clip.Fold),
            (_columns.Device, first.Device, clip.Device), (_columns.Participant, first.Participant, clip.Participant),
        ];
        foreach ((string? column, string known, string own) in values)
        {
            if (column is not null && known != own)
            {
                throw row.Wrong(column, $"'{known}', as in the first row of '{clip.Name}'");
            }
        }
    }

    private Clip ClipOf(TableRow row) => new()
    {
        Name = row.Text(_columns.Path),
        Split = _columns.Split is null ? "" : row[_columns.Split],
        Fold = _columns.Fold is null ? "" : row.Whole(_columns.Fold, 0, int.MaxValue).ToString(CultureInfo.InvariantCulture),
        Start = _columns.Start is null ? 0 : row.Seconds(_columns.Start),
        Duration = _columns.Duration is null ? 0 : row.Seconds(_columns.Duration),
        Device = _columns.Device is null ? "" : row[_columns.Device],
        Participant = _columns.Participant is null ? "" : row[_columns.Participant],
    };

    private string[] LabelsOf(TableRow row)
    {
        if (_columns.Label is not { } column || row[column].Length == 0)
        {
            return [];
        }

        string[] labels = _columns.LabelSeparator is { } separator
            ? row[column].Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [row[column]];
        return _labels is null
            ? labels
            : [.. labels.Select(label => DatasetBuilder.LabelOf(row, column, label, _labels))];
    }

    private AudioLabelSet FindLabels()
    {
        string[] labels = [.. Table.Read(_list, Format).SelectMany(row => LabelsOf(row)).Distinct().Order(
            StringComparer.Ordinal)];
        return labels.Length > 0
            ? new AudioLabelSet($"the labels of {Path.GetFileName(_list)}", labels)
            : throw new InvalidDataException($"{_builder.Folder.Dataset}: no row has a label in column {_columns.Label}.");
    }
}
