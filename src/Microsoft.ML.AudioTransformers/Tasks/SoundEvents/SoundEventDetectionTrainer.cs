using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trains a network that has a presence map, HTS-AT, to detect sound events: from weak labels, which say only what is heard
/// in a clip, or from strong labels, which have times. Tunes the thresholds of events, if asked.
/// </summary>
/// <remarks>Source: HTS-AT section 2.2. The loss is a binary cross-entropy for each class.</remarks>
public sealed class SoundEventDetectionTrainer : AudioTrainer<SoundEventDetectionTransformer>
{
    private readonly Options _options;

    internal SoundEventDetectionTrainer(IHostEnvironment environment, Options options)
        : this(environment, "SoundEventDetection", CopyChecked(options))
    {
    }

    private SoundEventDetectionTrainer(IHostEnvironment environment, string name, Options options)
        : base(environment, name, options.Model) => _options = options;

    private protected override ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel)
    {
        AudioTrainerOptions model = _options.Model;
        DataViewSchema.Column column = SchemaChecks.GetColumn(schema, model.FeatureColumnName, "Feature");
        LabelKeys labels = LabelKeys.ReadMultiLabel(SchemaChecks.GetColumn(schema, model.LabelColumnName, "Label"));
        double seconds = EventModelDescription.FrameSeconds(column, model.FrontEnd, _options.FrameMilliseconds);

        // What a decoder checks, before there is a model.
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
        LabelShapes.CheckMultiLabel(inputSchema, _options.Model.LabelColumnName);

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
            reader.ToFeatures(validation.Values(clip), features);
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
        /// The model, its columns and how it is trained. Its label column is a vector: with weak labels of keys, one a sound
        /// that is heard, or with one slot a class; with strong labels of keys, one an event. Its loss is not used.
        /// It is one that has a presence map, that is HTS-AT. Default: the paper's, but for <see cref="HtsAtPooling.LinearSoftmax"/>, by which weak labels teach when sounds are
        /// heard.
        /// </summary>
        public AudioTrainerOptions Model = new HtsAtOptions { Config = { Pooling = HtsAtPooling.LinearSoftmax } };

        /// <summary>What the labels of training clips say. Default: <see cref="EventSupervision.Weak"/>.</summary>
        public EventSupervision Supervision = EventSupervision.Weak;

        /// <summary>
        /// The column with the onsets of a clip's events in seconds, a vector of Single or Double with one value a label;
        /// read with strong labels, and of a validation set on which thresholds are tuned. Default: "Onsets".
        /// </summary>
        [Text]
        public string OnsetColumnName = "Onsets";

        /// <summary>The column with the offsets, as <see cref="OnsetColumnName"/>. Default: "Offsets".</summary>
        [Text]
        public string OffsetColumnName = "Offsets";

        /// <summary>How events are read. Default: a class is heard where its presence is above 0.5.</summary>
        public EventDecodingOptions Decoding = new();

        /// <summary>
        /// Whether the threshold of each class is the one with which its events are found best in the model's
        /// <see cref="AudioTrainerOptions.ValidationSet"/>, which needs times. Default: false.
        /// </summary>
        public bool TuneThresholds;

        /// <summary>
        /// Whether the margins by which events are widened (<see cref="EventDecodingOptions.OnsetMargins"/>, up to 0.16 s, and
        /// <see cref="EventDecodingOptions.OffsetMargins"/>, up to 0.24 s) are tuned with the thresholds, which then go down
        /// to 0.01. Needs <see cref="TuneThresholds"/>. Default: false.
        /// </summary>
        public bool TuneMargins;

        /// <summary>When an event counts as found while thresholds are tuned. Default: within 0.2 s (sed_eval).</summary>
        public EventBasedMetrics.Options Matching = new();

        /// <summary>
        /// Milliseconds from one frame of the features to the next, above 0; a front end, and a column that
        /// <c>ExtractLogMel</c> made, say so themselves. Default: 10.
        /// </summary>
        [Positive]
        public double FrameMilliseconds = 10;

        /// <summary>
        /// What the names of the columns with events begin with: Labels, Onsets, Offsets and Scores follow.
        /// Default: "Event".
        /// </summary>
        [Text]
        public string EventColumnPrefix = "Event";

        void IOptionGroup.CheckTogether(string prefix)
        {
            ModelFamily family = ModelFamilies.Of(Model.ModelConfig);
            OptionCheck.That(
                family.HasPresenceMap, family.Name, nameof(Model),
                "a model that has a presence map: "
                + string.Join(", ", ModelFamilies.All.Where(each => each.HasPresenceMap).Select(each => each.Name)));
            OptionCheck.That(
                !TuneThresholds || Model.ValidationSet is not null, TuneThresholds, nameof(TuneThresholds),
                $"false, since there is no {nameof(Model)}.{nameof(AudioTrainerOptions.ValidationSet)}");
            OptionCheck.That(
                !TuneMargins || TuneThresholds, TuneMargins, nameof(TuneMargins), $"false without {nameof(TuneThresholds)}");
            OptionCheck.That(
                Model.Sampling.ShuffleBuffer == 0, Model.Sampling.ShuffleBuffer,
                $"{nameof(Model)}.{nameof(Model.Sampling)}.{nameof(Model.Sampling.ShuffleBuffer)}",
                "0: this trainer holds all clips in memory");
            if (Supervision == EventSupervision.Strong)
            {
                CheckTimes(family);
            }
        }

        /// <summary>What would move sounds away from the times of their labels is refused.</summary>
        private void CheckTimes(ModelFamily family)
        {
            string augmentation = nameof(Model.Augmentation) + ".";
            Require(
                Model.Augmentation.TimeRollFrames == 0, Model.Augmentation.TimeRollFrames,
                augmentation + nameof(Model.Augmentation.TimeRollFrames), "0");
            Require(!Model.Augmentation.RandomCrop, true, augmentation + nameof(Model.Augmentation.RandomCrop), "false");
            Require(
                Model.Augmentation.RollSamples == 0, Model.Augmentation.RollSamples,
                augmentation + nameof(Model.Augmentation.RollSamples), "0");
            Require(
                !Model.Optimization.FreezeBackbone, true,
                $"{nameof(Model.Optimization)}.{nameof(Model.Optimization.FreezeBackbone)}", "false");
            Require(
                Model.Sampling.Order == ClipOrder.Shuffled, Model.Sampling.Order,
                $"{nameof(Model.Sampling)}.{nameof(Model.Sampling.Order)}", $"{ClipOrder.Shuffled}");
            family.CheckKeepsTimes(Model.ModelConfig, $"{nameof(Model)}.Config.");

            void Require<T>(bool holds, T value, string name, string expected) => OptionCheck.That(
                holds, value, $"{nameof(Model)}.{name}", $"{expected}, since {nameof(Supervision)} is {Supervision}");
        }
    }
}

/// <summary>Supervision: what the labels of training clips say.</summary>
public enum EventSupervision
{
    /// <summary>Which sounds are heard in a clip; when they are, the model finds out.</summary>
    Weak,

    /// <summary>Which sounds are heard, and from when to when.</summary>
    Strong,
}
