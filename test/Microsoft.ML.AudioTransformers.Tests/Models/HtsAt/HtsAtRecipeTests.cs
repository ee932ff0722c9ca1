using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class HtsAtRecipeTests
{
    [TestMethod]
    public void RecipesHaveThePublishedValuesAndPassTheTrainersChecks()
    {
        var trainers = new MLContext().MulticlassClassification.Trainers;
        HtsAtOptions audioSet = HtsAtOptions.AudioSet();
        HtsAtOptions esc50 = HtsAtOptions.Esc50();
        HtsAtOptions speech = HtsAtOptions.SpeechCommands();
        trainers.HtsAt(audioSet);
        trainers.HtsAt(esc50);
        trainers.HtsAt(speech);
        trainers.HtsAt(HtsAtOptions.Small());

        Assert.AreEqual((100, 128, 1e-3, 0.05), (
            audioSet.Epochs, audioSet.BatchSize, audioSet.LearningRate, audioSet.WeightDecay));
        Assert.AreEqual((2, 2), (audioSet.Augmentation.TimeMaskCount, audioSet.Augmentation.FrequencyMaskCount));
        Assert.AreEqual((128, 16), (
            audioSet.Augmentation.TimeMaskFrames * audioSet.Augmentation.TimeMaskCount,
            audioSet.Augmentation.FrequencyMaskBins * audioSet.Augmentation.FrequencyMaskCount));
        Assert.AreEqual((0.5, 0.0, 0.0), (
            audioSet.Augmentation.MixupAlpha, esc50.Augmentation.MixupAlpha, speech.Augmentation.MixupAlpha));
        Assert.IsFalse(audioSet.Augmentation.MixLabels);
        Assert.AreEqual((ClipOrder.ClassesInTurn, ClipOrder.Shuffled), (audioSet.Sampling.Order, esc50.Sampling.Order));
        Assert.AreEqual((0.1, AudioLossFunction.BinaryCrossEntropy), (audioSet.Config.DropPath, speech.Optimization.Loss));
        CollectionAssert.AreEqual(
            new[] { 0.02, 0.05, 0.1 }, ((StagedSchedule)audioSet.LearningRateSchedule!).Factors.ToArray());
        Assert.AreEqual(10, audioSet.ScoringTimeShifts);
        Assert.AreEqual((64, AudioLossFunction.CrossEntropy), (esc50.BatchSize, esc50.Optimization.Loss));
        Assert.AreEqual((16000, 160, 160000), (
            speech.FrontEnd!.SampleRate, speech.FrontEnd.HopLength, speech.FrontEnd.TargetSamples));
    }
}
