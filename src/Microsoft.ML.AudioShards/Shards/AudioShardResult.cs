namespace Microsoft.ML.AudioShards;

/// <summary>A shard that is scored.</summary>
public sealed record AudioShardResult
{
    internal AudioShardResult()
    {
    }

    /// <summary>The part, a Parquet file.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The list of the recordings that have no row, and why; a Parquet file with the columns path and reason.
    /// </summary>
    public required string UnscoredPath { get; init; }

    /// <summary>Recordings of the shard.</summary>
    public required int Files { get; init; }

    /// <summary>Recordings that have no row.</summary>
    public required int Unscored { get; init; }

    /// <summary>Recordings that an earlier run had scored.</summary>
    public required int Resumed { get; init; }
}
