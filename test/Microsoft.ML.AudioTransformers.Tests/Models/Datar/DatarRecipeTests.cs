using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class DatarRecipeTests
{
    [TestMethod]
    public void RecipesHaveThePapersValuesAndPassTheTrainersChecks()
    {
        var trainers = new MLContext().MulticlassClassification.Trainers;
        DatarOptions[] recipes =
        [
            DatarOptions.KineticsSounds(),
            DatarOptions.EpicKitchens100(),
            DatarOptions.VggSound(sampleRate: 16000),
        ];
        Array.ForEach(recipes, options => trainers.Datar(options));
        trainers.Datar(DatarOptions.Small());

        CollectionAssert.AreEqual(new[] { 300, 100, 50 }, recipes.Select(options => options.Epochs).ToArray());
        CollectionAssert.AreEqual(
            new[] { 43000, 43000, 16000 }, recipes.Select(options => options.FrontEnd!.SampleRate).ToArray());
        Assert.IsTrue(Array.TrueForAll(recipes, options => options.LearningRate == 1e-5));
        Assert.IsTrue(Array.TrueForAll(recipes, options => (options.BatchSize, options.WeightDecay) == (12, 0.05)));
        Assert.AreEqual(1024, recipes[0].FrontEnd!.TargetFrames);
        Assert.AreEqual(128, recipes[0].FrontEnd!.MelBins);
    }
}
