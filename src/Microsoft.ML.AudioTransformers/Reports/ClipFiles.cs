using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Files of evaluated rows: path, offset and duration.</summary>
internal static class ClipFiles
{
    private const int UsualRate = 16_000;

    /// <summary>Sample rate of the sounds: that of the options, else that of the view's last column of audio or features, else
    /// 16 kHz.</summary>
    public static int SampleRate(AudioReportOptions options)
    {
        if (options.SampleRate > 0)
        {
            return options.SampleRate;
        }

        IEnumerable<int> rates = (options.Clips?.Schema ?? Enumerable.Empty<DataViewSchema.Column>())
            .Select(column => AudioAnnotations.FindInt32(column, AudioAnnotations.SampleRate) ?? 0)
            .Where(rate => rate is > 0 and <= 192_000);
        return rates.LastOrDefault(UsualRate);
    }

    /// <summary>Adds the files to clips by their rows. Only the columns of the files are read, in one pass.</summary>
    /// <param name="clips">Clips.</param>
    /// <param name="evaluated">Rows of the evaluated view.</param>
    /// <param name="options">Options with the view and its columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">
    /// The view has fewer or more rows than were evaluated, or a time is not finite.
    /// </exception>
    public static void AddByRow(IReadOnlyList<ReportClip> clips, long evaluated, AudioReportOptions options)
    {
        Dictionary<long, ReportClip> wanted = clips.ToDictionary(clip => clip.Row);
        long rows = Read(options, nameColumn: null, (row, _) => wanted.GetValueOrDefault(row));
        if (rows != evaluated)
        {
            throw new ArgumentException(
                $"{nameof(options.Clips)} has {rows} rows, and {evaluated} were evaluated; expected the rows that were evaluated, "
                + "in their order: where loading skips damaged files, the view after it.",
                nameof(options));
        }
    }

    /// <summary>Adds the files to clips by their names: the first row of each.</summary>
    /// <param name="clips">Clips by name.</param>
    /// <param name="options">Options with the view and its columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">A time is not finite.</exception>
    public static void AddByName(IReadOnlyDictionary<string, ReportClip> clips, AudioReportOptions options)
    {
        var left = new Dictionary<string, ReportClip>(clips);
        Read(options, options.ClipColumnName, (_, name) => left.Remove(name, out ReportClip? clip) ? clip : null);
    }

    private static long Read(AudioReportOptions options, string? nameColumn, Func<long, string, ReportClip?> find)
    {
        DataViewSchema schema = options.Clips!.Schema;
        DataViewSchema.Column path = SchemaChecks.GetColumn(schema, options.PathColumnName, "Path");
        if (path.Type is not TextDataViewType)
        {
            throw SchemaChecks.WrongType(path.Name, "Path", "text, the path of an audio file", path.Type);
        }

        DataViewSchema.Column? name = Optional(nameColumn, "Clip");
        DataViewSchema.Column? offset = Optional(options.OffsetColumnName, "Offset");
        DataViewSchema.Column? duration = Optional(options.DurationColumnName, "Duration");
        using DataViewRowCursor cursor = options.Clips.GetRowCursor(
            [path, .. new[] { name, offset, duration }.OfType<DataViewSchema.Column>()]);
        Func<string[]> paths = ColumnReaders.Names(cursor, path, "Path");
        Func<string[]>? names = name is { } nameOf ? ColumnReaders.Names(cursor, nameOf, "Clip") : null;
        Func<double[]>? offsets = offset is { } offsetOf ? ColumnReaders.Numbers(cursor, offsetOf, "Offset") : null;
        Func<double[]>? durations = duration is { } durationOf ? ColumnReaders.Numbers(cursor, durationOf, "Duration") : null;
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            if (find(rows, names is null ? "" : string.Concat(names())) is { } clip)
            {
                clip.File = paths()[0];
                clip.Offset = Seconds(offsets, options.OffsetColumnName, rows);
                clip.Duration = Seconds(durations, options.DurationColumnName, rows) is > 0 and double seconds
                    ? seconds : clip.Duration;
            }
        }

        return rows;

        DataViewSchema.Column? Optional(string? column, string role) =>
            column is null ? null : SchemaChecks.GetColumn(schema, column, role);
    }

    private static double? Seconds(Func<double[]>? read, string? column, long row)
    {
        if (read is null)
        {
            return null;
        }

        return read() is [var value] && value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentException($"Row {row} has no time in column '{column}'; expected seconds, 0 or more.");
    }
}
