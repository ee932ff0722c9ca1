using System.Xml.Linq;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

[TestClass]
public sealed class SweepPartsTests
{
    [TestMethod]
    public void PruningComparesTheBestSoFarWithTheMedianOfAverages()
    {
        var pruning = new WayPruning(minimumTrials: 3, firstEpoch: 2);
        pruning.Add([0.25, 0.5]);
        pruning.Add([0.5, 1]);
        Assert.IsFalse(pruning.IsHopeless([0, 0]), "two trials are not enough");
        pruning.Add([0.75, 1]);
        pruning.Add([1]);

        // The averages after two epochs are 0.375, 0.75 and 0.875; the short trial has none.
        Assert.IsFalse(pruning.IsHopeless([0]), "before the first epoch that may end a trial");
        Assert.IsTrue(pruning.IsHopeless([0.74, 0.1]));
        Assert.IsFalse(pruning.IsHopeless([0.75, 0.1]), "as good as the median");
        Assert.IsFalse(pruning.IsHopeless([0, 0, 0]), "no trial is known to have had three epochs");
    }

    [TestMethod]
    public void AGridGoesFromEndToEndPastOptionsWithOneValue()
    {
        var space = new Space
        {
            ["a"] = new ChoiceOption("only"),
            ["b"] = new ChoiceOption("x", "y"),
            ["c"] = new Space { ["d"] = new UniformIntOption(1, 3), ["e"] = new ChoiceOption("one") },
        };
        var tuner = new GridTuner(space, steps: 3);

        string[] points = [.. Enumerable.Range(0, 7).Select(id => Describe(tuner.Propose(new TrialSettings { TrialId = id })))];

        CollectionAssert.AreEqual(new[] { "x1", "x2", "x3", "y1", "y2", "y3", "x1" }, points);

        static string Describe(Parameter point) => point["b"].AsType<string>() + point["c"]["d"].AsType<int>();
    }

    [TestMethod]
    public void AGridVariesOnlyWhatAWayThroughThePipelineTakes()
    {
        var tuner = new GridTuner(new Space { [AudioSweep.PipelineKey] = TwoWays() }, steps: 2);

        string[] points = [.. Enumerable.Range(0, 6).Select(id => Taken(tuner.Propose(new TrialSettings { TrialId = id })))];

        CollectionAssert.AreEqual(
            new[]
            {
                """{"a":{"x":0},"_SCHEMA_":"a"}""", """{"a":{"x":1},"_SCHEMA_":"a"}""",
                """{"b":{"y":0,"z":"p"},"_SCHEMA_":"b"}""", """{"b":{"y":0,"z":"q"},"_SCHEMA_":"b"}""",
                """{"b":{"y":5,"z":"p"},"_SCHEMA_":"b"}""", """{"b":{"y":5,"z":"q"},"_SCHEMA_":"b"}""",
            },
            points);
    }

    [TestMethod]
    public void RandomTrialsBeginWithTheDefaultsOfEachWayAndRepeatNone()
    {
        var tuner = new DefaultsFirstTuner(new Space { [AudioSweep.PipelineKey] = TwoWays() }, seed: 1);

        // There are 2 points on one way and 5 x 2 on the other.
        string[] points = [.. Enumerable.Range(0, 12).Select(id => Taken(tuner.Propose(new TrialSettings { TrialId = id })))];

        Assert.AreEqual("""{"a":{"x":1},"_SCHEMA_":"a"}""", points[0]);
        Assert.AreEqual("""{"b":{"y":2,"z":"q"},"_SCHEMA_":"b"}""", points[1]);
        CollectionAssert.AllItemsAreUnique(points);
        Assert.HasCount(2, points.Where(point => point.Contains("\"a\"", StringComparison.Ordinal)));
        CollectionAssert.Contains(points, Taken(tuner.Propose(new TrialSettings { TrialId = 12 })));
    }

    [TestMethod]
    public void PruningKeepsTheWaysThroughThePipelineApart()
    {
        Parameter slow = Way("e0 * e1");
        Parameter fast = Way("e0 * e2");
        var pruning = new MedianPruning(minimumTrials: 1, firstEpoch: 1);
        pruning.Of(fast).Add([0.9]);
        pruning.Of(slow).Add([0.1]);

        Assert.IsFalse(pruning.Of(slow).IsHopeless([0.2]));
        Assert.IsTrue(pruning.Of(fast).IsHopeless([0.2]));

        static Parameter Way(string way) =>
            Parameter.CreateNestedParameter(KeyValuePair.Create(PipelinePath.Key, Parameter.FromString(way)));
    }

