using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Options;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Adds sound event detection to the context.</summary>
public static class SoundEventDetectionCatalogExtensions
{
    /// <summary>Sound event detection: events in recordings, each with a class, an onset and an offset (DESED).</summary>
    /// <param name="mlContext">Context.</param>
    /// <returns>The catalog of the task.</returns>
    public static SoundEventDetectionCatalog SoundEventDetection(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new SoundEventDetectionCatalog(mlContext);
    }
}

/// <summary>Sound event detection: events in recordings, each with a class, an onset and an offset (DESED).</summary>
public sealed class SoundEventDetectionCatalog
{
    private readonly MLContext _mlContext;

    internal SoundEventDetectionCatalog(MLContext mlContext) => _mlContext = mlContext;

    /// <summary>Creates a trainer of a model that detects sound events.</summary>
    /// <param name="options">Options of model, training and decoding; the trainer copies them.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public SoundEventDetectionTrainer Trainer(SoundEventDetectionTrainer.Options options) => new(_mlContext, options);

    /// <summary>
    /// Chooses options by a training set, with which a small model learns it from random weights: to print, to change, and to
    /// give to <c>Trainer</c>. Some of the clips are read for it.
    /// </summary>
    /// <param name="trainingSet">Rows with a column of waveforms or of log-mel features.</param>
    /// <param name="change">Changes the options that were chosen; null for none. It is called twice. Default: null.</param>
    /// <returns>New options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or an option does not fit the
    /// clips.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or none that can be read.</exception>
    public SoundEventDetectionTrainer.Options OptionsFor(
        IDataView trainingSet, Action<SoundEventDetectionTrainer.Options>? change = null)
    {
        ArgumentNullException.ThrowIfNull(trainingSet);
        var draft = new SoundEventDetectionTrainer.Options();
        change?.Invoke(draft);
        DataViewSchema.Column column = FeatureColumns.Find(
            trainingSet.Schema, draft.Model.FeatureColumnName, areWaveforms: null);
        ClipStatistics clips = ClipSurvey.Of(trainingSet, column);
        var plan = new ScratchPlan(clips);
        var options = new SoundEventDetectionTrainer.Options { Model = HtsAtOptions.FromScratchForEvents(plan) };
        options.Model.FeatureColumnName = column.Name;
        if (draft.Supervision == EventSupervision.Strong)
        {
            // Labels with times would not be rolled along.
            options.Model.Augmentation.TimeRollFrames = 0;
        }

        change?.Invoke(options);
        OptionCheck.All(options);
        IHost host = ((IHostEnvironment)_mlContext).Register(nameof(OptionsFor));
        using IChannel channel = host.Start(nameof(OptionsFor));
        channel.Info(MessageSensitivity.None, RecipeChoice.Describe(options.Model, clips));
        return options;
    }

    /// <summary>Creates an estimator of a detector with pretrained weights.</summary>
    /// <param name="options">Options of model, weights, classes, front end and decoding; the estimator copies them.</param>
    /// <returns>The estimator; fitting it reads the weights and no row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public SoundEventDetectionEstimator Pretrained(SoundEventDetectionEstimator.Options options) => new(_mlContext, options);

    /// <summary>Options of the evaluation: columns, classes, and those of each metric.</summary>
    public sealed class EvaluationOptions : IOptionGroup
    {
        /// <summary>Columns of the annotated events.</summary>
        public SoundEventColumns ReferenceColumns = new();

        /// <summary>Columns of the detected events.</summary>
        public SoundEventColumns EstimatedColumns = new();

        /// <summary>Names of the classes; null for those that the events name. Default: null.</summary>
        public IReadOnlyList<string>? ClassNames;

        /// <summary>Duration of each clip in seconds; null for the duration column of the annotated events, else of the
        /// detected ones. Default: null.</summary>
        public IReadOnlyDictionary<string, double>? ClipDurations;

        /// <summary>Options of the event-based metrics.</summary>
        public EventBasedMetrics.Options EventBased = new();

        /// <summary>Options of the segment-based metrics.</summary>
        public SegmentBasedMetrics.Options SegmentBased = new();

        /// <summary>Options of the intersection-based metrics.</summary>
        public IntersectionMetrics.Options Intersection = new();

