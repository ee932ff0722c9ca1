using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Column names of events in a data view: one event a row, or one clip a row with a vector of the labels of its events, of
/// their onsets and of their offsets.
/// </summary>
public sealed class SoundEventColumns : IOptionGroup
{
    /// <summary>Clip column: the name of the clip, text or a key. Default: Clip.</summary>
    [Text]
    public string Clip = "Clip";

    /// <summary>Label column: the class, text or a key, or a vector of them. Default: Label.</summary>
    [Text]
    public string Label = "Label";

    /// <summary>Onset column: seconds, a number or a vector. Default: Onset.</summary>
    [Text]
    public string Onset = "Onset";

    /// <summary>Offset column: seconds, a number or a vector. Default: Offset.</summary>
    [Text]
    public string Offset = "Offset";

    /// <summary>Score column: how certain a model is, a number or a vector; null for a score of 1. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Score;

    /// <summary>Duration column: seconds of the clip, a number; null for unknown durations. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Duration;
}

/// <summary>Events of a data view, and the durations of its clips in seconds where it has them.</summary>
/// <remarks>
/// All columns of events are read here: a detector's, of Single (seven digits), and tables with other number types.
/// </remarks>
/// <param name="Events">Events, row by row; times in seconds.</param>
/// <param name="Durations">Duration of each clip in seconds; null without a duration column.</param>
internal sealed record SoundEventTable(List<SoundEvent> Events, Dictionary<string, double>? Durations)
{
    /// <summary>Reads all events of a view. Only the named columns are read, in one pass.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">A row has different numbers of labels, onsets, offsets or scores, or a clip has two durations.</exception>
    public static SoundEventTable Read(IDataView data, SoundEventColumns columns)
    {
        DataViewSchema.Column clip = SchemaChecks.GetColumn(data.Schema, columns.Clip, "Clip");
        DataViewSchema.Column label = SchemaChecks.GetColumn(data.Schema, columns.Label, "Label");
        DataViewSchema.Column onset = SchemaChecks.GetColumn(data.Schema, columns.Onset, "Onset");
        DataViewSchema.Column offset = SchemaChecks.GetColumn(data.Schema, columns.Offset, "Offset");
        DataViewSchema.Column? score = Optional(data.Schema, columns.Score, "Score");
        DataViewSchema.Column? duration = Optional(data.Schema, columns.Duration, "Duration");

        IEnumerable<DataViewSchema.Column> optional = new[] { score, duration }.OfType<DataViewSchema.Column>();
        using DataViewRowCursor cursor = data.GetRowCursor([clip, label, onset, offset, .. optional]);
        Func<string[]> clips = ColumnReaders.Names(cursor, clip, "Clip");
        Func<string[]> labels = ColumnReaders.Names(cursor, label, "Label");
        Func<double[]> onsets = ColumnReaders.Numbers(cursor, onset, "Onset");
        Func<double[]> offsets = ColumnReaders.Numbers(cursor, offset, "Offset");
        Func<double[]>? scores = score is { } scoreColumn ? ColumnReaders.Numbers(cursor, scoreColumn, "Score") : null;
        Func<double[]>? durations = duration is { } durationColumn
            ? ColumnReaders.Numbers(cursor, durationColumn, "Duration")
            : null;

        var table = new SoundEventTable([], durations is null ? null : []);
        while (cursor.MoveNext())
        {
            string name = One(clips(), columns.Clip, cursor);
            if (durations is not null)
            {
                table.AddDuration(name, One(durations(), columns.Duration!, cursor), cursor);
            }

            table.AddEvents(name, labels(), onsets(), offsets(), scores?.Invoke(), cursor);
        }

        return table;
    }

    private static DataViewSchema.Column? Optional(DataViewSchema schema, string? name, string role)
        => name is null ? null : SchemaChecks.GetColumn(schema, name, role);

    private static T One<T>(T[] values, string column, DataViewRow row) => values.Length == 1
        ? values[0]
        : throw new ArgumentException(
            $"Row {row.Position} has {values.Length} values in column '{column}'; expected one.");

    private void AddDuration(string clip, double duration, DataViewRow row)
    {
        // Another row of the clip may have it.
        if (IsEmpty(duration))
        {
            return;
        }

        if (!Durations!.TryAdd(clip, duration) && Durations[clip] != duration)
        {
            throw new ArgumentException(
                $"Row {row.Position} gives clip '{clip}' the duration {duration}; before, it was {Durations[clip]}.");
        }
    }

    private void AddEvents(
        string clip, string[] labels, double[] onsets, double[] offsets, double[]? scores, DataViewRow row)
    {
        if (onsets.Length != labels.Length || offsets.Length != labels.Length
            || (scores?.Length ?? labels.Length) != labels.Length)
        {
            throw new ArgumentException(
                $"Row {row.Position} (clip '{clip}') has {labels.Length} labels, {onsets.Length} onsets and {offsets.Length} " +
                $"offsets{(scores is null ? "" : $" and {scores.Length} scores")}; expected as many of each.");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            // A row without label and times stands for a clip without events (DESED's tables).
            bool hasTime = !IsEmpty(onsets[i]) || !IsEmpty(offsets[i]);
            if (labels[i].Length == 0 && !hasTime)
            {
                continue;
            }

            if (labels[i].Length == 0)
            {
                throw new ArgumentException(
                    $"Row {row.Position} (clip '{clip}') has an event from {onsets[i]} to {offsets[i]} s without a label.");
            }

            Events.Add(new SoundEvent(clip, labels[i], onsets[i], offsets[i], scores?[i] ?? 1));
        }
    }

    // ML.NET's text loader reads an empty cell as NaN or, unless told so, as 0.
    private static bool IsEmpty(double cell) => double.IsNaN(cell) || cell == 0;
}
