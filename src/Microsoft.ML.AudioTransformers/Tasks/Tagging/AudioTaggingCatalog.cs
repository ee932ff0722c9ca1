using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Adds audio tagging to the context.</summary>
public static class AudioTaggingCatalogExtensions
{
    /// <summary>Audio tagging: clips with any number of labels each (AudioSet, OpenMIC).</summary>
    /// <param name="mlContext">Context.</param>
    /// <returns>The catalog of the task.</returns>
    public static AudioTaggingCatalog AudioTagging(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new AudioTaggingCatalog(mlContext);
    }
}

/// <summary>Audio tagging: clips with any number of labels each (AudioSet, OpenMIC).</summary>
public sealed class AudioTaggingCatalog
{
    private readonly MLContext _mlContext;

    internal AudioTaggingCatalog(MLContext mlContext) => _mlContext = mlContext;

    /// <summary>Trains a model to tag clips.</summary>
    /// <param name="options">The model and how it is trained, such as <c>PasstOptions.AudioSet()</c>; the label column is a vector, of keys or with
    /// one slot a class.</param>
    /// <returns>The trainer, which has copied the options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public AudioTaggingTrainer Trainer(AudioTrainerOptions options) => new(_mlContext, options);

    /// <summary>Evaluates scored clips. Only the two columns are read, once, row by row.</summary>
    /// <param name="data">The clips, with labels and scores.</param>
    /// <param name="labelColumnName">
    /// The labels: a vector of Single (1 with the label, 0 without, NaN where nobody knows) or Boolean with one slot a
    /// class, or a vector of keys, the set of a clip's labels.
    /// </param>
    /// <param name="scoreColumnName">The scores, a vector of Single with one slot a class.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">There is no row, a value is not as above, or the classes of the two columns
    /// differ.</exception>
    public AudioTaggingMetrics Evaluate(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        ArgumentNullException.ThrowIfNull(data);
        IHost host = ((IHostEnvironment)_mlContext).Register("AudioTaggingEvaluator");
        using IChannel channel = host.Start("Evaluate");
        DataViewSchema.Column label = SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label");
        DataViewSchema.Column score = SchemaChecks.GetColumn(data.Schema, scoreColumnName, "Score");
        var collector = new AudioTaggingCollector(EvaluatedClasses.Find(score, label));
        using DataViewRowCursor cursor = data.GetRowCursor([label, score]);
        Func<float[]> labels = ColumnReaders.LabelSet(cursor, label);
        Func<float[]> scores = ColumnReaders.Scores(cursor, score);
        while (cursor.MoveNext())
        {
            collector.Add(labels(), scores());
        }

        AudioTaggingMetrics metrics = collector.ToMetrics();
        channel.Info(MessageSensitivity.None, "Evaluated {0} clips with {1} classes.", metrics.ClipCount, metrics.ClassNames.Count);
        return metrics;
    }

    /// <summary>
    /// Fits an estimator once for each fold on the clips of the other folds, and evaluates it on the fold's clips.
    /// </summary>
    /// <param name="data">The clips.</param>
    /// <param name="estimator">What is fitted; its model adds the scores.</param>
    /// <param name="foldColumnName">Which fold a clip belongs to: text, a number or a key.</param>
    /// <param name="labelColumnName">The labels; see <see cref="Evaluate"/>.</param>
    /// <param name="scoreColumnName">The scores; see <see cref="Evaluate"/>.</param>
    /// <param name="keepModels">Whether the folds' models are kept; otherwise each is disposed after its fold.</param>
    /// <exception cref="ArgumentException">There are fewer than two folds, or a clip has none; or see
    /// <see cref="Evaluate"/>.</exception>
    public FoldMetrics<AudioTaggingMetrics> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        string foldColumnName = "Fold",
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        bool keepModels = true)
        => FoldCrossValidation.Run(
            _mlContext,
            data,
            estimator,
            foldColumnName,
            scored => Evaluate(scored, labelColumnName, scoreColumnName),
            keepModels);
}
