using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public sealed class SoundEventDetectionOptionsTests
{
    [TestMethod]
    public void DesedIsThePapersModelOfAudioSetWithAThresholdForEachOfTenClasses()
    {
        SoundEventDetectionEstimator.Options options = SoundEventDetectionEstimator.Options.Desed("audioset.ckpt");
        OptionCheck.All(options);

        Assert.AreEqual("audioset.ckpt", options.Model.PretrainedWeights);
        Assert.AreEqual((32000, 64, 1), (
            options.Model.FrontEnd!.SampleRate, options.Model.FrontEnd.MelBins, options.Model.ScoringTimeShifts));
        Assert.AreEqual(527, options.ClassNames.Length);
        Assert.AreEqual("526", options.ClassNames[^1]);
        CollectionAssert.AreEqual(
            new[] { 0.275, 0.2, 0.2, 0.23, 0.48, 0.2, 0.18, 0.51, 0.39, 0.14 }, options.Decoding.Thresholds);
        Assert.AreEqual("Vacuum_cleaner", options.Decoding.Mapping!.ClassNames[^1]);
        CollectionAssert.AreEqual(new[] { 1 }, options.Decoding.MedianFilterFrames);
    }

    [TestMethod]
    public void DesedTakesTheNamesOfAudioSetsClasses()
    {
        string[] names = [.. Enumerable.Range(0, 527).Select(label => $"class {label}")];

        Assert.AreSame(names, SoundEventDetectionEstimator.Options.Desed("audioset.ckpt", names).ClassNames);
    }
}
