using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Adds action recognition to the context.</summary>
public static class ActionRecognitionCatalogExtensions
{
    /// <summary>Action recognition: clips with a verb and a noun each, which together are an action (EPIC-Kitchens).</summary>
    /// <param name="mlContext">Context.</param>
    /// <returns>The catalog of the task.</returns>
    public static ActionRecognitionCatalog ActionRecognition(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new ActionRecognitionCatalog(mlContext);
    }
}

/// <summary>Action recognition: clips with a verb and a noun each, which together are an action (EPIC-Kitchens).</summary>
public sealed class ActionRecognitionCatalog
{
    private readonly MLContext _mlContext;

    internal ActionRecognitionCatalog(MLContext mlContext) => _mlContext = mlContext;

    /// <summary>Creates a trainer of a model that recognizes actions, a verb and a noun each.</summary>
    /// <param name="options">Options of model, training and columns; the trainer copies them.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ActionRecognitionTrainer Trainer(ActionRecognitionTrainer.Options options) => new(_mlContext, options);

    /// <summary>
    /// Computes the metrics of scored clips. Only the four columns are read, in one pass; clips without a verb or a noun are
    /// left out.
    /// </summary>
    /// <param name="data">Clips with labels and scores.</param>
    /// <param name="verbColumnName">Verb column: a key, or a verb index counted from 0. Default: Verb.</param>
    /// <param name="nounColumnName">Noun column: a key, or a noun index counted from 0. Default: Noun.</param>
    /// <param name="verbScoreColumnName">Verb score column: a vector of Single, one slot a verb. Default: VerbScore.</param>
    /// <param name="nounScoreColumnName">Noun score column: a vector of Single, one slot a noun. Default: NounScore.</param>
    /// <param name="probabilities">Whether scores are probabilities, so that the score of an action is the product of those
    /// of its verb and noun; otherwise they are logits, and it is the sum, which ranks actions alike. Default: true.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">There is no row with both labels, a value is not as above, or the classes of
    /// labels and scores differ.</exception>
    public ActionRecognitionMetrics Evaluate(
        IDataView data,
        string verbColumnName = "Verb",
        string nounColumnName = "Noun",
        string verbScoreColumnName = "VerbScore",
        string nounScoreColumnName = "NounScore",
        bool probabilities = true)
    {
        ArgumentNullException.ThrowIfNull(data);
        IHost host = ((IHostEnvironment)_mlContext).Register("ActionRecognitionEvaluator");
        using IChannel channel = host.Start("Evaluate");
        DataViewSchema.Column verb = SchemaChecks.GetColumn(data.Schema, verbColumnName, "Verb");
        DataViewSchema.Column noun = SchemaChecks.GetColumn(data.Schema, nounColumnName, "Noun");
        DataViewSchema.Column verbScore = SchemaChecks.GetColumn(data.Schema, verbScoreColumnName, "Verb score");
        DataViewSchema.Column nounScore = SchemaChecks.GetColumn(data.Schema, nounScoreColumnName, "Noun score");
        var collector = new ActionCollector(
            EvaluatedClasses.Find(verbScore, verb), EvaluatedClasses.Find(nounScore, noun), probabilities);
        using DataViewRowCursor cursor = data.GetRowCursor([verb, noun, verbScore, nounScore]);
        Func<int> verbs = ColumnReaders.Label(cursor, verb);
        Func<int> nouns = ColumnReaders.Label(cursor, noun);
        Func<float[]> verbScores = ColumnReaders.Scores(cursor, verbScore);
        Func<float[]> nounScores = ColumnReaders.Scores(cursor, nounScore);
        long rows = 0;
        long skipped = 0;
        for (; cursor.MoveNext(); rows++)
        {
            if (verbs() is >= 0 and int verbIndex && nouns() is >= 0 and int nounIndex)
            {
                collector.Add(verbIndex, verbScores(), nounIndex, nounScores(), cursor.Position);
            }
            else
            {
                skipped++;
            }
        }

        if (skipped > 0)
        {
            channel.Warning(MessageSensitivity.None, "Left out {0} clips without a verb or a noun.", skipped);
        }

        collector.SetRowCount(rows);
        return collector.ToMetrics();
    }

