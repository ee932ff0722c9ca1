using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class AstRecipeTests
{
    [TestMethod]
    public void RecipesHaveThePublishedValuesAndPassTheTrainersChecks()
    {
        var trainers = new MLContext().MulticlassClassification.Trainers;
        AstOptions audioSet = AstOptions.AudioSet();
        AstOptions esc50 = AstOptions.Esc50();
        AstOptions speech = AstOptions.SpeechCommands();
        trainers.Ast(audioSet);
        trainers.Ast(esc50);
        trainers.Ast(speech);
        trainers.Ast(AstOptions.Small());

        Assert.AreEqual((5, 12, 1e-5), (audioSet.Epochs, audioSet.BatchSize, audioSet.LearningRate));
        Assert.AreEqual((25, 48, 1e-5), (esc50.Epochs, esc50.BatchSize, esc50.LearningRate));
        Assert.AreEqual((30, 128, 2.5e-4), (speech.Epochs, speech.BatchSize, speech.LearningRate));
        Assert.AreEqual((1024, 512, 128), (
            audioSet.FrontEnd!.TargetFrames, esc50.FrontEnd!.TargetFrames, speech.FrontEnd!.TargetFrames));
        Assert.AreEqual((192, 48, 0.5), (
            audioSet.Augmentation.TimeMaskFrames, audioSet.Augmentation.FrequencyMaskBins,
            audioSet.Augmentation.WaveformMixupProbability));

        Assert.AreEqual((96, 24, 0.0), (
            esc50.Augmentation.TimeMaskFrames, esc50.Augmentation.FrequencyMaskBins,
            esc50.Augmentation.WaveformMixupProbability));
        Assert.AreEqual((48, 48, 0.6, 10), (
            speech.Augmentation.TimeMaskFrames, speech.Augmentation.FrequencyMaskBins,
            speech.Augmentation.WaveformMixupProbability, speech.Augmentation.TimeRollFrames));
        Assert.AreEqual((10.0, 10.0), (audioSet.Augmentation.WaveformMixupAlpha, speech.Augmentation.WaveformMixupAlpha));
        Assert.IsTrue(new[] { audioSet, esc50, speech }.All(options => options.WeightDecay == 5e-7));

        // What is hidden is a logarithm of 0 after normalization.
        Assert.AreEqual(4.2677393 / (2 * 4.5689974), audioSet.Augmentation.MaskValue, 1e-5);
    }

    // Source: the official run.sh of audioset, run_esc.sh and run_sc.sh, and traintest.py.
    [TestMethod]
    public void RecipesHaveTheSchedulesLossesAndAveragesOfTheOfficialScripts()
    {
        AstOptions audioSet = AstOptions.AudioSet();
        AstOptions esc50 = AstOptions.Esc50();
        AstOptions speech = AstOptions.SpeechCommands();

        Assert.AreEqual((2, 1, 0.5, 1000, 50), Schedule(audioSet));
        Assert.AreEqual((5, 1, 0.85, 0, 50), Schedule(esc50));
        Assert.AreEqual(Schedule(esc50), Schedule(speech));
        Assert.AreEqual((1, 1), (
            audioSet.Optimization.WeightAveragingFirstEpoch, audioSet.Optimization.WeightAveragingEveryEpochs));
        Assert.AreEqual((0, 0), (
            esc50.Optimization.WeightAveragingFirstEpoch, speech.Optimization.WeightAveragingFirstEpoch));
        CollectionAssert.AreEqual(
            new[]
            {
                AudioLossFunction.BinaryCrossEntropy, AudioLossFunction.CrossEntropy,
                AudioLossFunction.BinaryCrossEntropy,
            },
            new[] { audioSet, esc50, speech }.Select(options => options.Optimization.Loss).ToArray());
        Assert.AreEqual((ClipOrder.Balanced, 0.01, true), (
            audioSet.Sampling.Order, audioSet.Sampling.BalancedOffset, audioSet.Sampling.WithReplacement));
        Assert.AreEqual((-6.6268077f, 5.358466f), (esc50.FrontEnd!.NormalizationMean, esc50.FrontEnd.NormalizationStd));
        Assert.AreEqual((-6.845978f, 5.5654526f), (speech.FrontEnd!.NormalizationMean, speech.FrontEnd.NormalizationStd));
    }

    private static (int Start, int Every, double Decay, int Warmup, int Stair) Schedule(AstOptions options)
    {
        var schedule = (MultiStepSchedule)options.LearningRateSchedule!;
        return (
            schedule.DecayStart, schedule.DecayInterval, schedule.Decay, schedule.WarmupSteps, schedule.WarmupStairSteps);
    }
}
