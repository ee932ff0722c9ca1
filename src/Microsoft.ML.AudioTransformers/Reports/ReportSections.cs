using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Section of a report, as the page's script draws it; <paramref name="Kind"/> names the script's function.</summary>
internal abstract record ReportSection(string Kind, string Title)
{
    /// <summary>What the section shows, in a sentence or two; null for nothing to say.</summary>
    public string? About { get; init; }
}

/// <summary>Metrics with their intervals, and what they mean.</summary>
internal sealed record NumbersSection(string Title, IReadOnlyList<ReportNumber> Items) : ReportSection("numbers", Title);

/// <summary>A metric; without an interval, its ends are NaN.</summary>
internal sealed record ReportNumber(string Name, double Value, string Meaning)
{
    public double Low { get; init; } = double.NaN;

    public double High { get; init; } = double.NaN;

    public double Level { get; init; } = 0.95;

    /// <summary>A metric with an interval; without it where resamples are so biased that the metric itself is not in it, as
    /// those of means over classes are where classes have few clips.</summary>
    public static ReportNumber Of(string name, ConfidenceInterval interval, string meaning) =>
        interval.Estimate < interval.Lower || interval.Estimate > interval.Upper
            ? new(name, interval.Estimate, $"{meaning} There is no interval: classes have too few clips to resample them.")
            : new(name, interval.Estimate, meaning)
            {
                Low = interval.Lower, High = interval.Upper, Level = interval.Level,
            };
}

/// <summary>Names with values.</summary>
/// <param name="Title">Title.</param>
/// <param name="Items">A name and a value each.</param>
/// <param name="Folded">Whether the reader opens it first.</param>
internal sealed record FactsSection(string Title, IReadOnlyList<string[]> Items, bool Folded = false)
    : ReportSection("facts", Title);

/// <summary>Code, with a button that copies it.</summary>
internal sealed record CodeSection(string Title, string Text) : ReportSection("code", Title);

/// <summary>Table that can be sorted and filtered.</summary>
/// <param name="Title">Title.</param>
/// <param name="Noun">What its rows are, such as "classes".</param>
/// <param name="Columns">Columns.</param>
/// <param name="Rows">Rows: a cell for each column.</param>
internal sealed record TableSection(
    string Title, string Noun, IReadOnlyList<ReportColumn> Columns, IReadOnlyList<object?[]> Rows) : ReportSection("table", Title)
{
    /// <summary>What a row opens: the index of a class whose clips are shown, or indices of clips; null for nothing.</summary>
    public IReadOnlyList<object>? Opens { get; init; }
}

/// <summary>Column; <paramref name="Kind"/> is text, count, number or share.</summary>
internal sealed record ReportColumn(string Name, string Kind, string? Meaning = null);

/// <summary>Axis with its label and its ticks: each a value and a text.</summary>
internal sealed record ReportAxis(string Label, double From, double To, bool Log, IReadOnlyList<object[]> Ticks)
{
    public static ReportAxis Of(string label, Axis axis, IEnumerable<(double Value, string Text)>? ticks = null) => new(
        label, axis.From, axis.To, axis.IsLogarithmic,
        [.. (ticks ?? axis.Ticks()).Select(tick => new object[] { tick.Value, tick.Text })]);
}

/// <summary>Curves over common axes, of which one is shown, or all.</summary>
internal sealed record CurvesSection(string Title, ReportAxis X, ReportAxis Y, IReadOnlyList<ReportCurve> Curves)
    : ReportSection("curves", Title)
{
    /// <summary>What the curves' T is, such as "threshold".</summary>
    public string? T { get; init; }

    /// <summary>What the curves' N counts, such as "clips".</summary>
    public string? N { get; init; }

    /// <summary>Whether all curves are shown; otherwise the reader chooses one.</summary>
    public bool Together { get; init; }

    /// <summary>Whether a line from corner to corner shows what would be perfect.</summary>
    public bool Diagonal { get; init; }

    /// <summary>Whether points are marked.</summary>
    public bool Dots { get; init; }
}