    /// <summary>
    /// Cross-validation: for each fold, an estimator is fitted on the clips of the other folds and evaluated on the fold's own.
    /// </summary>
    /// <param name="data">Clips with labels and folds.</param>
    /// <param name="estimator">Estimator to fit; its model adds the scores of verbs and nouns.</param>
    /// <param name="foldColumnName">Fold column: text, a number or a key. Default: Fold.</param>
    /// <param name="verbColumnName">Verb column; see <see cref="Evaluate"/>.</param>
    /// <param name="nounColumnName">Noun column; see <see cref="Evaluate"/>.</param>
    /// <param name="verbScoreColumnName">Verb score column; see <see cref="Evaluate"/>.</param>
    /// <param name="nounScoreColumnName">Noun score column; see <see cref="Evaluate"/>.</param>
    /// <param name="probabilities">Whether scores are probabilities; see <see cref="Evaluate"/>.</param>
    /// <param name="keepModels">Whether the models of the folds are kept; otherwise each is disposed after its fold. Default:
    /// true.</param>
    /// <exception cref="ArgumentException">There are fewer than two folds, or a clip has none; or see
    /// <see cref="Evaluate"/>.</exception>
    public FoldMetrics<ActionRecognitionMetrics> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        string foldColumnName = "Fold",
        string verbColumnName = "Verb",
        string nounColumnName = "Noun",
        string verbScoreColumnName = "VerbScore",
        string nounScoreColumnName = "NounScore",
        bool probabilities = true,
        bool keepModels = true)
        => FoldCrossValidation.Run(
            _mlContext,
            data,
            estimator,
            foldColumnName,
            scored => Evaluate(
                scored, verbColumnName, nounColumnName, verbScoreColumnName, nounScoreColumnName, probabilities),
            keepModels);

    /// <summary>
    /// Trains the same pipeline from several seeds, and evaluates each model on a test set: papers give mean and deviation
    /// of such trainings.
    /// </summary>
    /// <param name="trainingSet">Clips to train on.</param>
    /// <param name="testSet">Clips to evaluate on.</param>
    /// <param name="estimator">Maker of the pipeline in a context, whose seed is the training's.</param>
    /// <param name="seeds">Seeds, at least two, none twice.</param>
    /// <param name="verbColumnName">Verb column; see <see cref="Evaluate"/>.</param>
    /// <param name="nounColumnName">Noun column; see <see cref="Evaluate"/>.</param>
    /// <param name="verbScoreColumnName">Verb score column; see <see cref="Evaluate"/>.</param>
    /// <param name="nounScoreColumnName">Noun score column; see <see cref="Evaluate"/>.</param>
    /// <param name="probabilities">Whether scores are probabilities; see <see cref="Evaluate"/>.</param>
    /// <param name="keepModels">Whether the models are kept; otherwise each is disposed after its evaluation. Default:
    /// true.</param>
    /// <exception cref="ArgumentException">There are fewer than two seeds, or one is there twice; or see
    /// <see cref="Evaluate"/>.</exception>
    public SeedMetrics<ActionRecognitionMetrics> TrainOverSeeds(
        IDataView trainingSet,
        IDataView testSet,
        Func<MLContext, IEstimator<ITransformer>> estimator,
        IEnumerable<int> seeds,
        string verbColumnName = "Verb",
        string nounColumnName = "Noun",
        string verbScoreColumnName = "VerbScore",
        string nounScoreColumnName = "NounScore",
        bool probabilities = true,
        bool keepModels = true)
        => SeedRuns.Run(
            _mlContext,
            trainingSet,
            testSet,
            estimator,
            seeds,
            scored => Evaluate(
                scored, verbColumnName, nounColumnName, verbScoreColumnName, nounScoreColumnName, probabilities),
            keepModels);
}
