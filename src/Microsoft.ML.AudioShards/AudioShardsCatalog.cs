using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioShards;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.AudioShards.Shards;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Scoring of very many recordings by any number of processes, each of which takes a shard of them.</summary>
/// <example>
/// <code>
/// var options = new AudioShardOptions { ModelName = "my-sounds 3", Shard = AudioShard.Parse("auto/8") };
/// ITransformer model = mlContext.Model.Load("my-sounds.zip", out DataViewSchema inputSchema);
/// mlContext.ScoreShard(model, inputSchema, "recordings", "scores", options);
/// IDataView scores = mlContext.Data.LoadScores("scores");
/// </code>
/// </example>
public static class AudioShardsCatalog
{
    /// <summary>
    /// Scores the recordings of a shard into a Parquet file. A run that was stopped, or killed, goes on where it was; one that
    /// is finished is not repeated. Each recording is scored by itself, so that its numbers are the same whatever the shards.
    /// </summary>
    /// <param name="mlContext">The context; told of the progress.</param>
    /// <param name="model">Model that reads recordings by a column of paths, safe for several threads.</param>
    /// <param name="inputSchema">
    /// Schema of the rows that the model was trained with, as <c>mlContext.Model.Load</c> and the training data tell it; null for
    /// a column of paths alone. Its other columns, such as the labels, may be of any type, and have no values: steps that make
    /// keys of them are part of many models, and no score depends on them.
    /// </param>
    /// <param name="folder">Folder of the recordings, those in folders within it among them.</param>
    /// <param name="output">Folder of the parts, one for each scoring; made where it is missing.</param>
    /// <param name="options">Options.</param>
    /// <param name="cancellationToken">Ends the scoring; what is finished stays. Default: none.</param>
    /// <returns>Where the part is, and how many recordings could not be read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is outside its range; the schema or the model has no such column, or one of another type; or what is to be
    /// written depends on other columns than the path.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">The output has parts of another number of shards or of another model, or the
    /// folder has no recording.</exception>
    /// <exception cref="IOException">Another process scores this shard, or a file cannot be read or written now.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public static AudioShardResult ScoreShard(
        this MLContext mlContext,
        ITransformer model,
        DataViewSchema? inputSchema,
        string folder,
        string output,
        AudioShardOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(output);
        ArgumentNullException.ThrowIfNull(options);
        options = OptionCheck.Copy(options);
        OptionCheck.All(options);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'; expected one with recordings.");
        }

        using IChannel channel = ((IHostEnvironment)mlContext).Register("AudioShards").Start("Score");
        DataViewSchema schema = ClipRow.CreateSchema(inputSchema, options.PathColumnName);
        return new ShardRun(model, schema, Path.GetFullPath(folder), Path.GetFullPath(output), options, channel)
            .Run(cancellationToken);
    }

    /// <summary>
    /// Reads the parts of all shards, in the order of their paths. The columns are Path and, of scores, PredictedLabel and Score
    /// with a named slot a class; of events, Label, Onset, Offset and Score, in a row each; of embeddings, Embedding.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">Folder of the parts.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">Parts are missing or damaged, or not all of one scoring.</exception>
    /// <exception cref="IOException">A part cannot be opened. All are open at once, with some 1 MB each.</exception>
    public static IDataView LoadScores(this DataOperationsCatalog catalog, string folder)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new JoinedParts(folder).ToDataView(new MLContext());
    }

    /// <summary>Reads which recordings of all shards have no scores, in the order of their paths.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">Folder of the parts.</param>
    /// <returns>Path and reason of each.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">Parts are missing or damaged, or not all of one scoring.</exception>
    /// <exception cref="IOException">A part cannot be opened. All are open at once, with some 1 MB each.</exception>
    public static IEnumerable<KeyValuePair<string, string>> LoadUnscored(this DataOperationsCatalog catalog, string folder)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new JoinedParts(folder).Unscored().Select(row => KeyValuePair.Create(row.Path, row.Label));
    }

    /// <summary>Writes the parts of all shards as one Parquet file, in the order of their paths; the same whatever the shards.
    /// </summary>
    /// <param name="catalog">The catalog, <c>mlContext.Data</c>.</param>
    /// <param name="folder">Folder of the parts.</param>
    /// <param name="path">The file; it is replaced as a whole or not at all.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">Parts are missing or damaged, or not all of one scoring.</exception>
    /// <exception cref="IOException">A part cannot be opened. All are open at once, with some 1 MB each.</exception>
    public static void JoinScores(this DataOperationsCatalog catalog, string folder, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var parts = new JoinedParts(folder);
        PartWriter.Write(path, parts.Header, parts.Rows());
    }
}
