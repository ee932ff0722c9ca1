using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioShards;

/// <summary>Options of the scoring of a shard.</summary>
public sealed class AudioShardOptions : IOptionGroup
{
    /// <summary>The shard. Default: the only one.</summary>
    public AudioShard Shard = AudioShard.Whole;

    /// <summary>What is written of a recording. Default: scores.</summary>
    public AudioShardKind Kind = AudioShardKind.Scores;

    /// <summary>
    /// Column of the scores or embeddings, or what the names of an event's columns begin with; null for "Score", "Event" and
    /// "Embedding". Default: null.
    /// </summary>
    [Text(OrNull = true)]
    public string? ColumnName;

    /// <summary>Column of the path that the model reads recordings of. Default: "Path".</summary>
    [Text]
    public string PathColumnName = "Path";

    /// <summary>
    /// Recordings that are scored at a time, each by a thread of its own, 1 or more. A model that computes each of them on
    /// several threads too, as LibTorch does unless told otherwise, slows them down. Default: 1.
    /// </summary>
    [Whole(1, 1024)]
    public int Workers = 1;

    /// <summary>
    /// The most recordings of a piece, 1 or more: what is lost when the process is killed. A piece also ends after a minute.
    /// Default: 1000.
    /// </summary>
    [Whole(1)]
    public int PieceFiles = 1000;

    /// <summary>
    /// How many processes may die at a recording, killed or ended by an error in native code, before it is listed among those
    /// that cannot be read; 2 to 100. After the first death it is scored while no other is. A process that was told to end by
    /// its token, and one that threw, have not died. Default: 3.
    /// </summary>
    [Whole(2, 100)]
    public int MaxDeaths = 3;

    /// <summary>
    /// Name of the model, another for each model, such as the hash of its file. Only by it is what another model scored told
    /// apart, and neither resumed nor joined. Required.
    /// </summary>
    [Text("a name of the model, such as the hash of its file")]
    public required string ModelName = "";

    void IOptionGroup.CheckTogether(string prefix) =>
        OptionCheck.That(Shard.IsValid, Shard, prefix + nameof(Shard), "an index from 0 to n - 1 of n shards, 1 to 99999");
}
