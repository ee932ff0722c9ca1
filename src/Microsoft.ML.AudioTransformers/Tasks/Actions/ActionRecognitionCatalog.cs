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

    /// <summary>Trains a model to recognize actions, a verb and a noun each.</summary>
    /// <param name="options">The model, how it is trained, and the columns.</param>
    /// <returns>The trainer, which has copied the options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public ActionRecognitionTrainer Trainer(ActionRecognitionTrainer.Options options) => new(_mlContext, options);

    /// <summary>
    /// Evaluates scored clips. Only the four columns are read, once, row by row; clips without a verb or a noun are left
    /// out.
    /// </summary>
    /// <param name="data">The clips, with labels and scores.</param>
    /// <param name="verbColumnName">The verb: a key, or a number that counts verbs from 0.</param>
    /// <param name="nounColumnName">The noun: a key, or a number that counts nouns from 0.</param>
    /// <param name="verbScoreColumnName">The verbs' scores, a vector of Single with one slot a verb.</param>
    /// <param name="nounScoreColumnName">The nouns' scores, a vector of Single with one slot a noun.</param>
    /// <param name="probabilities">Whether scores are probabilities, so that an action's score is the product of its
    /// verb's and noun's; otherwise they are logits, and it is the sum, which ranks actions alike.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">There is no row with both labels, a value is not as above, or the classes of
    /// labels and scores differ.</exception>
    public ActionMetrics Evaluate(
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
        long skipped = 0;
        while (cursor.MoveNext())
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

        return collector.ToMetrics();
    }

    /// <summary>
    /// Fits an estimator once for each fold on the clips of the other folds, and evaluates it on the fold's clips.
    /// </summary>
    /// <param name="data">The clips.</param>
    /// <param name="estimator">What is fitted; its model adds the scores of verbs and nouns.</param>
    /// <param name="foldColumnName">Which fold a clip belongs to: text, a number or a key.</param>
    /// <param name="verbColumnName">The verb; see <see cref="Evaluate"/>.</param>
    /// <param name="nounColumnName">The noun; see <see cref="Evaluate"/>.</param>
    /// <param name="verbScoreColumnName">The verbs' scores; see <see cref="Evaluate"/>.</param>
    /// <param name="nounScoreColumnName">The nouns' scores; see <see cref="Evaluate"/>.</param>
    /// <param name="probabilities">Whether scores are probabilities; see <see cref="Evaluate"/>.</param>
    /// <param name="keepModels">Whether the folds' models are kept; otherwise each is disposed after its fold.</param>
    /// <exception cref="ArgumentException">There are fewer than two folds, or a clip has none; or see
    /// <see cref="Evaluate"/>.</exception>
    public FoldMetrics<ActionMetrics> CrossValidate(
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
}
