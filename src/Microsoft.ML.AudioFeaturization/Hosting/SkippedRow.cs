using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>A row that is left out, since its recording cannot be read.</summary>
/// <param name="Row">The row, counted from 0 in the view that it is missing from.</param>
/// <param name="File">The recording's file; empty where it is not known.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record SkippedRow(long Row, string File, string Reason)
{
    /// <summary>Key of the file's path in the data of exceptions about a row.</summary>
    public const string FileKey = "AudioFile";

    // Key in the data of an exception about what was asked of a row, rather than about its recording.
    private const string RequestKey = "WrongRequest";

    /// <summary>Marks an exception as one about what was asked, which no row is left out for.</summary>
    public static Exception AsWrongRequest(Exception exception)
    {
        exception.Data[RequestKey] = true;
        return exception;
    }

    /// <summary>Whether an exception says that one row has nothing to give.</summary>
    public static bool IsReason(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause.Data.Contains(RequestKey))
            {
                return false;
            }
        }

        return exception is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException;
    }

    /// <summary>The row that an exception leaves out.</summary>
    public static SkippedRow FromException(long row, Exception exception)
    {
        string? file = null;
        for (Exception? cause = exception; cause is not null && file is null; cause = cause.InnerException)
        {
            file = cause.Data[FileKey] as string;
        }

        return new SkippedRow(row, file ?? "", exception.Message);
    }

    /// <summary>The rows that a column's view left out so far: <see cref="AnnotationKinds.SkippedRows"/>.</summary>
    public static SkippedRow[] Of(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.SkippedRows) is null)
        {
            return [];
        }

        VBuffer<ReadOnlyMemory<char>> texts = default;
        column.Annotations.GetValue(AnnotationKinds.SkippedRows, ref texts);
        return [.. texts.DenseValues().Select(text => Parse(text.ToString()))];
    }

    /// <summary>Row, file and reason, separated by tabs.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Row}\t{Plain(File)}\t{Plain(Reason)}");

    private static SkippedRow Parse(string text)
    {
        string[] cells = text.Split('\t');
        return new SkippedRow(long.Parse(cells[0], CultureInfo.InvariantCulture), cells[1], cells[2]);
    }

    private static string Plain(string text) => string.Join(' ', text.Split('\t', '\r', '\n'));
}
