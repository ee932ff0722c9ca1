using System.Globalization;
using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioDatasets;

/// <summary>
/// Data set of audio as it lies on disk: its clips as data views, split as its authors split it, its classes, and a report
/// of what was found. The lists are read when it is loaded; recordings are read by the pipeline.
/// </summary>
/// <remarks>
/// All views have the columns <c>Path</c> (text), <c>Clip</c> (text: the name in the lists), <c>Start</c> and
/// <c>Duration</c> (Double: seconds of the recording before the clip, and of the clip; 0 for all of it), which <see
/// cref="AudioLoadingEstimator.Options"/> takes as OffsetColumnName and DurationColumnName. The others are the data set's:
/// labels are text or vectors of text, which <c>MapLabelToKey</c> turns into keys in the official order.
/// </remarks>
public sealed class AudioDataset
{
    private readonly DataOperationsCatalog _catalog;
    private readonly List<Clip> _clips;
    private readonly IReadOnlyList<ClipColumn> _columns;
    private readonly SplitRoles _roles;

    internal AudioDataset(
        DataOperationsCatalog catalog,
        AudioDatasetReport report,
        List<Clip> clips,
        IReadOnlyList<ClipColumn> columns,
        SplitRoles roles)
    {
        _catalog = catalog;
        _clips = clips;
        _columns = columns;
        _roles = roles;
        Report = report;
        LabelSets = columns.Where(column => column.Labels is not null)
            .ToDictionary(column => column.Name, column => column.Labels!);
    }

    /// <summary>The name, such as "ESC-50".</summary>
    public string Name => Report.Dataset;

    /// <summary>What was found in the folder.</summary>
    public AudioDatasetReport Report { get; }

    /// <summary>The label set of each column with labels: of "Label", or of "Verb" and "Noun".</summary>
    public IReadOnlyDictionary<string, AudioLabelSet> LabelSets { get; }

    /// <summary>The label set of column "Label".</summary>
    /// <exception cref="InvalidOperationException">There is no such column; <see cref="LabelSets"/> has those there
    /// are.</exception>
    public AudioLabelSet Classes => LabelSets.TryGetValue("Label", out AudioLabelSet? labels)
        ? labels
        : throw new InvalidOperationException(
            $"{Name} has no column 'Label' with classes; those with label sets are {string.Join(", ", LabelSets.Keys)}.");

    /// <summary>The names of the splits that have clips.</summary>
    public IReadOnlyList<string> Splits => [.. Report.Splits.Keys];

    /// <summary>The names of the folds that have clips.</summary>
    public IReadOnlyList<string> Folds => [.. Report.Folds.Keys];

    /// <summary>All clips.</summary>
    public IDataView All => View(_clips.Where(clip => !_roles.Aside.Contains(clip.Split)));

    /// <summary>The clips to train on, where the authors say which.</summary>
    /// <exception cref="InvalidOperationException">The data set has no such split, or the folder has no clip of
    /// it.</exception>
    public IDataView Train => Role(_roles.Train, "training set");

    /// <summary>The clips to choose by, where the authors say which.</summary>
    /// <exception cref="InvalidOperationException">The data set has no such split, or the folder has no clip of
    /// it.</exception>
    public IDataView Validation => Role(_roles.Validation, "validation set");

    /// <summary>The clips to report, where the authors say which.</summary>
    /// <exception cref="InvalidOperationException">The data set has no such split, or the folder has no clip of
    /// it.</exception>
    public IDataView Test => Role(_roles.Test, "test set");

    /// <summary>The clips of a split.</summary>
    /// <param name="name">The split, one of <see cref="Splits"/>.</param>
    /// <exception cref="ArgumentException">The folder has no clip of such a split.</exception>
    public IDataView Split(string name) => Report.Splits.ContainsKey(name)
        ? View(_clips.Where(clip => clip.Split == name))
        : throw new ArgumentException($"{Name} has no clip of split '{name}'{Among(Splits)}.", nameof(name));

    /// <summary>The clips of a fold, to test on.</summary>
    /// <param name="fold">The fold, one of <see cref="Folds"/>.</param>
    /// <exception cref="ArgumentException">There is no such fold.</exception>
    public IDataView Fold(int fold) => View(_clips.Where(IsIn(fold)));

    /// <summary>The clips of all other folds, to train on.</summary>
    /// <param name="fold">The fold to leave out, one of <see cref="Folds"/>.</param>
    /// <exception cref="ArgumentException">There is no such fold.</exception>
    public IDataView FoldTraining(int fold)
    {
        Func<Clip, bool> isIn = IsIn(fold);
        return View(_clips.Where(clip => !isIn(clip)));
    }

    /// <summary>
    /// The classes that have a clip to train on, in their official order: EPIC-KITCHENS-100 has 293 such nouns of 300.
    /// </summary>
    /// <param name="column">The column with the labels, one class a clip. Default: Label.</param>
    /// <exception cref="ArgumentException">The data set has no such column.</exception>
    public AudioLabelSet TrainedClasses(string column = "Label")
    {
        ClipColumn labels = _columns.FirstOrDefault(item => item.Name == column && item.Labels is not null)
            ?? throw new ArgumentException(
                $"{Name} has no column '{column}' with labels{Among([.. LabelSets.Keys])}.", nameof(column));
        Func<Clip, IEnumerable<string>> read = labels.Field switch
        {
            nameof(Clip.Label) => clip => [clip.Label],
            nameof(Clip.Verb) => clip => [clip.Verb],
            nameof(Clip.Noun) => clip => [clip.Noun],
            nameof(Clip.Labels) => clip => clip.Labels,
            _ => clip => labels.Labels!.Labels.Where((_, place) => clip.LabelMask[place] == 1),
        };
        HashSet<string> present = [.. OfRole(_roles.Train, "training set").SelectMany(read)];
        return new AudioLabelSet(
            $"{labels.Labels!.Name}, trained classes", labels.Labels.Labels.Where(present.Contains));
    }

    /// <summary>The report.</summary>
    public override string ToString() => Report.ToString();

    private static string Among(IReadOnlyList<string> names) =>
        names.Count > 0 ? $"; it has {string.Join(", ", names)}" : "";

    private IDataView View(IEnumerable<Clip> clips) =>
        _catalog.LoadFromEnumerable([.. clips], ClipColumn.ToSchema(_columns));

    private IDataView Role(string[] splits, string what) => View(OfRole(splits, what));

    private IEnumerable<Clip> OfRole(string[] splits, string what)
    {
        if (splits.Length == 0)
        {
            string hint = Folds.Count > 0 ? " It has folds: use Fold and FoldTraining." : "";
            throw new InvalidOperationException($"{Name} has no official {what}.{hint}");
        }

        return splits.Any(Report.Splits.ContainsKey)
            ? _clips.Where(clip => splits.Contains(clip.Split))
            : throw new InvalidOperationException(
                $"{Name}: the {what} is {string.Join(" and ", splits)}, of which '{Report.Folder}' has no "
                + $"clip{Among(Splits)}.");
    }

    private Func<Clip, bool> IsIn(int fold)
    {
        string name = fold.ToString(CultureInfo.InvariantCulture);
        return Report.Folds.ContainsKey(name)
            ? clip => clip.Fold == name
            : throw new ArgumentException($"{Name} has no fold {name}{Among(Folds)}.", nameof(fold));
    }
}
