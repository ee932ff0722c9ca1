using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.AutoML.StandIn.Tests;

[TestClass]
public class ExperimentTests
{
    [TestMethod]
    public void RandomSearchWithOneSeedProposesTheSameTrials()
    {
        double[] first = Proposals(experiment => experiment.SetRandomSearchTuner(3), 5);
        double[] second = Proposals(experiment => experiment.SetRandomSearchTuner(3), 5);
        var random = new Random(3);

        CollectionAssert.AreEqual(first, second);
        CollectionAssert.AreEqual(Enumerable.Range(0, 5).Select(_ => 4 * random.NextDouble()).ToArray(), first);
    }

    [TestMethod]
    public void GridSearchGoesThroughItsStepsAndBeginsAgain()
    {
        CollectionAssert.AreEqual(
            new[] { 0.0, 1, 2, 3, 0 }, Proposals(experiment => experiment.SetGridSearchTuner(4), 5));
    }

    [TestMethod]
    public void CostFrugalSearchStartsAtTheDefaultAndFindsTheMinimum()
    {
        double[] proposals = Proposals(experiment => experiment.SetCostFrugalTuner(), 60);

        Assert.AreEqual(0.5, proposals[0], 1e-12);
        Assert.AreEqual(2.0, proposals.MinBy(x => Math.Abs(x - 2)), 0.05);
    }

    [TestMethod]
    public void TheBestTrialIsReturnedAndReported()
    {
        var monitor = new Monitor();
        AutoMLExperiment experiment = Create(new Runner()).SetGridSearchTuner(4).SetMaxModelToExplore(4).SetMonitor(monitor);

        TrialResult best = experiment.Run();

        Assert.AreEqual(2, best.TrialSettings.TrialId);
        Assert.AreEqual(
            "run 0;done 0;best 0;run 1;done 1;best 1;run 2;done 2;best 2;run 3;done 3", string.Join(';', monitor.Reports));
    }

    [TestMethod]
    public void AFailedTrialIsReportedAndTheNextOneRuns()
    {
        var monitor = new Monitor();
        var runner = new Runner { Before = settings => Assert.IsFalse(settings.TrialId == 1) };
        AutoMLExperiment experiment = Create(runner).SetGridSearchTuner(4).SetMaxModelToExplore(3).SetMonitor(monitor);

        TrialResult best = experiment.Run();

        Assert.AreEqual(2, best.TrialSettings.TrialId);
        CollectionAssert.Contains(monitor.Reports, "failed 1");
    }

    [TestMethod]
    public async Task CancellationEndsTheRunWithTheBestSoFar()
    {
        using var cancellation = new CancellationTokenSource();
        var runner = new Runner
        {
            Before = settings =>
            {
                if (settings.TrialId == 2)
                {
                    cancellation.Cancel();
                    throw new OperationCanceledException();
                }
            },
        };
        AutoMLExperiment experiment = Create(runner).SetGridSearchTuner(4).SetMaxModelToExplore(4);

        TrialResult best = await experiment.RunAsync(cancellation.Token);

        Assert.AreEqual(1, best.TrialSettings.TrialId);
    }

    private static double[] Proposals(Action<AutoMLExperiment> tuner, int count)
    {
        var runner = new Runner();
        AutoMLExperiment experiment = Create(runner);
        tuner(experiment);
        experiment.SetMaxModelToExplore(count).Run();
        return [.. runner.Seen];
    }

    private static AutoMLExperiment Create(Runner runner)
    {
        var space = new Microsoft.ML.SearchSpace.SearchSpace { ["x"] = new UniformDoubleOption(0, 4, defaultValue: 0.5) };
        return new MLContext(1).Auto().CreateExperiment().AddSearchSpace("space", space).SetTrialRunner(runner);
    }

    private sealed class Runner : ITrialRunner
    {
        public List<double> Seen { get; } = [];

        public Action<TrialSettings> Before { get; init; } = static _ => { };

        public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
        {
            Before(settings);
            double x = settings.Parameter["space"]["x"].AsType<double>();
            Seen.Add(x);
            return Task.FromResult(new TrialResult
            {
                TrialSettings = settings,
                Loss = Math.Abs(x - 2),
                Metric = -Math.Abs(x - 2),
                DurationInMilliseconds = 1,
            });
        }

        public void Dispose()
        {
        }
    }

    private sealed class Monitor : IMonitor
    {
        public List<string> Reports { get; } = [];

        public void ReportRunningTrial(TrialSettings settings) => Reports.Add($"run {settings.TrialId}");

        public void ReportCompletedTrial(TrialResult result) => Reports.Add($"done {result.TrialSettings.TrialId}");

        public void ReportBestTrial(TrialResult result) => Reports.Add($"best {result.TrialSettings.TrialId}");

        public void ReportFailTrial(TrialSettings settings, Exception? exception = null) =>
            Reports.Add($"failed {settings.TrialId}");
    }
}
