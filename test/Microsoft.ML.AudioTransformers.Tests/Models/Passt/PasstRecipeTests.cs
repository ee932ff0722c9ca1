using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class PasstRecipeTests
{
    [TestMethod]
    public void RecipesPassTheTrainersChecksAndCanBeChanged()
    {
        var mlContext = new MLContext();
        foreach (Func<PasstOptions> recipe in new[]
        {
            PasstOptions.AudioSet, PasstOptions.Esc50, PasstOptions.OpenMic,
            PasstOptions.Dcase20, () => PasstOptions.Small(),
        })
        {
            PasstOptions options = recipe();
            mlContext.MulticlassClassification.Trainers.Passt(options);
            options.Augmentation.GainDecibels = 3;

            Assert.AreEqual(7, recipe().Augmentation.GainDecibels, "each call gives options of its own");
        }
    }

    // Source: the official ex_audioset.py and audioset/dataset.py.
    [TestMethod]
    public void AudioSetHasThePublishedValues()
    {
        PasstOptions options = PasstOptions.AudioSet();
        AudioAugmentationOptions augmentation = options.Augmentation;

        Assert.AreEqual((130, 12, 2e-5, 1e-4), (options.Epochs, options.BatchSize, options.LearningRate, options.WeightDecay));
        Assert.AreEqual(
            (40, 4, 0),
            (options.Config.PatchoutTime, options.Config.PatchoutFrequency, options.Config.PatchoutUnstructured));
        Assert.AreEqual((192, 1, 48, 1), (
            augmentation.TimeMaskFrames, augmentation.TimeMaskCount,
            augmentation.FrequencyMaskBins, augmentation.FrequencyMaskCount));
        Assert.AreEqual((10, 2000, 15000.0), (
            augmentation.LowFrequencyRange, augmentation.HighFrequencyRange, options.FrontEnd!.HighFrequency));
        Assert.AreEqual((0.5, 2.0, 0.3, true), (
            augmentation.WaveformMixupProbability, augmentation.WaveformMixupAlpha, augmentation.MixupAlpha,
            augmentation.MixLabels));
        Assert.AreEqual((100_000, 100.0, false), (
            options.Sampling.SamplesPerEpoch, options.Sampling.BalancedOffset, options.Sampling.WithReplacement));
        Assert.AreEqual(AudioLossFunction.BinaryCrossEntropy, options.Optimization.Loss);

        // The code's 50 is counted from 1, and it takes the weights as they are when that epoch starts.
        Assert.AreEqual((49, 5), (
            options.Optimization.WeightAveragingFirstEpoch, options.Optimization.WeightAveragingEveryEpochs));
    }

    // Source: the official ex_esc50.py and esc50/dataset.py.
    [TestMethod]
    public void Esc50HasThePublishedValues()
    {
        PasstOptions options = PasstOptions.Esc50();

        Assert.AreEqual((10, 12, 1e-5, 1e-4), (options.Epochs, options.BatchSize, options.LearningRate, options.WeightDecay));
        Assert.AreEqual((10, 3), (options.Config.PatchoutTime, options.Config.PatchoutFrequency));
        Assert.AreEqual((80, 48), (options.Augmentation.TimeMaskFrames, options.Augmentation.FrequencyMaskBins));
        Assert.AreEqual((0.0, 0.3), (options.Augmentation.WaveformMixupProbability, options.Augmentation.MixupAlpha));
        Assert.AreEqual(160_000, options.FrontEnd!.TargetSamples);
        Assert.AreEqual(AudioLossFunction.CrossEntropy, options.Optimization.Loss);
    }

    // Source: the official ex_openmic.py.
    [TestMethod]
    public void OpenMicHasThePublishedValues()
    {
        PasstOptions options = PasstOptions.OpenMic();

        Assert.AreEqual((10, 6, 1e-5, 1e-4), (options.Epochs, options.BatchSize, options.LearningRate, options.WeightDecay));
        Assert.AreEqual((40, 4), (options.Config.PatchoutTime, options.Config.PatchoutFrequency));
        Assert.AreEqual((192, 48), (options.Augmentation.TimeMaskFrames, options.Augmentation.FrequencyMaskBins));
        Assert.AreEqual((0.5, 0.3), (options.Augmentation.WaveformMixupProbability, options.Augmentation.MixupAlpha));
        Assert.AreEqual(AudioLossFunction.BinaryCrossEntropy, options.Optimization.Loss);
    }

    [TestMethod]
    public void Dcase20HasWhatTheFineTuningsHaveInCommon()
    {
        PasstOptions options = PasstOptions.Dcase20();

        Assert.AreEqual((10, 12, 1e-5, 1e-4), (options.Epochs, options.BatchSize, options.LearningRate, options.WeightDecay));
        Assert.AreEqual((40, 4), (options.Config.PatchoutTime, options.Config.PatchoutFrequency));
        Assert.AreEqual(AudioLossFunction.CrossEntropy, options.Optimization.Loss);
        Assert.AreEqual(320_000, options.FrontEnd!.TargetSamples);
    }

    // Source: preprocess.py and its arguments in each ex_*.py; dataset.py; get_scheduler_lambda; get_extra_swa_callback.
    [TestMethod]
    public void AllRecipesOfThePaperHaveItsFrontEndScheduleAndWaveforms()
    {
        foreach (PasstOptions options in new[]
        {
            PasstOptions.AudioSet(), PasstOptions.Esc50(), PasstOptions.OpenMic(),
            PasstOptions.Dcase20(),
        })
        {
            Assert.AreEqual((32000, 128, 0.0, 15000.0), (
                options.FrontEnd!.SampleRate, options.FrontEnd.MelBins,
                options.FrontEnd.LowFrequency, options.FrontEnd.HighFrequency));
            Assert.AreEqual((7.0, 50), (options.Augmentation.GainDecibels, options.Augmentation.RollSamples));
            Assert.AreEqual(0.9f, options.Augmentation.MaskValue);
            var schedule = (ExponentialWarmupSchedule)options.LearningRateSchedule!;
            Assert.AreEqual((5, 50, 50, 0.01), (
                schedule.WarmupEpochs, schedule.RampDownStart, schedule.RampDownEpochs, schedule.LastFactor));
            if (options.Epochs == 10)
            {
                Assert.AreEqual((1, 1), (
                    options.Optimization.WeightAveragingFirstEpoch, options.Optimization.WeightAveragingEveryEpochs));
            }
        }
    }

    [TestMethod]
    public void WaveformAugmentationWithoutFrontEndIsRefused()
    {
        PasstOptions options = TinyModel.Options();
        options.Augmentation.GainDecibels = 7;

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.Trainers.Passt(options));

        StringAssert.Contains(exception.Message, "Augmentation.GainDecibels changes waveforms");
    }
}
