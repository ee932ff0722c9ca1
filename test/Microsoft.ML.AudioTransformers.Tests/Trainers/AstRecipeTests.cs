using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Trainers;

[TestClass]
public sealed class AstRecipeTests
{
    [TestMethod]
    public void RecipesHaveThePublishedValuesAndPassTheTrainersChecks()
    {
        var trainers = new MLContext().MulticlassClassification.Trainers;
        AstTrainer.Options audioSet = AstTrainer.Options.AudioSet();
        AstTrainer.Options esc50 = AstTrainer.Options.Esc50();
        AstTrainer.Options speech = AstTrainer.Options.SpeechCommands();
        trainers.Ast(audioSet);
        trainers.Ast(esc50);
        trainers.Ast(speech);

        Assert.AreEqual((5, 12, 1e-5), (audioSet.Epochs, audioSet.BatchSize, audioSet.LearningRate));
        Assert.AreEqual((25, 48, 1e-5), (esc50.Epochs, esc50.BatchSize, esc50.LearningRate));
        Assert.AreEqual((30, 128, 2.5e-4), (speech.Epochs, speech.BatchSize, speech.LearningRate));
        Assert.AreEqual((1024, 512, 128), (
            audioSet.FrontEnd!.TargetFrames, esc50.FrontEnd!.TargetFrames, speech.FrontEnd!.TargetFrames));
        Assert.AreEqual((192, 48, 0.5), (
            audioSet.Augmentation.TimeMaskFrames, audioSet.Augmentation.FrequencyMaskBins,
            audioSet.Augmentation.WaveformMixupProbability));

        // What is hidden is a logarithm of 0 after normalization.
        Assert.AreEqual(4.2677393 / (2 * 4.5689974), audioSet.Augmentation.MaskValue, 1e-5);
    }
}
