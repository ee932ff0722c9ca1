using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Clips of 32 frames, 0.1 s each, in which one or two sounds are heard for 8 to 16 frames; steps of 4 frames.</summary>
[TestClass]
public sealed class SoundEventDetectionTrainerTests
{
    [TestMethod]
    [DataRow(EventSupervision.Weak, 0.9)]
    [DataRow(EventSupervision.Strong, 0.9)]
    public void FindsEventsInUnheardClips(EventSupervision supervision, double minimumF1)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView training = Data(mlContext, 112, seed: 1);
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(training);
        SoundEventDetectionTrainer.Options options = Options();
        options.Supervision = supervision;
        options.Model.ValidationSet = map.Transform(Data(mlContext, 40, seed: 2));
        options.TuneThresholds = true;
        List<AudioTrainingMetrics> epochs = [];
        options.Model.MetricsCallback = epochs.Add;

        using SoundEventDetectionTransformer detector =
            mlContext.SoundEventDetection().Trainer(options).Fit(map.Transform(training));

        EventClip[] unheard = EventClip.Make(60, seed: 3);
        SoundEvent[] found = [.. mlContext.Data
            .CreateEnumerable<EventRow>(detector.DetectEvents(mlContext.Data.LoadFromEnumerable(unheard), "Name"), false)
            .Select(row => new SoundEvent(row.Clip, row.Label, row.Onset, row.Offset, row.Score))];
        SoundEvent[] reference = [.. unheard.SelectMany(clip => clip.Label.Select(
            (label, i) => new SoundEvent(clip.Name, label, clip.Onsets[i], clip.Offsets[i])))];
        EventBasedMetrics metrics = EventBasedMetrics.Compute(reference, found, Matching());
        Assert.IsGreaterThan(minimumF1, metrics.Overall.F1);
        Assert.IsGreaterThan(0.9, epochs[^1].ValidationMeanAveragePrecision!.Value);
        Assert.HasCount(3, detector.Decoding.Thresholds);
    }

    [TestMethod]
    public void WeakLabelsNeedNoTimes()
    {
        var mlContext = new MLContext(seed: 1);
        SoundEventDetectionTrainer.Options options = Options();
        options.Model.Epochs = 1;
        options.Model.LabelColumnName = "Label";
        IDataView clips = mlContext.Data.LoadFromEnumerable(TaggedClip.Make(24, seed: 1));

        using var detector = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.SoundEventDetection().Trainer(options)).Fit(clips).LastTransformer;

        CollectionAssert.AreEquivalent(TaggedClip.Classes, detector.ClassNames.ToArray());
    }

    [TestMethod]
    public void EventsThatAreNoneAreAnError()
    {
        AssertEventError(clip => clip.Onsets = [0.1f], "1 onsets in 'Onsets'");
        AssertEventError(clip => clip.Onsets = [0.5f, -1], "event 1 is from -1");
        AssertEventError(clip => clip.Offsets = [3, 0.25], "event 1 is from 0.5 to 0.25 s");
        AssertEventError(clip => clip.Offsets = [3, double.NaN], "event 1 is from 0.5 to NaN s");

        static void AssertEventError(Action<EventClip> spoil, string expected)
        {
            var mlContext = new MLContext(seed: 1);
            EventClip[] clips = EventClip.Make(8, seed: 1);
            (clips[5].Label, clips[5].Onsets, clips[5].Offsets) = (["low", "high"], [0.5f, 0.5f], [3, 3]);
            spoil(clips[5]);
            SoundEventDetectionTrainer.Options options = Options();
            options.Supervision = EventSupervision.Strong;

            var error = Assert.ThrowsExactly<InvalidDataException>(() =>
                mlContext.Transforms.Conversion.MapValueToKey("Label")
                    .Append(mlContext.SoundEventDetection().Trainer(options))
                    .Fit(mlContext.Data.LoadFromEnumerable(clips)));

            StringAssert.Contains(error.Message, "Row 5");
            StringAssert.Contains(error.Message, expected);
        }
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        (string Name, Action<SoundEventDetectionTrainer.Options> Set)[] wrong =
        [
            ("TuneThresholds", options => options.TuneThresholds = true),
            ("FrameMilliseconds", options => options.FrameMilliseconds = 0),
            ("OnsetColumnName", options => options.OnsetColumnName = ""),
            ("EventColumnPrefix", options => options.EventColumnPrefix = " "),
            ("Supervision", options => options.Supervision = (EventSupervision)9),
            ("Model.Epochs", options => options.Model.Epochs = 0),
            ("Model.Augmentation.TimeRollFrames", options => options.Model.Augmentation.TimeRollFrames = 3),
            ("Model.Config.ShortClips", options => Config(options).ShortClips = HtsAtShortClips.RepeatWindows),
            ("Model.Sampling.Order", options => options.Model.Sampling.Order = ClipOrder.Balanced),
            ("Model.Optimization.FreezeBackbone", options => options.Model.Optimization.FreezeBackbone = true),
        ];
        foreach ((string name, Action<SoundEventDetectionTrainer.Options> set) in wrong)
        {
            SoundEventDetectionTrainer.Options options = Options();
            options.Supervision = EventSupervision.Strong;
            set(options);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().SoundEventDetection().Trainer(options), name);
            StringAssert.Contains(error.Message, $"Option {name} is ");
        }
    }

    [TestMethod]
    public void ClipsWithTimesFitAnImage()
    {
        var mlContext = new MLContext(seed: 1);
        SoundEventDetectionTrainer.Options options = Options();
        options.Supervision = EventSupervision.Strong;
        (Config(options).ImageSize, Config(options).Depths, Config(options).Heads) = (8, [1], [1]);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(mlContext.SoundEventDetection().Trainer(options)).Fit(Data(mlContext, 8, seed: 1)));

        StringAssert.Contains(error.Message, "8 frames");
        StringAssert.Contains(error.Message, "all 32 of a clip");
    }

    private static EventBasedMetrics.Options Matching() => new() { Collar = 0.45 };

    internal static SoundEventDetectionTrainer.Options Options() => new()
    {
        Model = new HtsAtOptions
        {
            Config =
            {
                Pooling = HtsAtPooling.LinearSoftmax,
                ImageSize = 16,
                PatchSize = 2,
                StrideFrequency = 2,
                StrideTime = 2,
                EmbedDim = 16,
                Depths = [2, 1],
                Heads = [2, 2],
                WindowSize = 4,
            },
            LearningRate = 5e-3,
            LearningRateSchedule = new ConstantSchedule(),
            Epochs = 15,
            BatchSize = 16,
            Seed = 7,
        },
        FrameMilliseconds = 100,
        Matching = Matching(),
    };

    private static HtsAtConfig Config(SoundEventDetectionTrainer.Options options) => ((HtsAtOptions)options.Model).Config;

    private static IDataView Data(MLContext mlContext, int count, int seed) =>
        mlContext.Data.LoadFromEnumerable(EventClip.Make(count, seed));

    internal sealed class EventClip
    {
        public const int Frames = 32;
        public const int Mels = 8;
        private static readonly string[] s_classes = ["low", "middle", "high"];

        public string Name { get; set; } = "";

        public string Fold { get; set; } = "";

        public string[] Label { get; set; } = [];

        public float[] Onsets { get; set; } = [];

        public double[] Offsets { get; set; } = [];

        [VectorType(Frames, Mels)]
        public float[] Features { get; set; } = [];

        public static EventClip[] Make(int count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(i => Make($"clip {i}", i % 7, random))];
        }

        private static EventClip Make(string name, int set, Random random)
        {
            var features = new float[Frames * Mels];
            for (int i = 0; i < features.Length; i++)
            {
                features[i] = 0.3f * (float)(random.NextDouble() - 0.5);
            }

            List<string> labels = [];
            List<(int Start, int End)> spans = [];
            for (int label = 0; label < s_classes.Length; label++)
            {
                if ((set >> label & 1) == 0)
                {
                    continue;
                }

                int start = 4 * random.Next(6);
                int end = Math.Min(Frames, start + 8 + (4 * random.Next(3)));
                labels.Add(s_classes[label]);
                spans.Add((start, end));
                for (int i = start * Mels; i < end * Mels; i++)
                {
                    features[i] += i % Mels * s_classes.Length / Mels == label ? 1 : 0;
                }
            }

            return new EventClip
            {
                Name = name,
                Label = [.. labels],
                Onsets = [.. spans.Select(span => span.Start * 0.1f)],
                Offsets = [.. spans.Select(span => span.End * 0.1)],
                Features = features,
            };
        }
    }

    private sealed class EventRow
    {
        public string Clip { get; set; } = "";

        public string Label { get; set; } = "";

        public double Onset { get; set; }

        public double Offset { get; set; }

        public double Score { get; set; }
    }
}
