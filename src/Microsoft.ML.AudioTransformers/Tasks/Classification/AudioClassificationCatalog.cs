using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Adds audio classification to the context.</summary>
public static class AudioClassificationCatalogExtensions
{
    /// <summary>Audio classification: clips of one of several classes each (ESC-50, SpeechCommands).</summary>
    /// <param name="mlContext">Context.</param>
    /// <returns>The catalog of the task.</returns>
    public static AudioClassificationCatalog AudioClassification(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new AudioClassificationCatalog(mlContext);
    }
}

/// <summary>Audio classification: clips of one of several classes each (ESC-50, SpeechCommands).</summary>
public sealed class AudioClassificationCatalog
{
    private readonly MLContext _mlContext;

    internal AudioClassificationCatalog(MLContext mlContext) => _mlContext = mlContext;

    /// <summary>Creates a trainer of a model that classifies clips.</summary>
    /// <param name="options">
    /// Options of model and training, such as <c>PasstOptions.Esc50()</c>; the trainer copies them. The label column is a key.
    /// </param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public AudioClassificationTrainer Trainer(AudioTrainerOptions options) => new(_mlContext, options);

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
    public AudioClassificationTrainer Trainer<TOptions>(Action<TOptions>? change = null)
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

    /// <summary>
    /// Computes the metrics of scored clips. Only the two columns are read, in one pass; clips without a label are left out.
    /// </summary>
    /// <param name="data">Clips with labels and scores.</param>
    /// <param name="labelColumnName">Label column: a key, or a class index counted from 0. Default: Label.</param>
    /// <param name="scoreColumnName">Score column: a vector of Single, one slot a class. Default: Score.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">There is no row with a label, a value is not as above, or the classes of the
    /// two columns differ.</exception>
    public AudioClassificationMetrics Evaluate(
        IDataView data, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        var collector = new AudioClassificationCollector(FindClasses(data, labelColumnName, scoreColumnName));
        long rows = Read(data, labelColumnName, scoreColumnName, groupColumnName: null, (_, label, scores, row) =>
            collector.Add(label, scores, row));
        collector.SetRowCount(rows);
        return collector.ToMetrics();
    }

    /// <summary>
    /// Computes the metrics of scored clips of each group that a column names, and of all together: the accuracy by
    /// recording device. Only the three columns are read, in one pass; clips without a label are left out.
    /// </summary>
    /// <param name="data">Clips with labels, scores and groups.</param>
    /// <param name="groupColumnName">Group column: text, a number or a key, such as the device.</param>
    /// <param name="labelColumnName">Label column; see <see cref="Evaluate"/>.</param>
    /// <param name="scoreColumnName">Score column; see <see cref="Evaluate"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">A clip has no group; or see <see cref="Evaluate"/>.</exception>
    public GroupMetrics<AudioClassificationMetrics> EvaluateGroups(
        IDataView data, string groupColumnName, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        IReadOnlyList<string>? classes = FindClasses(data, labelColumnName, scoreColumnName);
        Dictionary<string, AudioClassificationCollector> groups = new(StringComparer.Ordinal);
        long rows = Read(data, labelColumnName, scoreColumnName, groupColumnName, (group, label, scores, row) =>
        {
            if (!groups.TryGetValue(group, out AudioClassificationCollector? collector))
            {
                groups.Add(group, collector = new AudioClassificationCollector(classes));
            }

            collector.Add(label, scores, row);
        });
        foreach (AudioClassificationCollector collector in groups.Values)
        {
            collector.SetRowCount(rows);
        }

        return groups.Count == 0
            ? throw new ArgumentException("There are no rows to evaluate; expected at least one.")
            : new GroupMetrics<AudioClassificationMetrics>(
                groups.Keys, names => AudioClassificationMetrics.Pool([.. names.Select(name => groups[name].ToMetrics())]));
    }

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
    public SeedMetrics<AudioClassificationMetrics> TrainOverSeeds(
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

    /// <summary>
    /// Cross-validation: for each fold, an estimator is fitted on the clips of the other folds and evaluated on the fold's
    /// own (ESC-50: the average over its five official folds).
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
    public FoldMetrics<AudioClassificationMetrics> CrossValidate(
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

    private static IReadOnlyList<string>? FindClasses(IDataView data, string labelColumnName, string scoreColumnName)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column label = SchemaChecks.GetColumn(data.Schema, labelColumnName, "Label");
        return EvaluatedClasses.Find(SchemaChecks.GetColumn(data.Schema, scoreColumnName, "Score"), label);
    }

    /// <summary>Reads the clips that have a label, and warns of the others.</summary>
    /// <returns>Rows, with a label and without.</returns>
    private long Read(
        IDataView data,
        string labelColumnName,
        string scoreColumnName,
        string? groupColumnName,
        Action<string, int, float[], long> add)
    {
        IHost host = ((IHostEnvironment)_mlContext).Register("AudioClassificationEvaluator");
        using IChannel channel = host.Start("Evaluate");
        DataViewSchema.Column label = data.Schema[labelColumnName];
        DataViewSchema.Column score = data.Schema[scoreColumnName];
        DataViewSchema.Column? group =
            groupColumnName is null ? null : SchemaChecks.GetColumn(data.Schema, groupColumnName, "Group");
        using DataViewRowCursor cursor = data.GetRowCursor(group is null ? [label, score] : [label, score, group.Value]);
        Func<int> labels = ColumnReaders.Label(cursor, label);
        Func<float[]> scores = ColumnReaders.Scores(cursor, score);
        Func<string> groups = group is null ? () => "" : GroupReader.Of(cursor, group.Value, "Group");
        long rows = 0;
        long skipped = 0;
        for (; cursor.MoveNext(); rows++)
        {
            if (labels() is >= 0 and int index)
            {
                add(groups(), index, scores(), cursor.Position);
            }
            else
            {
                skipped++;
            }
        }

        if (skipped > 0)
        {
            channel.Warning(MessageSensitivity.None, "Left out {0} clips without a label.", skipped);
        }

        return rows;
    }
}
