using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tests.Evaluation;

[TestClass]
public class SeedMetricsTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void MeanAndDeviationAreOverTheSeeds()
    {
        int fits = 0;
        SeedMetrics<AudioClassificationMetrics> seeds = _mlContext.AudioClassification().TrainOverSeeds(
            Rows(0), Rows(0, 1, 1, 1), context => Always(context, fits++), [7, 3, 5], keepModels: false);

        CollectionAssert.AreEqual(new[] { 7, 3, 5 }, seeds.Seeds.Select(seed => seed.Seed).ToArray());
        Assert.IsTrue(seeds.Seeds.All(seed => seed.Model is null && seed.Metrics.ClipCount == 4));

        // The models always say class 0, 1 and 2: 1, 3 and 0 of the 4 clips are right.
        CollectionAssert.AreEqual(new[] { 0.25, 0.75, 0 }, seeds.Seeds.Select(seed => seed.Metrics.Accuracy).ToArray());
        Assert.AreEqual(1 / 3.0, seeds.Average(metrics => metrics.Accuracy), 1e-12);

        // ((1/12)^2 + (5/12)^2 + (4/12)^2) / 2 = 42 / 288, whose root is 0.38188.
        Assert.AreEqual(Math.Sqrt(42 / 288.0), seeds.StandardDeviation(metrics => metrics.Accuracy), 1e-12);
        string table = seeds.GetFormattedTable("accuracy", metrics => metrics.Accuracy);
        foreach (string part in new[] { "seed", "0.7500", "0.3333", "0.3819" })
        {
            StringAssert.Contains(table, part);
        }
    }

    [TestMethod]
    public void EachSeedHasAContextOfItsOwn()
    {
        List<int> drawn = [];
        SeedMetrics<AudioTaggingMetrics> seeds = _mlContext.AudioTagging().TrainOverSeeds(
            Rows(0),
            Rows(0, 1),
            context =>
            {
                drawn.Add(First(context));
                return Always(context, 0);
            },
            [4, 9],
            labelColumnName: "Tags");
        CollectionAssert.AreEqual(new[] { First(new MLContext(4)), First(new MLContext(9)) }, drawn);
        Assert.IsNotNull(seeds.Seeds[1].Model);
    }

    [TestMethod]
    public void OneSeedOrTheSameTwiceIsRefused()
    {
        foreach (int[] seeds in new int[][] { [1], [1, 2, 1], [] })
        {
            var error = Assert.ThrowsExactly<ArgumentException>(() => _mlContext.AudioClassification().TrainOverSeeds(
                Rows(0), Rows(0), context => Always(context, 0), seeds));
            StringAssert.Contains(error.Message, "expected at least two, none of them twice");
        }
    }

    private static int First(MLContext context) => ((IHostEnvironment)context).Register("test").Rand.Next();

    /// <summary>An estimator of a model that always gives one of three classes the highest score.</summary>
    private static IEstimator<ITransformer> Always(MLContext context, int label) =>
        context.Transforms.CustomMapping<Row, Scored>(
            (_, output) => output.Score = [label == 0 ? 1 : 0, label == 1 ? 1 : 0, label == 2 ? 1 : 0], contractName: null);

    private IDataView Rows(params int[] labels) =>
        _mlContext.Data.LoadFromEnumerable(labels.Select(label => new Row
        {
            Label = label,
            Tags = [label == 0 ? 1 : 0, label == 1 ? 1 : 0, 0],
        }));

    private sealed class Row
    {
        public float Label { get; set; }

        [VectorType(3)]
        public float[] Tags { get; set; } = [];
    }

    private sealed class Scored
    {
        [VectorType(3)]
        public float[] Score { get; set; } = [];
    }
}
