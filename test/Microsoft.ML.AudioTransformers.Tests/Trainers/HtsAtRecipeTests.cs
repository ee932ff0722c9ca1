using Microsoft.ML.AudioFeaturization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Trainers;

[TestClass]
public sealed class HtsAtRecipeTests
{
    [TestMethod]
    public void RecipesHaveThePublishedValuesAndPassTheTrainersChecks()
    {
        var trainers = new MLContext().MulticlassClassification.Trainers;
        HtsAtTrainer.Options audioSet = HtsAtTrainer.Options.AudioSet();
        HtsAtTrainer.Options esc50 = HtsAtTrainer.Options.Esc50();
        HtsAtTrainer.Options speech = HtsAtTrainer.Options.SpeechCommands();
        trainers.HtsAt(audioSet);
        trainers.HtsAt(esc50);
        trainers.HtsAt(speech);

        Assert.AreEqual((100, 128, 1e-3, 0.05), (
            audioSet.Epochs, audioSet.BatchSize, audioSet.LearningRate, audioSet.WeightDecay));
        Assert.AreEqual((128, 16), (
            audioSet.Augmentation.TimeMaskFrames * audioSet.Augmentation.TimeMaskCount,
            audioSet.Augmentation.FrequencyMaskBins * audioSet.Augmentation.FrequencyMaskCount));
        Assert.IsFalse(audioSet.Augmentation.MixLabels);
        Assert.AreEqual(10, audioSet.ScoringTimeShifts);
        Assert.AreEqual((64, AudioClassificationLoss.CrossEntropy), (esc50.BatchSize, esc50.Optimization.Loss));
        Assert.AreEqual((16000, 160, 160000), (
            speech.FrontEnd!.SampleRate, speech.FrontEnd.HopLength, speech.FrontEnd.TargetSamples));
    }
}