/// <summary>Curve; for each point, <paramref name="T"/> and <paramref name="N"/> are what the reader is told besides.</summary>
internal sealed record ReportCurve(
    string Name,
    IReadOnlyList<double> X,
    IReadOnlyList<double> Y,
    IReadOnlyList<double>? T = null,
    IReadOnlyList<double>? N = null);

/// <summary>Confusion matrix.</summary>
/// <param name="Title">Title.</param>
/// <param name="Labels">Indices of the classes among the page's; -1 for the row and column of all others.</param>
/// <param name="Others">Name of that row.</param>
/// <param name="Counts">Clips, (actual, predicted).</param>
/// <param name="Part">Which of a clip's labels it counts: 0 for the first.</param>
internal sealed record ConfusionSection(string Title, int[] Labels, string Others, int[][] Counts, int Part)
    : ReportSection("confusion", Title);

/// <summary>Clips to look at and to listen to: indices among the page's.</summary>
internal sealed record ClipsSection(string Title, IReadOnlyList<int> Clips) : ReportSection("clips", Title);

/// <summary>Slider that hides detected events whose score is lower.</summary>
internal sealed record ThresholdSection(string Title, double From, double To) : ReportSection("threshold", Title);

/// <summary>Metric of a sweep's trials against each parameter.</summary>
internal sealed record PanelsSection(string Title, IReadOnlyList<ReportPanel> Panels) : ReportSection("panels", Title);

/// <summary>Panel; a mark has a place on both axes, the trial's state (completed, pruned or best) and a text.</summary>
internal sealed record ReportPanel(ReportAxis X, ReportAxis Y, IReadOnlyList<object[]> Marks);

/// <summary>Clip of a report. The names are short, for there may be twenty thousand.</summary>
internal sealed record ReportClip
{
    /// <summary>Row in the evaluated view.</summary>
    [JsonPropertyName("r")]
    public required long Row { get; init; }

    /// <summary>Name; null for one that has only its file and its row.</summary>
    [JsonPropertyName("n")]
    public string? Name { get; init; }

    /// <summary>File; null if unknown.</summary>
    [JsonPropertyName("f")]
    public string? File { get; set; }

    /// <summary>Seconds from the start of the file; null for its start.</summary>
    [JsonPropertyName("o")]
    public double? Offset { get; set; }

    /// <summary>Seconds of the clip; null if unknown.</summary>
    [JsonPropertyName("d")]
    public double? Duration { get; set; }

    /// <summary>Seconds that are in the page; null for none.</summary>
    [JsonPropertyName("k")]
    public double? Kept { get; set; }

    /// <summary>Expected labels: indices of classes.</summary>
    [JsonPropertyName("e")]
    public int[] Expected { get; init; } = [];

    /// <summary>Predicted labels: indices of classes.</summary>
    [JsonPropertyName("p")]
    public int[] Predicted { get; init; } = [];

    /// <summary>Highest scores, and those of expected labels: index of the class, and score.</summary>
    [JsonPropertyName("s")]
    public double[][] Scores { get; init; } = [];

    /// <summary>Annotated events: index of the class, onset and offset in seconds; null for clips with labels.</summary>
    [JsonPropertyName("ref")]
    public double[][]? Reference { get; init; }

    /// <summary>Detected events: index of the class, onset, offset and score.</summary>
    [JsonPropertyName("det")]
    public double[][]? Detected { get; init; }

    /// <summary>WAV file; null for a clip that does not play.</summary>
    [JsonPropertyName("w")]
    public DataUri? Sound { get; set; }

    /// <summary>Spectrogram.</summary>
    [JsonPropertyName("i")]
    public DataUri? Picture { get; set; }

    /// <summary>Why it has no sound, or not all of it; null for no reason.</summary>
    [JsonPropertyName("x")]
    public string? Problem { get; set; }
}

/// <summary>Content of a file within the page.</summary>
/// <param name="Type">Media type.</param>
/// <param name="Content">Bytes.</param>
internal sealed record DataUri(string Type, byte[] Content)
{
    /// <summary>Bytes that it takes in the page.</summary>
    public long Length => (Content.Length + 2L) / 3 * 4 + Type.Length + 16;
}
