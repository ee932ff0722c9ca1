using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;
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

    /// <summary>Creates a trainer of a model that tags clips.</summary>
    /// <param name="options">
    /// Options of model and training, such as <c>PasstOptions.AudioSet()</c>; the trainer copies them. The label column is a
    /// vector, of keys or with one slot a class.
    /// </param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public AudioTaggingTrainer Trainer(AudioTrainerOptions options) => new(_mlContext, options);

    /// <summary>
    /// Creates a trainer whose options are chosen by the training set: a small model and a recipe that learn it from random
    /// weights or, where <paramref name="change"/> sets <see cref="AudioTrainerOptions.PretrainedWeights"/>, the recipe with
    /// which the authors fine-tuned theirs. A message on ML.NET's channel tells what was chosen, in a line.
    /// </summary>
    /// <typeparam name="TOptions">Options of a model, such as <see cref="PasstOptions"/>.</typeparam>
    /// <param name="change">
    /// Changes the options that were chosen; null for none. It is called when the trainer is made, to learn the columns and to
    /// check ranges, and in each <c>Fit</c>. Default: null.
    /// </param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public AudioTaggingTrainer Trainer<TOptions>(Action<TOptions>? change = null)
        where TOptions : AudioTrainerOptions => new(_mlContext, RecipeChoice.Of(change));

    /// <summary>
    /// Chooses options by a training set, as <see cref="Trainer{TOptions}(Action{TOptions})"/> does: to print, to change, and
    /// to give to <c>Trainer</c>. Some of the clips are read for it.
    /// </summary>
    /// <typeparam name="TOptions">Options of a model, such as <see cref="PasstOptions"/>.</typeparam>
    /// <param name="trainingSet">Rows with a column of waveforms or of log-mel features.</param>
    /// <param name="change">Changes the options that were chosen; null for none. Default: null.</param>
    /// <returns>New options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or an option does not fit the
    /// clips.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or none that can be read.</exception>
    public TOptions OptionsFor<TOptions>(IDataView trainingSet, Action<TOptions>? change = null)
        where TOptions : AudioTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(trainingSet);
        IHost host = ((IHostEnvironment)_mlContext).Register(nameof(OptionsFor));
        using IChannel channel = host.Start(nameof(OptionsFor));
        return (TOptions)RecipeChoice.Of(change).For(trainingSet, channel);
    }

    /// <summary>Computes the metrics of scored clips. Only the two columns are read, in one pass.</summary>
    /// <param name="data">Clips with labels and scores.</param>
    /// <param name="labelColumnName">
    /// Label column: a vector of Single (1 positive, 0 negative, NaN unlabelled) or Boolean with one slot a class, or a
    /// vector of keys, the set of a clip's labels. Default: Label.
    /// </param>
    /// <param name="scoreColumnName">Score column: a vector of Single, one slot a class. Default: Score.</param>
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
        channel.Info(
            MessageSensitivity.None, "Evaluated {0} clips with {1} classes.", metrics.ClipCount, metrics.ClassNames.Count);
        return metrics;
    }

    /// <summary>
    /// Cross-validation: for each fold, an estimator is fitted on the clips of the other folds and evaluated on the fold's own.
    /// </summary>
    /// <param name="data">Clips with labels and folds.</param>
    /// <param name="estimator">Estimator to fit; its model adds the scores.</param>
    /// <param name="foldColumnName">Fold column: text, a number or a key. Default: Fold.</param>
    /// <param name="labelColumnName">Label column; see <see cref="Evaluate"/>.</param>
    /// <param name="scoreColumnName">Score column; see <see cref="Evaluate"/>.</param>
    /// <param name="keepModels">Whether the models of the folds are kept; otherwise each is disposed after its fold. Default:
    /// true.</param>
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

    /// <summary>
    /// Trains the same pipeline from several seeds, and evaluates each model on a test set: papers give mean and deviation
    /// of such trainings.
    /// </summary>
    /// <param name="trainingSet">Clips to train on.</param>
    /// <param name="testSet">Clips to evaluate on.</param>
    /// <param name="estimator">Maker of the pipeline in a context, whose seed is the training's.</param>
    /// <param name="seeds">Seeds, at least two, none twice.</param>
    /// <param name="labelColumnName">Label column; see <see cref="Evaluate"/>.</param>
    /// <param name="scoreColumnName">Score column; see <see cref="Evaluate"/>.</param>
    /// <param name="keepModels">Whether the models are kept; otherwise each is disposed after its evaluation. Default:
    /// true.</param>
    /// <exception cref="ArgumentException">There are fewer than two seeds, or one is there twice; or see
    /// <see cref="Evaluate"/>.</exception>
    public SeedMetrics<AudioTaggingMetrics> TrainOverSeeds(
        IDataView trainingSet,
        IDataView testSet,
        Func<MLContext, IEstimator<ITransformer>> estimator,
        IEnumerable<int> seeds,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        bool keepModels = true)
        => SeedRuns.Run(
            _mlContext,
            trainingSet,
            testSet,
            estimator,
            seeds,
            scored => Evaluate(scored, labelColumnName, scoreColumnName),
            keepModels);
}
