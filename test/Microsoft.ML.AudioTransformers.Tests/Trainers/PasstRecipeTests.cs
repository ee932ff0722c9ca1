using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Trainers;

[TestClass]
public sealed class PasstRecipeTests
{
    [TestMethod]
    public void RecipesPassTheTrainersChecksAndCanBeChanged()
    {
        var mlContext = new MLContext();
        foreach (Func<PasstTrainer.Options> recipe in new[]
        {
            PasstTrainer.Options.AudioSet, PasstTrainer.Options.Esc50, PasstTrainer.Options.OpenMic,
        })
        {
            PasstTrainer.Options options = recipe();
            mlContext.MulticlassClassification.Trainers.Passt(options);
            options.Augmentation.GainDecibels = 3;

            Assert.AreEqual(7, recipe().Augmentation.GainDecibels, "each call gives options of its own");
        }
    }

    [TestMethod]
    public void AudioSetHasThePublishedValues()
    {
        PasstTrainer.Options options = PasstTrainer.Options.AudioSet();

        Assert.AreEqual((130, 12, 2e-5, 1e-4), (options.Epochs, options.BatchSize, options.LearningRate, options.WeightDecay));
        Assert.AreEqual((40, 4), (options.PatchoutTime, options.PatchoutFrequency));
        Assert.AreEqual((192, 48, 0.3), (
            options.Augmentation.TimeMaskFrames, options.Augmentation.FrequencyMaskBins, options.Augmentation.MixupAlpha));
        Assert.AreEqual((100_000, 100.0), (options.Sampling.SamplesPerEpoch, options.Sampling.BalancedOffset));
    }

    [TestMethod]
    public void Esc50HasThePublishedValues()
    {
        PasstTrainer.Options options = PasstTrainer.Options.Esc50();

        Assert.AreEqual((10, 12, 1e-5), (options.Epochs, options.BatchSize, options.LearningRate));
        Assert.AreEqual((10, 3), (options.PatchoutTime, options.PatchoutFrequency));
        Assert.AreEqual((80, 48), (options.Augmentation.TimeMaskFrames, options.Augmentation.FrequencyMaskBins));
    }

    [TestMethod]
    public void WaveformAugmentationWithoutFrontEndIsRefused()
    {
        PasstTrainer.Options options = TinyModel.Options();
        options.Augmentation.GainDecibels = 7;

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.Trainers.Passt(options));

        StringAssert.Contains(exception.Message, "Augmentation.GainDecibels changes waveforms");
    }
}