        /// <summary>
        /// Options for rows that a <see cref="SoundEventDetectionTransformer"/> has scored, one clip each: annotated events
        /// in the columns Label, Onsets and Offsets, as its trainer reads them, detected ones in EventLabels, EventOnsets,
        /// EventOffsets and EventScores.
        /// </summary>
        /// <param name="clipColumnName">Column of the names of the clips. Default: Clip.</param>
        /// <returns>New options; every value can be changed.</returns>
        public static EvaluationOptions ForDetector(string clipColumnName = "Clip") => new()
        {
            ReferenceColumns = new() { Clip = clipColumnName, Onset = "Onsets", Offset = "Offsets" },
            EstimatedColumns = new()
            {
                Clip = clipColumnName,
                Label = "EventLabels",
                Onset = "EventOnsets",
                Offset = "EventOffsets",
                Score = "EventScores",
            },
        };
    }

    /// <summary>Reads the events of a data view, one event or one clip a row.</summary>
    /// <param name="data">Events.</param>
    /// <param name="columns">Columns; null for Clip, Label, Onset and Offset. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">A row has different numbers of labels, onsets and offsets.</exception>
    public IReadOnlyList<SoundEvent> ReadEvents(IDataView data, SoundEventColumns? columns = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        using IChannel channel = Start("ReadEvents");
        columns ??= new SoundEventColumns();
        OptionCheck.All(columns);
        List<SoundEvent> events = SoundEventTable.Read(data, columns).Events;
        channel.Info(MessageSensitivity.None, "Read {0} events.", events.Count);
        return events;
    }

    /// <summary>Computes event-based, segment-based and intersection-based metrics of detected events.</summary>
    /// <param name="reference">Annotated events (ground truth).</param>
    /// <param name="estimated">Detected events.</param>
    /// <param name="options">Options; null for the defaults. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or an option is outside
    /// its range.</exception>
    /// <exception cref="ArgumentException">An event has an unknown class or clip, or a time is not finite.</exception>
    public SoundEventDetectionMetrics Evaluate(
        IDataView reference, IDataView estimated, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(estimated);
        options ??= new EvaluationOptions();
        OptionCheck.All(options);
        using IChannel channel = Start("Evaluate");
        SoundEventTable annotated = SoundEventTable.Read(reference, options.ReferenceColumns);
        SoundEventTable found = SoundEventTable.Read(estimated, options.EstimatedColumns);
        IReadOnlyDictionary<string, double>? durations = options.ClipDurations ?? annotated.Durations ?? found.Durations;
        IReadOnlyList<string> classNames = options.ClassNames ?? ClipEvents.LabelsOf(annotated.Events, found.Events);
        channel.Info(
            MessageSensitivity.None,
            "Comparing {0} detected events with {1} annotated ones of {2} classes.",
            found.Events.Count,
            annotated.Events.Count,
            classNames.Count);
        if (durations is not null)
        {
            WarnOfOverlaps(channel, annotated.Events);
        }

        return new SoundEventDetectionMetrics(
            EventBasedMetrics.Compute(annotated.Events, found.Events, options.EventBased, classNames, durations),
            SegmentBasedMetrics.Compute(annotated.Events, found.Events, options.SegmentBased, classNames, durations),
            durations is null
                ? null
                : IntersectionMetrics.Compute(annotated.Events, found.Events, durations, options.Intersection, classNames),
            new EvaluatedEvents(annotated.Events, found.Events, durations, options.EventBased));
    }

