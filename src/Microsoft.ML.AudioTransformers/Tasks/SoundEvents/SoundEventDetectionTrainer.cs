using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trainer of sound event detection: trains a network with a presence map (HTS-AT) on weak labels, the classes of a clip, or on
/// strong labels, its events with onsets and offsets. It can tune the decoding thresholds on the validation set.
/// </summary>
/// <remarks>
/// The loss is the mean over the classes of a binary cross-entropy each; the option <see cref="AudioOptimizationOptions.Loss"/>
/// is not used. It is no <c>ITrainerEstimator</c>, because its transformer can be an ensemble and has no single model. Source:
/// HTS-AT section 2.2.
/// </remarks>
public sealed class SoundEventDetectionTrainer : AudioTrainer<SoundEventDetectionTransformer>
{
    private readonly Options _options;

    internal SoundEventDetectionTrainer(IHostEnvironment environment, Options options)
        : this(environment, "SoundEventDetection", CopyChecked(options))
    {
    }

    private SoundEventDetectionTrainer(IHostEnvironment environment, string name, Options options)
        : base(environment, name, options.Model) => _options = options;

    private protected override AudioTrainer<SoundEventDetectionTransformer> With(AudioTrainerOptions options)
    {
        Options own = OptionCheck.Copy(_options);
        own.Model = options;
        return new SoundEventDetectionTrainer(Host, own);
    }

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        AudioTrainerOptions model = _options.Model;
        DataViewSchema.Column column = SchemaChecks.GetColumn(schema, model.FeatureColumnName, "Feature");
        LabelKeys labels = LabelKeys.ReadMultiLabel(SchemaChecks.GetColumn(schema, model.LabelColumnName, "Label"));
        if (labels.Names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
        {
            throw new InvalidDataException(
                $"Label column '{model.LabelColumnName}' has two classes with the name '{twice}'; expected different names.");
        }

        double seconds = EventModelDescription.FrameSeconds(column, model.FrontEnd, _options.FrameMilliseconds);

        // Its constructor checks the options against the classes, before the training.
        _ = new EventDecoder("", labels.Names, seconds, _options.Decoding);
        return new EventReader(_options, new EventTask(labels), features, seconds, channel);
    }

    private protected override SoundEventDetectionTransformer CreateTransformer(TrainedModel model, IChannel channel)
    {
        var clips = (EventReader)model.Clips;
        EventModelDescription description = new EventModelDescription
        {
            Architecture = model.Description.Architecture,
            Shape = model.Description.Shape,
            FrontEnd = model.Description.FrontEnd,
            Precision = model.Description.Precision,
            SecondsPerFrame = clips.SecondsPerFrame,
            ClassNames = clips.Task.ClassNames,
            Decoding = new EventDecodingOptions(),
            FeatureColumnName = model.Description.FeatureColumnName,
            ScoreColumnName = _options.Model.ScoreColumnName,
            EventColumnPrefix = _options.EventColumnPrefix,
            Training = model.Description.Training,
        }.With(_options.Decoding);
        var detector = new SoundEventDetectionTransformer(Host, description, model.Network);
        if (_options.TuneThresholds)
        {
            Tune(detector, clips, model.Validation!, channel);
        }

        return detector;
    }

    private protected override void CheckLabels(SchemaShape inputSchema) =>
        CheckMultiLabelColumn(inputSchema, _options.Model.LabelColumnName);

    private protected override DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses() => EventColumns.Create(
        LabelKeys.Any.Names, LabelKeys.Any.Names, _options.Model.ScoreColumnName, _options.EventColumnPrefix);

    private void Tune(SoundEventDetectionTransformer detector, EventReader clips, ClipDataset validation, IChannel channel)
    {
        List<ClipPresence> maps = [];
        double secondsPerStep = 0;
        FeatureReader reader = detector.Description.CreateReader();
        var features = new float[reader.Shape.Length];
        for (int clip = 0; clip < validation.Count; clip++)
        {
            reader.ToFeatures(validation.Values(clip).Read(), features);
            (float[] presence, secondsPerStep) = detector.Presence(features);
            maps.Add(new ClipPresence(clip.ToString(CultureInfo.InvariantCulture), presence));
        }

        EventDecodingOptions decoding = detector.Decoding;
        if (_options.TuneMargins)
        {
            decoding = EventThresholdTuning.TuneWithMargins(
                maps, clips.ValidationEvents, detector.ClassNames, secondsPerStep, decoding, _options.Matching);
        }
        else
        {
            decoding.Thresholds = EventThresholdTuning.Tune(
                maps, clips.ValidationEvents, detector.ClassNames, secondsPerStep, decoding, _options.Matching);
        }

        detector.Decoding = decoding;
        channel.Info(MessageSensitivity.None, "Thresholds: " + string.Join(", ", detector.EventClassNames.Select(
            (name, label) => string.Create(CultureInfo.InvariantCulture, $"{name} {decoding.Thresholds[label]}"))) + ".");
    }

    /// <summary>Options of the trainer.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>
        /// Model options: configuration, columns and training of a model with a presence map (HTS-AT). The label column is a
        /// vector: with weak labels, of keys, one for each class of the clip, or with one slot a class; with strong labels, of
        /// keys, one for each event. The loss and the column of predicted labels are not used. Default: HTS-AT as in its paper,
        /// but with <see cref="HtsAtPooling.LinearSoftmax"/>, with which weak labels also train the presence map.
        /// </summary>
        public AudioTrainerOptions Model = new HtsAtOptions { Config = { Pooling = HtsAtPooling.LinearSoftmax } };

        /// <summary>Supervision: weak or strong labels. Default: <see cref="EventSupervision.Weak"/>.</summary>
        public EventSupervision Supervision = EventSupervision.Weak;

