using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Adds sound event detection to the context.</summary>
public static class SoundEventDetectionCatalogExtensions
{
    /// <summary>Sound event detection: which sounds are heard in a clip, and from when to when (DESED).</summary>
    /// <param name="mlContext">Context.</param>
    /// <returns>The catalog of the task.</returns>
    public static SoundEventDetectionCatalog SoundEventDetection(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new SoundEventDetectionCatalog(mlContext);
    }
}

/// <summary>Sound event detection: which sounds are heard in a clip, and from when to when (DESED).</summary>
public sealed class SoundEventDetectionCatalog
{
    private readonly MLContext _mlContext;

    internal SoundEventDetectionCatalog(MLContext mlContext) => _mlContext = mlContext;

    /// <summary>Trains a model to detect sound events.</summary>
    /// <param name="options">The model, how it is trained, and how events are decoded.</param>
    /// <returns>The trainer, which has copied the options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public SoundEventDetectionTrainer Trainer(SoundEventDetectionTrainer.Options options) => new(_mlContext, options);

    /// <summary>Detects sound events by a pretrained model.</summary>
    /// <param name="options">The model, with its weights, classes and front end, and how events are decoded.</param>
    /// <returns>The estimator; fitting it reads the weights and no row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public SoundEventDetectionEstimator Pretrained(SoundEventDetectionEstimator.Options options) => new(_mlContext, options);

    /// <summary>What is evaluated, and when an event counts as found.</summary>
    public sealed class EvaluationOptions : IOptionGroup
    {
        /// <summary>Where the annotated events are.</summary>
        public SoundEventColumns ReferenceColumns = new();

        /// <summary>Where the events found are.</summary>
        public SoundEventColumns EstimatedColumns = new();

        /// <summary>The classes; null: those that the events name. Default: null.</summary>
        public IReadOnlyList<string>? ClassNames;

        /// <summary>All clips and their lengths in seconds; null: the duration column of the annotated events, else of
        /// those found. Default: null.</summary>
        public IReadOnlyDictionary<string, double>? ClipDurations;

        /// <summary>When an event counts as found by its onset and offset.</summary>
        public EventBasedMetrics.Options EventBased = new();

        /// <summary>How time is cut into segments.</summary>
        public SegmentBasedMetrics.Options SegmentBased = new();

        /// <summary>How much of events has to intersect.</summary>
        public IntersectionMetrics.Options Intersection = new();

        /// <summary>
        /// Options for rows that a <see cref="SoundEventDetectionTransformer"/> has scored, one clip each: annotated events
        /// in the columns Label, Onsets and Offsets, as its trainer reads them, found ones in EventLabels, EventOnsets,
        /// EventOffsets and EventScores.
        /// </summary>
        /// <param name="clipColumnName">The clips' names.</param>
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

    /// <summary>Reads events out of a data view, one event or one clip a row.</summary>
    /// <param name="data">The view.</param>
    /// <param name="columns">Where the events are; null: columns Clip, Label, Onset and Offset.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="ArgumentException">A row has not as many labels as onsets and offsets.</exception>
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

    /// <summary>Compares found events with annotated ones: event by event, segment by segment, and by intersection.
    /// </summary>
    /// <param name="reference">The annotated events.</param>
    /// <param name="estimated">The events found.</param>
    /// <param name="options">What is evaluated and how; null: the defaults.</param>
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
            "Comparing {0} events with {1} annotated ones of {2} classes.",
            found.Events.Count,
            annotated.Events.Count,
            classNames.Count);
        return new SoundEventDetectionMetrics(
            EventBasedMetrics.Compute(annotated.Events, found.Events, options.EventBased, classNames, durations),
            SegmentBasedMetrics.Compute(annotated.Events, found.Events, options.SegmentBased, classNames, durations),
            durations is null
                ? null
                : IntersectionMetrics.Compute(annotated.Events, found.Events, durations, options.Intersection, classNames));
    }

    /// <summary>
    /// Fits a detector once for each fold on the clips of the other folds, and compares what it finds in the fold's clips.
    /// </summary>
    /// <param name="data">The clips, one a row, with their annotated events.</param>
    /// <param name="estimator">What is fitted; its model adds the events found.</param>
    /// <param name="foldColumnName">Which fold a clip belongs to: text, a number or a key.</param>
    /// <param name="options">What is evaluated and how; null: <see cref="EvaluationOptions.ForDetector"/>. Without
    /// classes, a fold has those that its events name.</param>
    /// <param name="keepModels">Whether the folds' models are kept; otherwise each is disposed after its fold.</param>
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

    /// <summary>Scores a system by what it finds at several operating points (PSDS).</summary>
    /// <param name="reference">The annotated events.</param>
    /// <param name="operatingPoints">The events found with, for example, each of several thresholds.</param>
    /// <param name="options">What the score asks; null: psds_eval's defaults.</param>
    /// <param name="evaluation">Columns, classes and lengths of clips; null: the defaults. The lengths have to be given,
    /// here or as a column of the annotated events.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type, or an option is outside
    /// its range.</exception>
    /// <exception cref="ArgumentException">There is no operating point, the lengths of the clips are not known, an event
    /// has an unknown class or clip, or a time is not finite.</exception>
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
                $"The lengths of the clips are not known; expected {nameof(EvaluationOptions.ClipDurations)}, or a duration " +
                "column of the annotated events.",
                nameof(evaluation));
        channel.Info(
            MessageSensitivity.None,
            "Comparing {0} operating points with {1} annotated events.",
            found.Length,
            annotated.Events.Count);
        return PolyphonicSoundDetectionScore.Compute(annotated.Events, found, durations, options, evaluation.ClassNames);
    }

    private IChannel Start(string name) => ((IHostEnvironment)_mlContext).Register("SoundEventsEvaluator").Start(name);
}
