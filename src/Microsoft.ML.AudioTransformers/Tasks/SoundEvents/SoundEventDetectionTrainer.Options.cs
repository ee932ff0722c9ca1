using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class SoundEventDetectionTrainer
{
    /// <summary>What the trainer can be told.</summary>
    public sealed class Options
    {
        /// <summary>
        /// The model, its columns and how it is trained. Its label column is a vector: with weak labels of keys, one a sound
        /// that is heard, or with one slot a class; with strong labels of keys, one an event. Its loss is not used.
        /// Default: the paper's, but for <see cref="HtsAtPooling.LinearSoftmax"/>, by which weak labels teach when sounds are
        /// heard.
        /// </summary>
        public HtsAtOptions Model = new() { Pooling = HtsAtPooling.LinearSoftmax };

        /// <summary>What the labels of training clips say. Default: <see cref="EventSupervision.Weak"/>.</summary>
        public EventSupervision Supervision = EventSupervision.Weak;

        /// <summary>
        /// The column with the onsets of a clip's events in seconds, a vector of Single or Double with one value a label;
        /// read with strong labels, and of a validation set on which thresholds are tuned. Default: "Onsets".
        /// </summary>
        public string OnsetColumnName = "Onsets";

        /// <summary>The column with the offsets, as <see cref="OnsetColumnName"/>. Default: "Offsets".</summary>
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
        public double FrameMilliseconds = 10;

        /// <summary>
        /// What the names of the columns with events begin with: Labels, Onsets, Offsets and Scores follow.
        /// Default: "Event".
        /// </summary>
        public string EventColumnPrefix = "Event";

        /// <summary>A copy with another model.</summary>
        internal Options With(HtsAtOptions model)
        {
            var copy = (Options)MemberwiseClone();
            copy.Model = model;
            return copy;
        }

        /// <summary>Checks every value but <see cref="Decoding"/>.</summary>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names the option.
        /// </exception>
        internal void Check()
        {
            OptionCheck.That(Model is not null, "null", nameof(Model), "a trainer's options");
            Model.Check();
            OptionCheck.That(Enum.IsDefined(Supervision), Supervision, nameof(Supervision), "one of the kinds");
            OptionCheck.ColumnName(OnsetColumnName, nameof(OnsetColumnName));
            OptionCheck.ColumnName(OffsetColumnName, nameof(OffsetColumnName));
            OptionCheck.That(Decoding is not null, "null", nameof(Decoding), $"an {nameof(EventDecodingOptions)}");
            OptionCheck.That(Matching is not null, "null", nameof(Matching), $"{nameof(EventBasedMetrics)}.Options");
            OptionCheck.That(
                !TuneThresholds || Model.ValidationSet is not null, TuneThresholds, nameof(TuneThresholds),
                $"false, since there is no {nameof(Model)}.{nameof(AudioTrainerOptions.ValidationSet)}");
            OptionCheck.That(
                !TuneMargins || TuneThresholds, TuneMargins, nameof(TuneMargins), $"false without {nameof(TuneThresholds)}");
            OptionCheck.That(
                Model.Sampling.ShuffleBuffer == 0, Model.Sampling.ShuffleBuffer,
                $"{nameof(Model)}.{nameof(Model.Sampling)}.{nameof(Model.Sampling.ShuffleBuffer)}",
                "0: this trainer holds all clips in memory");
            OptionCheck.Positive(FrameMilliseconds, nameof(FrameMilliseconds));
            OptionCheck.ColumnName(EventColumnPrefix, nameof(EventColumnPrefix));
            if (Supervision == EventSupervision.Strong)
            {
                CheckTimes();
            }
        }

        /// <summary>What would move sounds away from the times of their labels is refused.</summary>
        private void CheckTimes()
        {
            Require(Model.TimeRollFrames == 0, Model.TimeRollFrames, nameof(Model.TimeRollFrames), "0");
            Require(
                !Model.Augmentation.RandomCrop, true,
                $"{nameof(Model.Augmentation)}.{nameof(Model.Augmentation.RandomCrop)}", "false");
            Require(
                Model.Augmentation.RollSamples == 0, Model.Augmentation.RollSamples,
                $"{nameof(Model.Augmentation)}.{nameof(Model.Augmentation.RollSamples)}", "0");
            Require(
                Model.ShortClips != HtsAtShortClips.RepeatWindows, Model.ShortClips, nameof(Model.ShortClips), "another");
            Require(
                !Model.Optimization.FreezeBackbone, true,
                $"{nameof(Model.Optimization)}.{nameof(Model.Optimization.FreezeBackbone)}", "false");
            Require(
                Model.Sampling.Order == ClipOrder.Shuffled, Model.Sampling.Order,
                $"{nameof(Model.Sampling)}.{nameof(Model.Sampling.Order)}", $"{ClipOrder.Shuffled}");

            void Require<T>(bool holds, T value, string name, string expected) => OptionCheck.That(
                holds, value, $"{nameof(Model)}.{name}", $"{expected}, since {nameof(Supervision)} is {Supervision}");
        }
    }
}
