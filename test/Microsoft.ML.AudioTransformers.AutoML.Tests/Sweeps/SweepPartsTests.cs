using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.ML.AudioTransformers.Models;
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
    // Right values: sed_eval with empty_system_output_handling='zero_score'; its default prefers the first to the second.
    [TestMethod]
    public void EventF1PrefersWhatFindsAClassToWhatNeverDoes()
    {
        var mlContext = new MLContext(seed: 1);
        SoundEvent[] reference = [new("a", "A", 0, 1), new("a", "C", 3, 4), new("b", "A", 5, 6), new("b", "C", 7, 8)];
        SoundEvent[] bothA = [reference[0], reference[2]];
        AudioSweepMetric metric = AudioSweepMetric.EventF1(
            mlContext.Data.LoadFromEnumerable(reference), (_, scored) => scored, new() { ClassNames = ["A", "C"] });

        Assert.AreEqual(0.5, F1(bothA), 1e-12);
        Assert.AreEqual((1 + (2 / 3.0)) / 2, F1([.. bothA, reference[1]]), 1e-12);
        Assert.AreEqual(2 / 3.0 / 2, F1([reference[1]]), 1e-12);
        Assert.AreEqual(0, F1([]), 1e-12);

        double F1(SoundEvent[] found) => metric.Evaluate(mlContext, mlContext.Data.LoadFromEnumerable(found));
    }

    [TestMethod]
    public void PruningComparesTheBestSoFarWithTheMedianOfAverages()
    {
        var pruning = new PathPruning(minimumTrials: 3, firstEpoch: 2);
        pruning.Add([0.25, 0.5]);
        pruning.Add([0.5, 1]);
        Assert.IsFalse(pruning.ShouldEnd([0, 0]), "two trials are not enough");
        pruning.Add([0.75, 1]);
        pruning.Add([1]);

        // The averages after two epochs are 0.375, 0.75 and 0.875; the short trial has none.
        Assert.IsFalse(pruning.ShouldEnd([0]), "before the first epoch that may end a trial");
        Assert.IsTrue(pruning.ShouldEnd([0.74, 0.1]));
        Assert.IsFalse(pruning.ShouldEnd([0.75, 0.1]), "as good as the median");
        Assert.IsFalse(pruning.ShouldEnd([0, 0, 0]), "no trial is known to have had three epochs");
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
    public void AGridVariesOnlyWhatIsOnThePath()
    {
        var tuner = new GridTuner(new Space { [AudioSweep.PipelineKey] = TwoPaths() }, steps: 2);

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
    public void RandomTrialsBeginWithTheDefaultsOfEachPathAndRepeatNone()
    {
        var tuner = new DefaultsFirstTuner(new Space { [AudioSweep.PipelineKey] = TwoPaths() }, seed: 1);

        // There are 2 points on one path and 5 x 2 on the other.
        string[] points = [.. Enumerable.Range(0, 12).Select(id => Taken(tuner.Propose(new TrialSettings { TrialId = id })))];

        Assert.AreEqual("""{"a":{"x":1},"_SCHEMA_":"a"}""", points[0]);
        Assert.AreEqual("""{"b":{"y":2,"z":"q"},"_SCHEMA_":"b"}""", points[1]);
        CollectionAssert.AllItemsAreUnique(points);
        Assert.HasCount(2, points.Where(point => point.Contains("\"a\"", StringComparison.Ordinal)));
        CollectionAssert.Contains(points, Taken(tuner.Propose(new TrialSettings { TrialId = 12 })));
    }

    [TestMethod]
    public void PruningKeepsPathsThroughThePipelineApart()
    {
        Parameter slow = OnPath("e0 * e1");
        Parameter fast = OnPath("e0 * e2");
        var pruning = new MedianPruning(minimumTrials: 1, firstEpoch: 1);
        pruning.Of(fast).Add([0.9]);
        pruning.Of(slow).Add([0.1]);

        Assert.IsFalse(pruning.Of(slow).ShouldEnd([0.2]));
        Assert.IsTrue(pruning.Of(fast).ShouldEnd([0.2]));

        static Parameter OnPath(string path) =>
            Parameter.CreateNestedParameter(KeyValuePair.Create(PipelinePath.Key, Parameter.FromString(path)));
    }

    [TestMethod]
    public void NamesTellEstimatorsOfAKindApartAndSayWhichPathWasTaken()
    {
        var mlContext = new MLContext(seed: 1);
        SweepablePipeline pipeline = mlContext.Auto().ExtractLogMel("Features", "Waveform")
            .Append(mlContext.Auto().Passt(), mlContext.Auto().Passt());
        var tuner = new DefaultsFirstTuner(new Space { [AudioSweep.PipelineKey] = pipeline.SearchSpace }, seed: 1);
        tuner.Propose(new TrialSettings { TrialId = 0 });
        Parameter second = tuner.Propose(new TrialSettings { TrialId = 1 })[AudioSweep.PipelineKey];

        Dictionary<string, string> values = new SweepNames(pipeline).Values(PipelinePath.Taken(second));

        Assert.AreEqual("Passt e2", values["pipeline"]);
        Assert.AreEqual("0", values["Passt e2.PatchoutFrequency"]);
        Assert.AreEqual("128", values["LogMel.MelBins"]);
        Assert.IsFalse(values.ContainsKey("Passt.PatchoutFrequency"));
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
    public void AChartOfSmallNumbersTellsItsTicksApart()
    {
        AudioSweepTrial[] trials =
        [
            .. Enumerable.Range(0, 4).Select(i => new AudioSweepTrial
            {
                Id = i,
                Parameters = Parameter.CreateNestedParameter(
                    KeyValuePair.Create("rate", Parameter.FromDouble(1e-6 * Math.Pow(10, i))),
                    KeyValuePair.Create("decay", Parameter.FromDouble(1e-6 * (1 + i)))),
                MetricName = "mAP",
                State = AudioSweepTrialState.Completed,
                Metric = 0.5,
            }),
        ];

        XElement chart = XElement.Parse(SweepChart.Draw(trials, new SweepNames(pipeline: null)).ToString());

        string[] texts = [.. chart.Elements().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        foreach (string tick in (string[])["1e-6", "1e-5", "0.0001", "0.001", "2e-6", "3e-6", "4e-6"])
        {
            CollectionAssert.Contains(texts, tick);
        }

        // Four points a decade apart are as far from each other.
        double[] marks = [.. chart.Elements().Where(e => e.Value.Contains(": rate", StringComparison.Ordinal))
            .Select(e => (double)e.Attribute("x")!)];
        Assert.AreEqual(marks[1] - marks[0], marks[3] - marks[2], 0.05);
    }

    [TestMethod]
    public void AReportHasAPanelForEachParameterAndTheTrialsOverTime()
    {
        AudioSweepTrial[] trials =
        [
            .. Enumerable.Range(0, 3).Select(i => new AudioSweepTrial
            {
                Id = i,
                Parameters = Parameter.CreateNestedParameter(
                    KeyValuePair.Create("rate", Parameter.FromDouble(1e-6 * Math.Pow(100, i))),
                    KeyValuePair.Create("model", Parameter.FromString(i == 0 ? "</script>" : "\U0001F436"))),
                MetricName = "mAP",
                State = i == 1 ? AudioSweepTrialState.Failed : AudioSweepTrialState.Completed,
                Metric = i == 1 ? null : 0.5 - (0.1 * i),
                DurationInMilliseconds = 60_000,
                ValidationAccuracies = i == 0 ? [0.25, 0.5] : [],
                Message = i == 1 ? "out of memory" : null,
            }),
        ];
        var stream = new MemoryStream();

        new SweepReport(trials, trials[0], new SweepNames(pipeline: null), isMaximize: true)
            .ToPage(new AudioReportOptions()).WriteTo(stream);

        string html = Encoding.UTF8.GetString(stream.ToArray());
        const string start = "id=\"data\">";
        int from = html.IndexOf(start, StringComparison.Ordinal) + start.Length;
        JsonElement[] sections =
        [
            .. JsonDocument.Parse(html[from..html.IndexOf("</script>", from, StringComparison.Ordinal)]).RootElement
                .GetProperty("sections").EnumerateArray(),
        ];
        JsonElement[] panels = [.. Section("Trials").GetProperty("panels").EnumerateArray()];
        Assert.AreEqual("trial, model, rate", string.Join(", ", panels.Select(panel => Label(panel, "x"))));
        Assert.IsTrue(panels[2].GetProperty("x").GetProperty("log").GetBoolean());
        Assert.AreEqual("best", panels[2].GetProperty("marks")[1][2].GetString());
        JsonElement best = Section("Best so far").GetProperty("curves")[0];
        Assert.AreEqual("[1,3] [0.5,0.5]", $"{best.GetProperty("x")} {best.GetProperty("y")}");
        JsonElement failed = Section("All trials").GetProperty("rows")[1];
        Assert.AreEqual("Failed", failed[1].GetString());
        Assert.AreEqual(JsonValueKind.Null, failed[2].ValueKind);
        Assert.AreEqual("out of memory", failed[6].GetString());

        JsonElement Section(string title) => sections.Single(section => section.GetProperty("title").GetString() == title);
        static string Label(JsonElement panel, string axis) => panel.GetProperty(axis).GetProperty("label").GetString()!;
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

    private static Space TwoPaths() => new()
    {
        [PipelinePath.Key] = new ChoiceOption("a", "b"),
        ["a"] = new Space { ["x"] = new ChoiceOption([0, 1], 1) },
        ["b"] = new Space { ["y"] = new UniformIntOption(0, 5, defaultValue: 2), ["z"] = new ChoiceOption(["p", "q"], "q") },
    };

    private static string Taken(Parameter point) => PipelinePath.Taken(point[AudioSweep.PipelineKey]).ToString();
}
