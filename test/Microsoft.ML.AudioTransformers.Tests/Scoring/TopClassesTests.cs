using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

/// <summary>Columns of the likeliest classes.</summary>
[TestClass]
public sealed class TopClassesTests
{
    [TestMethod]
    public void BestComesFirstAndTheFirstOfEqualOnes()
    {
        var labels = new LabelKeys("Text", ["a", "b", "c", "d"]);
        var top = new TopClasses { Count = 3 };
        ClipScores scores = () => (float[])[0.2f, 0.5f, 0.2f, 0.1f];

        VBuffer<ReadOnlyMemory<char>> names = default;
        ((ValueGetter<VBuffer<ReadOnlyMemory<char>>>)top.CreateGetter(0, labels, scores))(ref names);
        VBuffer<float> values = default;
        ((ValueGetter<VBuffer<float>>)top.CreateGetter(1, labels, scores))(ref values);

        CollectionAssert.AreEqual(new[] { "b", "a", "c" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { 0.5f, 0.2f, 0.2f }, values.DenseValues().ToArray());
    }

    [TestMethod]
    public void ClassifierHasThemAlsoAfterItIsSavedAndLoaded()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView clips = TinyModel.Data(mlContext);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        options.TopLabelsColumnName = "Names";
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(clips);
        using var file = new MemoryStream();
        mlContext.Model.Save(model, clips.Schema, file);
        file.Position = 0;

        foreach (ITransformer either in (ITransformer[])[model, mlContext.Model.Load(file, out _)])
        {
            IDataView scored = either.Transform(clips);
            float[][] all = [.. scored.GetColumn<float[]>("Score")];
            float[][] top = [.. scored.GetColumn<float[]>("TopScores")];
            string[][] names = [.. scored.GetColumn<string[]>("Names")];
            for (int row = 0; row < all.Length; row++)
            {
                CollectionAssert.AreEqual(all[row].OrderDescending().ToArray(), top[row]);
                CollectionAssert.AreEquivalent(TinyModel.Classes, names[row]);
            }

            Assert.AreEqual(2, ((VectorDataViewType)scored.Schema["TopScores"].Type).Size, "no more than there are classes");
            using var engine = mlContext.Model.CreatePredictionEngine<TinyClip, Named>(either);
            Named named = engine.Predict(TinyClip.Make(1, 5, TinyModel.Classes)[0]);
            Assert.AreEqual(named.PredictedLabel, named.Names[0]);
        }
    }

    [TestMethod]
    public void NoneAreThereWhereNoneAreAskedFor()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        options.TopClasses = 0;
        IDataView clips = TinyModel.Data(mlContext);

        IDataView scored = TinyModel.Pipeline(mlContext, options).Fit(clips).Transform(clips);

        Assert.IsNull(scored.Schema.GetColumnOrNull("TopLabels"));
        options.TopClasses = -1;
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TinyModel.Pipeline(mlContext, options));
        BadInputTests.AssertMentions(error, "Option TopClasses is -1");
    }

    private sealed class Named
    {
        public string PredictedLabel { get; set; } = "";

        public string[] Names { get; set; } = [];
    }
}
