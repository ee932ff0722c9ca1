using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.AutoML.StandIn.Tests;

[TestClass]
public class SweepablePipelineTests
{
    private static readonly MLContext s_mlContext = new(1);

    [TestMethod]
    public void EachPlaceMultipliesTheWaysThrough()
    {
        SweepablePipeline pipeline = Copy("a").Append(Copy("b"), Copy("c")).Append(Copy("d"), Copy("e"));

        Parameter first = pipeline.SearchSpace.SampleFromFeatureSpace(new double[pipeline.SearchSpace.FeatureSpaceDim]);
        string[] ways = [.. Enumerable.Range(0, 4).Select(i => Sample(pipeline, i / 4.0)["_SCHEMA_"].AsType<string>())];

        CollectionAssert.AreEqual(new[] { "e0 * e1 * e3", "e0 * e1 * e4", "e0 * e2 * e3", "e0 * e2 * e4" }, ways);
        Assert.AreEqual(ways[0], first["_SCHEMA_"].AsType<string>());
        CollectionAssert.AreEqual(new[] { "e0", "e1", "e2", "e3", "e4" }, pipeline.Estimators.Keys);
    }

    [TestMethod]
    public void TheChosenWayIsBuiltFromItsParameters()
    {
        SweepablePipeline pipeline = Copy("a").Append(Copy("b"), Copy("c"));
        IDataView data = s_mlContext.Data.LoadFromEnumerable([new Row { Number = 3 }]);

        IDataView result = pipeline.BuildFromOption(s_mlContext, Sample(pipeline, 0.5)).Fit(data).Transform(data);

        CollectionAssert.AreEqual(new[] { "Number", "a1", "c1" }, result.Schema.Select(column => column.Name).ToArray());
    }

    [TestMethod]
    public void APlainEstimatorTakesAPlaceWithNothingToSweep()
    {
        SweepablePipeline pipeline = s_mlContext.Transforms.CopyColumns("x", "Number").Append(Copy("a"))
            .Append(s_mlContext.Transforms.CopyColumns("y", "x"));

        Parameter parameter = pipeline.SearchSpace.SampleFromFeatureSpace(pipeline.SearchSpace.Default);

        Assert.AreEqual("""{"_SCHEMA_":"e0 * e1 * e2","e0":{},"e1":{"Which":2},"e2":{}}""", parameter.ToString());
        Assert.AreEqual(1, pipeline.SearchSpace.FeatureSpaceDim);
    }

    // The schema's choice is the first dimension of the space.
    private static Parameter Sample(SweepablePipeline pipeline, double way)
    {
        var point = new double[pipeline.SearchSpace.FeatureSpaceDim];
        point[0] = way;
        return pipeline.SearchSpace.SampleFromFeatureSpace(point);
    }

    private static SweepableEstimator Copy(string name) => s_mlContext.Auto().CreateSweepableEstimator(
        (context, options) => context.Transforms.CopyColumns(name + options.Which, "Number"), new SearchSpace<Options>());

    internal sealed class Options
    {
        [Microsoft.ML.SearchSpace.Range(1, 3, init: 2)]
        public int Which { get; set; }
    }

    private sealed class Row
    {
        public float Number { get; set; }
    }
}