    [TestMethod]
    public void NamesTellEstimatorsOfAKindApartAndSayWhichWayWasTaken()
    {
        var mlContext = new MLContext(seed: 1);
        SweepablePipeline pipeline = mlContext.Auto().ExtractLogMel("Features", "Waveform")
            .Append(mlContext.Auto().Passt(), mlContext.Auto().Passt());
        var tuner = new DefaultsFirstTuner(new Space { [AudioSweep.PipelineKey] = pipeline.SearchSpace }, seed: 1);
        tuner.Propose(new TrialSettings { TrialId = 0 });
        Parameter second = tuner.Propose(new TrialSettings { TrialId = 1 })[AudioSweep.PipelineKey];

        Dictionary<string, string> values = new SweepNames(pipeline).Values(PipelinePath.Taken(second));

        Assert.AreEqual("Passt e2", values["pipeline"]);
        Assert.AreEqual("3", values["Passt e2.PatchoutFrequency"]);
        Assert.AreEqual("128", values["LogMel.MelBins"]);
        Assert.IsFalse(values.ContainsKey("Passt.PatchoutFrequency"));
    }

    [TestMethod]
    public void OneKindOfPatchoutTurnsTheOtherOff()
    {
        var structured = new PasstOptions { PatchoutUnstructured = 5 };
        new PasstSearchSpace { Patchout = PatchoutKind.Structured, PatchoutTime = 2, PatchoutFrequency = 1 }
            .ApplyTo(structured);
        var unstructured = new PasstOptions { PatchoutTime = 5, Depth = 7 };
        new PasstSearchSpace { Patchout = PatchoutKind.Unstructured, PatchoutUnstructured = 9, LearningRate = 0.5 }
            .ApplyTo(unstructured);

        Assert.AreEqual(
            (2, 1, 0), (structured.PatchoutTime, structured.PatchoutFrequency, structured.PatchoutUnstructured));
        Assert.AreEqual(
            (0, 0, 9), (unstructured.PatchoutTime, unstructured.PatchoutFrequency, unstructured.PatchoutUnstructured));
        Assert.AreEqual((7, 0.5), (unstructured.Depth, unstructured.LearningRate));
    }

    [TestMethod]
    public void ATrialLeavesTheOptionsOfTheSweepAsTheyAre()
    {
        var options = new PasstOptions();
        var mlContext = new MLContext(seed: 1);

        SweepableEstimator sweepable = mlContext.Auto().Passt(options);
        sweepable.BuildFromOption(mlContext, Parameter.FromObject(new PasstSearchSpace { MixupAlpha = 0.5, Depth = 4 }));

        Assert.AreEqual((0.0, 12), (options.Augmentation.MixupAlpha, options.Depth));
    }

    [TestMethod]
    public void WhatIsNotSweptStays()
    {
        var options = new AstOptions { Depth = 5, TimeRollFrames = 6 };

        new AstSearchSpace
        {
            MixupAlpha = 0.3,
            FrequencyMaskBins = 2,
            Precision = AudioTrainingPrecision.MixedBFloat16,
        }.ApplyTo(options);

        Assert.AreEqual((5, 6, 1e-5), (options.Depth, options.TimeRollFrames, options.LearningRate));
        Assert.AreEqual(AudioTrainingPrecision.MixedBFloat16, options.Optimization.Precision);
        Assert.AreEqual((0.3, 2), (options.Augmentation.MixupAlpha, options.Augmentation.FrequencyMaskBins));
    }

    [TestMethod]
    public void AdaptorAndItsStrengthReachTheTrainersOptions()
    {
        var options = new DatarOptions();

        new DatarSearchSpace { Adaptor = DatarAdaptor.Laplacian, AdaptorStrength = 0.2 }.ApplyTo(options);

        Assert.AreEqual((DatarAdaptor.Laplacian, 0.2), (options.Adaptor, options.AdaptorStrength));
        Assert.AreEqual(0.2, options.DropPath, 1e-12);
    }

    [TestMethod]
    public void EachTrialHasCheckpointsOfItsOwn()
    {
        var mlContext = new MLContext(seed: 1);
        using var trial = new RunningTrial(mlContext, id: 7, pruning: null, CancellationToken.None)
        {
            Validation = mlContext.Data.LoadFromEnumerable([new { Label = 0 }]),
        };
        var options = new PasstOptions { WorkspacePath = "runs" };

        RunningTrial.In(mlContext)!.Join(options);

        Assert.AreEqual(Path.Combine("runs", "trial-0007"), options.WorkspacePath);
        Assert.AreSame(trial.Validation, options.ValidationSet);
        Assert.IsNull(RunningTrial.In(new MLContext()));
    }

