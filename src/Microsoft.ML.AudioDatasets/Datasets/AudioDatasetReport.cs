using System.Globalization;
using System.Text;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets;

/// <summary>What was found in the folder of a data set.</summary>
public sealed class AudioDatasetReport
{
    internal AudioDatasetReport(string dataset, string folder)
    {
        Dataset = dataset;
        Folder = folder;
    }

    /// <summary>The name of the data set.</summary>
    public string Dataset { get; }

    /// <summary>The full path of the folder.</summary>
    public string Folder { get; }

    /// <summary>The lists that were read, by their names in the folder.</summary>
    public IReadOnlyList<string> Lists { get; internal init; } = [];

    /// <summary>Official lists that the folder does not have.</summary>
    public IReadOnlyList<string> AbsentLists { get; internal init; } = [];

    /// <summary>The number of clips that the lists name.</summary>
    public int ListedCount { get; internal init; }

    /// <summary>The number of clips that can be read: those listed without those missing, empty or unreadable.</summary>
    public int ClipCount { get; internal init; }

    /// <summary>The number of clips of each split.</summary>
    public IReadOnlyDictionary<string, int> Splits { get; internal init; } = new Dictionary<string, int>();

    /// <summary>The number of clips of each fold.</summary>
    public IReadOnlyDictionary<string, int> Folds { get; internal init; } = new Dictionary<string, int>();

    /// <summary>
    /// The number of clips that the lists name for each split, or for each fold of a data set that has folds; whether they
    /// can be read or not.
    /// </summary>
    public IReadOnlyDictionary<string, int> Listed { get; internal init; } = new Dictionary<string, int>();

    /// <summary>
    /// The number of clips that the official lists have of each split or fold, as published; of splits without a published
    /// number there is none. What <see cref="Listed"/> has otherwise, a download of today lacks.
    /// </summary>
    public IReadOnlyDictionary<string, int> Published { get; internal init; } = new Dictionary<string, int>();

    /// <summary>Where the numbers of <see cref="Published"/> are from; empty where there are none.</summary>
    public string PublishedSource { get; internal init; } = "";

    /// <summary>
    /// What the lists have otherwise than is published, a text for each split or fold; splits whose list is not there are
    /// not among them.
    /// </summary>
    public IReadOnlyList<string> Differences { get; internal init; } = [];

    /// <summary>Listed recordings that are not there.</summary>
    public IReadOnlyList<string> Missing { get; internal init; } = [];

    /// <summary>Listed recordings of 0 bytes.</summary>
    public IReadOnlyList<string> Empty { get; internal init; } = [];

    /// <summary>
    /// Listed recordings whose headers cannot be read, each with the reason; only <see cref="AudioFileCheck.Headers"/> finds
    /// them.
    /// </summary>
    public IReadOnlyList<string> Unreadable { get; internal init; } = [];

    /// <summary>Recordings that no list names.</summary>
    public IReadOnlyList<string> Extra { get; internal init; } = [];

    /// <summary>Counts, and the first ten names of each kind.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Dataset}: {ClipCount} of {ListedCount} clips in '{Folder}'");
        Add("splits", Counts(Splits), isCounted: false);
        Add("folds", Counts(Folds), isCounted: false);
        Add("lists that are not there", AbsentLists);
        Add("published otherwise", Differences, isCounted: false);
        Add("missing", Missing);
        Add("empty", Empty);
        Add("unreadable", Unreadable);
        Add("in no list", Extra);
        return text.ToString();

        static string[] Counts(IReadOnlyDictionary<string, int> groups) =>
            [.. groups.Select(group => FormattableString.Invariant($"{group.Key}: {group.Value}"))];

        void Add(string what, IReadOnlyCollection<string> names, bool isCounted = true)
        {
            if (names.Count > 0)
            {
                text.Append('\n').Append(what).Append(": ").Append(
                    isCounted ? NameList.Of(names) : string.Join(", ", names));
            }
        }
    }
}
