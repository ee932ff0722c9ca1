namespace Microsoft.ML.AudioDatasets.Tables;

/// <summary>Format of a table on disk.</summary>
/// <param name="Separator">The character between fields: ',' in CSV, '\t' in TSV.</param>
/// <param name="Columns">
/// With a header, the columns that it must have, in any order and among others; without one, the names of all columns in
/// order.
/// </param>
/// <param name="HasHeader">Whether the first line names the columns. Default: true.</param>
internal sealed record TableFormat(char Separator, IReadOnlyList<string> Columns, bool HasHeader = true)
{
    /// <summary>The character that starts lines to leave out, or null for none. Default: null.</summary>
    public char? Comment { get; init; }

    /// <summary>Whether spaces around fields, and before an opening quote, are no part of them. Default: false.</summary>
    public bool Trims { get; init; }

    /// <summary>
    /// Whether a quote is a character like any other, as in tables that were written without quoting. Default: false: fields
    /// are quoted as RFC 4180 has it.
    /// </summary>
    public bool HasPlainQuotes { get; init; }

    /// <summary>CSV with a header.</summary>
    public static TableFormat Csv(params string[] columns) => new(',', columns);

    /// <summary>TSV with a header.</summary>
    public static TableFormat Tsv(params string[] columns) => new('\t', columns);
}
