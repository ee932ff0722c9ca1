using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Labels and options of sound event detection that do not fit, and the names by which messages call them.</summary>
[TestClass]
public sealed class SoundEventLabelsTests
{
    [TestMethod]
    public void StrongLabelsWithoutAnyEventAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(View(mlContext));
        SoundEventDetectionTrainerTests.EventClip[] silent = SoundEventDetectionTrainerTests.EventClip.Make(8, seed: 1);
        Array.ForEach(silent, clip => (clip.Label, clip.Onsets, clip.Offsets) = ([], [], []));
        SoundEventDetectionTrainer.Options options = SoundEventDetectionTrainerTests.Options();
        options.Supervision = EventSupervision.Strong;

        var error = Assert.ThrowsExactly<InvalidDataException>(() => mlContext.SoundEventDetection().Trainer(options)
            .Fit(map.Transform(mlContext.Data.LoadFromEnumerable(silent))));

        StringAssert.Contains(error.Message, "None of the 8 rows of the training set has an event in label column 'Label'");
    }

    [TestMethod]
    public void ClassesThatStrongLabelsLackAreToldOf()
    {
        var mlContext = new MLContext(seed: 1);
        List<string> messages = [];
        mlContext.Log += (_, e) => messages.Add(e.Message);
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(View(mlContext));
        SoundEventDetectionTrainerTests.EventClip[] low =
            [.. SoundEventDetectionTrainerTests.EventClip.Make(14, seed: 1).Where(clip => clip.Label is ["low"])];
        SoundEventDetectionTrainer.Options options = SoundEventDetectionTrainerTests.Options();
        options.Supervision = EventSupervision.Strong;
        options.Model.Epochs = 1;

        mlContext.SoundEventDetection().Trainer(options).Fit(map.Transform(mlContext.Data.LoadFromEnumerable(low))).Dispose();

        Assert.IsTrue(messages.Any(message => message.Contains("2 of the 3 classes of label column 'Label'", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void TwoClassesOfOneNameAreAnError()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView rows = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(row => new SlotRow { Dog = row % 2 }));
        IDataView slots = mlContext.Transforms.Concatenate("Label", "Dog", "Dog").Fit(rows).Transform(rows);

        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => mlContext.SoundEventDetection().Trainer(SoundEventDetectionTrainerTests.Options()).Fit(slots));

        StringAssert.Contains(error.Message, "Label column 'Label' has two classes with the name 'Dog'");
    }

    [TestMethod]
    public void OptionsThatDoNotFitEachOtherAreNamedWithTheirPath()
    {
        AssertNamed("Model.Optimization.AccumulationSteps is 17", model => model.Optimization.AccumulationSteps = 17);
        AssertNamed("Model.Optimization.EarlyStoppingPatience is 2", model => model.Optimization.EarlyStoppingPatience = 2);
        AssertNamed("Model.Augmentation.GainDecibels changes", model => model.Augmentation.GainDecibels = 3);
        AssertNamed("Model.Augmentation.RandomCrop is True", model => model.Augmentation.RandomCrop = true);
        AssertNamed("Model.Config.Heads is 1", model => ((HtsAtOptions)model).Config.Heads = [1]);

        static void AssertNamed(string expected, Action<AudioTrainerOptions> change)
        {
            SoundEventDetectionTrainer.Options options = SoundEventDetectionTrainerTests.Options();
            change(options.Model);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().SoundEventDetection().Trainer(options), expected);
            StringAssert.Contains(error.Message, $"Option {expected}");
        }
    }

    [TestMethod]
    public void ADataViewKeepsTheDecodingThatItWasMadeWith()
    {
        using var folder = new TemporaryFolder();
        IDataView clips = Right.View(Right.Clips());
        using SoundEventDetectionTransformer detector = WrongDetectorInput.Detector(folder);
        detector.Decoding = new EventDecodingOptions { Thresholds = [0] };
        IDataView rows = detector.Transform(clips);
        IDataView events = detector.DetectEvents(clips);
        (int expectedRows, string[] expectedLabels) = (Count(rows), Labels(events));
        Assert.IsGreaterThan(0, expectedRows);

        detector.Decoding = new EventDecodingOptions { Thresholds = [1], Mapping = new ClassMapping(["any"], [[0, 1, 2]]) };

        Assert.AreEqual(expectedRows, Count(rows));
        CollectionAssert.AreEqual(expectedLabels, Labels(events));
        Assert.AreEqual(0, Count(detector.Transform(clips)));
        Assert.IsEmpty(Labels(detector.DetectEvents(clips)));

        static int Count(IDataView view) => view.GetColumn<float[]>("EventOnsets").Sum(onsets => onsets.Length);

        static string[] Labels(IDataView view) => [.. view.GetColumn<string>("Label")];
    }

    [TestMethod]
    public void ClassesOfAMappingAreNamedOnce()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => new ClassMapping(null!, []));
        Assert.ThrowsExactly<ArgumentNullException>(() => new ClassMapping([], null!));
        AssertError(["a", "a"], [[0], [1]], "class 1 has the name 'a'");
        AssertError([null!], [[0]], "class 0 has the name ''");
        AssertError(["a"], [null!], "'a' has no source");
        AssertError(["a"], [[0, 0]], "'a' has the source 0");

        static void AssertError(string[] names, int[][] sources, string expected) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new ClassMapping(names, sources)).Message, expected);
    }

    [TestMethod]
    public void NamesOfAPretrainedModelsClassesAreText()
    {
        var options = new SoundEventDetectionEstimator.Options
        {
            Model = new HtsAtOptions { PretrainedWeights = "weights.pt" },
            ClassNames = ["a", null!],
        };
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().SoundEventDetection().Pretrained(options));
        StringAssert.Contains(error.Message, "Option ClassNames[1] is null; expected a class's name");
    }

    private static IDataView View(MLContext mlContext) =>
        mlContext.Data.LoadFromEnumerable(SoundEventDetectionTrainerTests.EventClip.Make(8, seed: 1));

    private sealed class SlotRow
    {
        public float Dog { get; set; }

        [VectorType(SoundEventDetectionTrainerTests.EventClip.Frames, SoundEventDetectionTrainerTests.EventClip.Mels)]
        public float[] Features { get; set; } =
            new float[SoundEventDetectionTrainerTests.EventClip.Frames * SoundEventDetectionTrainerTests.EventClip.Mels];
    }
}