        /// <summary>
        /// Onset column: seconds, a vector of Single or Double with one value for each label. It is read with strong labels,
        /// and from a validation set on which thresholds are tuned. Default: "Onsets".
        /// </summary>
        [Text]
        public string OnsetColumnName = "Onsets";

        /// <summary>Offset column, as <see cref="OnsetColumnName"/>. Default: "Offsets".</summary>
        [Text]
        public string OffsetColumnName = "Offsets";

        /// <summary>Decoding options: how events are found in the presence map. Default: a threshold of 0.5.</summary>
        public EventDecodingOptions Decoding = new();

        /// <summary>
        /// Whether to tune the threshold of each class, after training, for the highest event-based F1 on the model's
        /// <see cref="AudioTrainerOptions.ValidationSet"/>, which must have strong labels. Default: false.
        /// </summary>
        public bool TuneThresholds;

        /// <summary>
        /// Whether to tune the margins of each class (<see cref="EventDecodingOptions.OnsetMargins"/> up to 0.16 s,
        /// <see cref="EventDecodingOptions.OffsetMargins"/> up to 0.24 s) together with the thresholds, which then go down to
        /// 0.01. Requires <see cref="TuneThresholds"/>. Default: false.
        /// </summary>
        public bool TuneMargins;

        /// <summary>
        /// Matching of detected with annotated events while thresholds are tuned. Default: a collar of 0.2 s (sed_eval).
        /// </summary>
        public EventBasedMetrics.Options Matching = new();

        /// <summary>
        /// Frame period: milliseconds from one frame of the features to the next, above 0. Not used with a front end, or with a
        /// column that <c>ExtractLogMel</c> made: those have their own. Default: 10.
        /// </summary>
        [Positive]
        public double FrameMilliseconds = 10;

        /// <summary>
        /// Prefix of the names of the event columns, before Labels, Onsets, Offsets and Scores. Default: "Event".
        /// </summary>
        [Text]
        public string EventColumnPrefix = "Event";

        void IOptionGroup.CheckTogether(string prefix)
        {
            ModelFamily family = ModelFamilies.Of(Model.ModelConfig);
            OptionCheck.That(
                family.HasPresenceMap, family.Name, prefix + nameof(Model),
                "a model that has a presence map: "
                + string.Join(", ", ModelFamilies.All.Where(each => each.HasPresenceMap).Select(each => each.Name)));
            OptionCheck.That(
                !TuneThresholds || Model.ValidationSet is not null, TuneThresholds, prefix + nameof(TuneThresholds),
                $"false, since there is no {nameof(Model)}.{nameof(AudioTrainerOptions.ValidationSet)}");
            OptionCheck.That(
                !TuneMargins || TuneThresholds, TuneMargins, prefix + nameof(TuneMargins),
                $"false without {nameof(TuneThresholds)}");
            OptionCheck.That(
                Model.Sampling.ShuffleBuffer == 0, Model.Sampling.ShuffleBuffer,
                $"{prefix}{nameof(Model)}.{nameof(Model.Sampling)}.{nameof(Model.Sampling.ShuffleBuffer)}",
                "0: this trainer holds all clips in memory");
            if (Supervision == EventSupervision.Strong)
            {
                CheckTimes(family, $"{prefix}{nameof(Model)}.");
            }
        }

        /// <summary>Refuses options that would shift sounds away from the onsets and offsets of their labels.</summary>
        private void CheckTimes(ModelFamily family, string model)
        {
            string augmentation = nameof(Model.Augmentation) + ".";
            Require(
                Model.Augmentation.TimeRollFrames == 0, Model.Augmentation.TimeRollFrames,
                augmentation + nameof(Model.Augmentation.TimeRollFrames), "0");
            Require(!Model.Augmentation.RandomCrop, true, augmentation + nameof(Model.Augmentation.RandomCrop), "false");
            Require(
                Model.Augmentation.Effects.TimeStretchFactor == 1, Model.Augmentation.Effects.TimeStretchFactor,
                $"{augmentation}{nameof(Model.Augmentation.Effects)}.{nameof(AudioEffectOptions.TimeStretchFactor)}", "1");
            Require(
                Model.Sampling.LongClips == LongTrainingClips.Cut, Model.Sampling.LongClips,
                $"{nameof(Model.Sampling)}.{nameof(Model.Sampling.LongClips)}", $"{LongTrainingClips.Cut}");
            Require(
                Model.Augmentation.RollSamples == 0, Model.Augmentation.RollSamples,
                augmentation + nameof(Model.Augmentation.RollSamples), "0");
            Require(
                !Model.Optimization.FreezeBackbone, true,
                $"{nameof(Model.Optimization)}.{nameof(Model.Optimization.FreezeBackbone)}", "false");
            Require(
                Model.Sampling.Order == ClipOrder.Shuffled, Model.Sampling.Order,
                $"{nameof(Model.Sampling)}.{nameof(Model.Sampling.Order)}", $"{ClipOrder.Shuffled}");
            family.CheckKeepsTimes(Model.ModelConfig, model + "Config.");

            void Require<T>(bool holds, T value, string name, string expected) => OptionCheck.That(
                holds, value, model + name, $"{expected}, since {nameof(Supervision)} is {Supervision}");
        }
    }
}

/// <summary>Supervision: the kind of labels of training clips.</summary>
public enum EventSupervision
{
    /// <summary>Weak labels: the classes of a clip. The model learns their onsets and offsets by itself.</summary>
    Weak,

    /// <summary>Strong labels: the events of a clip, each with a class, an onset and an offset.</summary>
    Strong,
}
