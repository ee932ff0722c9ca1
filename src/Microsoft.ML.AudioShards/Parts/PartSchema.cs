using Parquet.Schema;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>The columns of a Parquet file of rows.</summary>
internal static class PartSchema
{
    // Of the numbers of a group's vectors: a reader of many parts holds a group of each.
    private const int GroupValues = 1 << 18;

    private const int MostGroupRows = 4096;

    /// <summary>Rows of a group: always as many, so that equal rows make equal files.</summary>
    public static int GroupRows(int width) => Math.Clamp(GroupValues / Math.Max(1, width), 1, MostGroupRows);

    /// <summary>The columns of rows of a kind.</summary>
    public static ParquetSchema Of(AudioShardKind kind) => new(kind switch
    {
        AudioShardKind.Scores => [Text("path"), Text("label"), Vector("scores")],
        AudioShardKind.Events => [Text("path"), Text("label"), Number("onset"), Number("offset"), Number("score")],
        _ => [Text("path"), Vector("embedding")],
    });

    /// <summary>The columns of recordings that have no row, and why.</summary>
    public static ParquetSchema Unscored { get; } = new(Text("path"), Text("reason"));

    private static DataField Text(string name) => new(name, typeof(string), isNullable: false);

    private static DataField Number(string name) => new DataField<float>(name, nullable: false);

    private static ListField Vector(string name) => new(name, new DataField<float>("element", nullable: false));
}