    /// <summary>
    /// Cross-validation: for each fold, a detector is fitted on the clips of the other folds and evaluated on the fold's own.
    /// </summary>
    /// <param name="data">Clips, one a row, with their annotated events and folds.</param>
    /// <param name="estimator">Estimator to fit; its model adds the detected events.</param>
    /// <param name="foldColumnName">Fold column: text, a number or a key. Default: Fold.</param>
    /// <param name="options">Options; null for <see cref="EvaluationOptions.ForDetector"/>. Without class names, a fold has
    /// those that its events name. Default: null.</param>
    /// <param name="keepModels">Whether the models of the folds are kept; otherwise each is disposed after its fold. Default:
    /// true.</param>
    /// <exception cref="ArgumentException">There are fewer than two folds, or a clip has none; or see
    /// <see cref="Evaluate(IDataView, IDataView, EvaluationOptions?)"/>.</exception>
    public FoldMetrics<SoundEventDetectionMetrics> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        string foldColumnName = "Fold",
        EvaluationOptions? options = null,
        bool keepModels = true)
    {
        options ??= EvaluationOptions.ForDetector();
        return FoldCrossValidation.Run(
            _mlContext, data, estimator, foldColumnName, scored => Evaluate(scored, scored, options), keepModels);
    }

    /// <summary>
    /// Trains the same pipeline from several seeds, and evaluates each model on a test set: papers give mean and deviation
    /// of such trainings.
    /// </summary>
    /// <param name="trainingSet">Clips to train on.</param>
    /// <param name="testSet">Clips to evaluate on.</param>
    /// <param name="estimator">Maker of the pipeline in a context, whose seed is the training's.</param>
    /// <param name="seeds">Seeds, at least two, none twice.</param>
    /// <param name="options">Options; null for <see cref="EvaluationOptions.ForDetector"/>. Default: null.</param>
    /// <param name="keepModels">Whether the models are kept; otherwise each is disposed after its evaluation. Default:
    /// true.</param>
    /// <exception cref="ArgumentException">There are fewer than two seeds, or one is there twice; or see
    /// <see cref="Evaluate(IDataView, IDataView, EvaluationOptions?)"/>.</exception>
    public SeedMetrics<SoundEventDetectionMetrics> TrainOverSeeds(
        IDataView trainingSet,
        IDataView testSet,
        Func<MLContext, IEstimator<ITransformer>> estimator,
        IEnumerable<int> seeds,
        EvaluationOptions? options = null,
        bool keepModels = true)
    {
        options ??= EvaluationOptions.ForDetector();
        return SeedRuns.Run(
            _mlContext, trainingSet, testSet, estimator, seeds, scored => Evaluate(scored, scored, options), keepModels);
    }

    /// <summary>Computes PSDS, the polyphonic sound detection score, of the events detected at several operating points.
    /// </summary>
    /// <param name="reference">Annotated events (ground truth).</param>
    /// <param name="operatingPoints">Detected events at each operating point, for example each of several thresholds.</param>
    /// <param name="options">Options of PSDS; null for those of psds_eval. Default: null.</param>
    /// <param name="evaluation">Columns, class names and durations; null for the defaults. The durations must be given, here or
    /// as a column of the annotated events. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or an option is outside
    /// its range.</exception>
    /// <exception cref="ArgumentException">There is no operating point, the duration of a clip is unknown, an event has an
    /// unknown class or clip, or a time is not finite.</exception>
    public PolyphonicSoundDetectionScore Evaluate(
        IDataView reference,
        IReadOnlyList<IDataView> operatingPoints,
        PolyphonicSoundDetectionScore.Options? options = null,
        EvaluationOptions? evaluation = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(operatingPoints);
        evaluation ??= new EvaluationOptions();
        OptionCheck.All(evaluation, $"{nameof(evaluation)}.");
        using IChannel channel = Start("Evaluate");
        SoundEventTable annotated = SoundEventTable.Read(reference, evaluation.ReferenceColumns);
        List<SoundEvent>[] found =
            [.. operatingPoints.Select(point => SoundEventTable.Read(point, evaluation.EstimatedColumns).Events)];
        IReadOnlyDictionary<string, double> durations = evaluation.ClipDurations ?? annotated.Durations
            ?? throw new ArgumentException(
                $"The durations of the clips are unknown; expected {nameof(EvaluationOptions.ClipDurations)}, or a duration " +
                "column of the annotated events.",
                nameof(evaluation));
        channel.Info(
            MessageSensitivity.None,
            "Comparing {0} operating points with {1} annotated events.",
            found.Length,
            annotated.Events.Count);
        WarnOfOverlaps(channel, annotated.Events);
        return PolyphonicSoundDetectionScore.Compute(annotated.Events, found, durations, options, evaluation.ClassNames);
    }

    private static void WarnOfOverlaps(IChannel channel, IReadOnlyList<SoundEvent> annotated)
    {
        string[] labels = ClipEvents.LabelsOf(annotated);
        ClipEvents[] overlapping =
        [
            .. ClipEvents.Group(annotated, [], labels, clipDurations: null)
                .Where(clip => clip.WithUnions().Reference.Length < clip.Reference.Length),
        ];
        if (overlapping.Length > 0)
        {
            channel.Warning(
                MessageSensitivity.UserData,
                "In {0} clips annotated events of one class overlap or are repeated, first in '{1}': PSDS and "
                + "intersection-based scores take their union.",
                overlapping.Length,
                overlapping[0].Clip);
        }
    }

    private IChannel Start(string name) => ((IHostEnvironment)_mlContext).Register("SoundEventDetectionEvaluator").Start(name);
}