    [TestMethod]
    public void TheSearchSpacesStartAtTheirTrainersRecipes()
    {
        var passt = new SearchSpace<PasstSearchSpace>();
        PasstSearchSpace point = passt.SampleFromFeatureSpace(passt.Default);
        var ast = new SearchSpace<AstSearchSpace>();
        AstSearchSpace astPoint = ast.SampleFromFeatureSpace(ast.Default);
        var datar = new SearchSpace<DatarSearchSpace>();
        DatarSearchSpace datarPoint = datar.SampleFromFeatureSpace(datar.Default);
        var logMel = new SearchSpace<LogMelSearchSpace>();
        LogMelSearchSpace frontEnd = logMel.SampleFromFeatureSpace(logMel.Default);

        Assert.AreEqual(PatchoutKind.Structured, point.Patchout);
        Assert.AreEqual((10, 3, 400), (point.PatchoutTime, point.PatchoutFrequency, point.PatchoutUnstructured));
        Assert.AreEqual((12, 0), (point.Depth, point.TimeRollFrames));
        Assert.AreEqual((0, 0, 0.0), (point.TimeMaskFrames, point.FrequencyMaskBins, point.MixupAlpha));
        Assert.AreEqual(1e-5, point.LearningRate!.Value, 1e-17);
        Assert.AreEqual((12, 0, 96, 24), (astPoint.Depth, astPoint.TimeRollFrames, astPoint.TimeMaskFrames, astPoint.FrequencyMaskBins));
        Assert.AreEqual(5e-7, astPoint.WeightDecay!.Value, 1e-17);
        var recipe = new DatarOptions();
        Assert.AreEqual(recipe.Adaptor, datarPoint.Adaptor);
        Assert.AreEqual(recipe.AdaptorStrength, datarPoint.AdaptorStrength!.Value, 1e-12);
        Assert.AreEqual(recipe.DropPath, datarPoint.DropPath!.Value, 1e-12);
        Assert.AreEqual(recipe.WeightDecay, datarPoint.WeightDecay!.Value, 1e-12);
        Assert.AreEqual(recipe.LearningRate, datarPoint.LearningRate!.Value, 1e-17);
        var htsAt = new SearchSpace<HtsAtSearchSpace>();
        HtsAtSearchSpace htsAtPoint = htsAt.SampleFromFeatureSpace(htsAt.Default);
        var changed = new HtsAtOptions();
        htsAtPoint.ApplyTo(changed);
        var unchanged = new HtsAtOptions();
        Assert.AreEqual(unchanged.LearningRate, changed.LearningRate, 1e-12);
        Assert.AreEqual(unchanged.DropPath, changed.DropPath, 1e-12);
        Assert.AreEqual(unchanged.WeightDecay, changed.WeightDecay, 1e-12);
        Assert.AreEqual((unchanged.TokenSemantic, 0), (changed.TokenSemantic, changed.TimeRollFrames));
        Assert.AreEqual((0, 0, 0.0), (htsAtPoint.TimeMaskFrames, htsAtPoint.FrequencyMaskBins, htsAtPoint.MixupAlpha));
        Assert.AreEqual(
            (AudioTrainingPrecision.Full, AudioTrainingPrecision.Full, AudioTrainingPrecision.Full),
            (htsAtPoint.Precision, point.Precision, datarPoint.Precision));
        Assert.AreEqual((128, 320, 800), (frontEnd.MelBins, frontEnd.HopLength, frontEnd.WindowLength));
    }

    [TestMethod]
    public void AChartHasTheTicksOfItsValues()
    {
        AudioSweepTrial[] trials =
        [
            .. Enumerable.Range(0, 3).Select(i => new AudioSweepTrial
            {
                Id = i,
                Parameters = Parameter.CreateNestedParameter(
                    KeyValuePair.Create("whole", Parameter.FromInt(i)),
                    KeyValuePair.Create("wide", Parameter.FromDouble(Math.Pow(10, i - 3))),
                    KeyValuePair.Create("choice", Parameter.FromString(i == 0 ? "one" : "other"))),
                MetricName = "mAP",
                State = i == 0 ? AudioSweepTrialState.Pruned : AudioSweepTrialState.Completed,
                Metric = 0.5 + (0.1 * i),
            }),
        ];

        XElement chart = XElement.Parse(SweepChart.Draw(trials, new SweepNames(pipeline: null), trials[2]).ToString());

        string[] texts = [.. chart.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        foreach (string tick in (string[])["0", "1", "2", "0.001", "0.01", "0.1", "one", "other"])
        {
            CollectionAssert.Contains(texts, tick);
        }

        CollectionAssert.DoesNotContain(texts, "1.5");
        CollectionAssert.DoesNotContain(texts, "-0");
        string[] best = [.. chart.Elements().Where(e => (string?)e.Attribute("fill") == "#ff7f0e").Select(e => e.Value)];
        Assert.HasCount(3, best.Where(hint => hint.StartsWith("trial 2: ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void ATableQuotesWhatACommaOrAQuoteIsIn()
    {
        AudioSweepTrial trial = new()
        {
            Id = 3,
            Parameters = Parameter.CreateNestedParameter(new KeyValuePair<string, Parameter>("x", Parameter.FromString("a,\"b\""))),
            MetricName = "mAP",
            State = AudioSweepTrialState.Failed,
            Message = "two\nlines",
        };

        Assert.AreEqual(
            "trial,state,mAP,seconds,x,validation accuracy by epoch,message\n3,Failed,,0.0,\"a,\"\"b\"\"\",,\"two\nlines\"\n",
            SweepTable.Write([trial], new SweepNames(pipeline: null)));
    }

    private static Space TwoWays() => new()
    {
        [PipelinePath.Key] = new ChoiceOption("a", "b"),
        ["a"] = new Space { ["x"] = new ChoiceOption([0, 1], 1) },
        ["b"] = new Space { ["y"] = new UniformIntOption(0, 5, defaultValue: 2), ["z"] = new ChoiceOption(["p", "q"], "q") },
    };

    private static string Taken(Parameter point) => PipelinePath.Taken(point[AudioSweep.PipelineKey]).ToString();
}
