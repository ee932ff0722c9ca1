using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.AutoML.StandIn.Tests;

[TestClass]
public class SearchSpaceTests
{
    [TestMethod]
    public void OptionsAreSortedByNameAndSampledFromTheUnitCube()
    {
        var space = new SearchSpace<Options>();

        Options low = space.SampleFromFeatureSpace([0, 0, 0, 0]);
        Options high = space.SampleFromFeatureSpace([0.99, 0.99, 0.99, 1]);

        // Deep, Kind, Rate, Size.
        Assert.AreEqual(4, space.FeatureSpaceDim);
        Assert.AreEqual((true, Kind.Small, 1e-5, 1), (low.Deep, low.Kind, Math.Round(low.Rate, 9), low.Size));
        Assert.AreEqual((false, Kind.Large, 5), (high.Deep, high.Kind, high.Size));
        Assert.AreEqual(Math.Pow(10, -2.03), high.Rate, 1e-12);
    }

    [TestMethod]
    public void DefaultsAreTheInitialValues()
    {
        var space = new SearchSpace<Options>();

        Options defaults = space.SampleFromFeatureSpace(space.Default);

        Assert.AreEqual((false, Kind.Large, 3), (defaults.Deep, defaults.Kind, defaults.Size));
        Assert.AreEqual(1e-3, defaults.Rate, 1e-12);
    }

    [TestMethod]
    public void MappingIsTheInverseOfSampling()
    {
        var space = new SearchSpace<Options>();

        double[] point = space.MappingToFeatureSpace(new Options { Deep = false, Kind = Kind.Large, Rate = 1e-3, Size = 3 });

        Assert.AreEqual(0.5, point[0], 1e-12);
        Assert.AreEqual(0.5, point[1], 1e-12);
        Assert.AreEqual(2 / 3.0, point[2], 1e-12);
        Assert.AreEqual(0.5, point[3], 1e-12);
    }

    [TestMethod]
    public void WhatIsNotSweptKeepsTheGivenDefault()
    {
        var space = new SearchSpace<Options>(new Options { Name = "kept" });

        Assert.AreEqual("kept", space.SampleFromFeatureSpace([0, 0, 0, 0]).Name);
    }

    [TestMethod]
    public void ASingleChoiceTakesNoDimension()
    {
        var option = new ChoiceOption("only");

        Assert.AreEqual(0, option.FeatureSpaceDim);
        Assert.AreEqual("only", option.SampleFromFeatureSpace([]).AsType<string>());
    }

    [TestMethod]
    public void AParameterIsItsJson()
    {
        Parameter parameter = Parameter.FromObject(new Options { Kind = Kind.Large, Rate = 0.25, Size = 2 });

        Assert.AreEqual("""{"Deep":false,"Kind":"Large","Rate":0.25,"Size":2}""", parameter.ToString());
        Assert.AreEqual(Kind.Large, parameter.AsType<Options>().Kind);
        Assert.AreEqual(parameter, System.Text.Json.JsonSerializer.Deserialize<Parameter>(parameter.ToString()));
    }

    internal enum Kind
    {
        Small,
        Large,
    }

    internal sealed class Options
    {
        [BooleanChoice(false)]
        public bool Deep { get; set; }

        [Choice([Kind.Small, Kind.Large], Kind.Large)]
        public Kind Kind { get; set; }

        [Microsoft.ML.SearchSpace.Range(1e-5, 1e-2, init: 1e-3, logBase: true)]
        public double Rate { get; set; }

        [Microsoft.ML.SearchSpace.Range(1, 5, init: 3)]
        public int Size { get; set; }

        public string? Name { get; set; }
    }
}
