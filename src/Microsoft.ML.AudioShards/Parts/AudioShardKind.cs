namespace Microsoft.ML.AudioShards;

/// <summary>What is written of a recording.</summary>
public enum AudioShardKind
{
    /// <summary>A row a recording: <c>path</c>, <c>label</c> (the likeliest class) and <c>scores</c>, one a class.</summary>
    Scores,

    /// <summary>A row a sound event: <c>path</c>, <c>label</c>, <c>onset</c>, <c>offset</c> (seconds) and <c>score</c>.</summary>
    Events,

    /// <summary>A row a recording: <c>path</c> and <c>embedding</c>.</summary>
    Embeddings,
}
