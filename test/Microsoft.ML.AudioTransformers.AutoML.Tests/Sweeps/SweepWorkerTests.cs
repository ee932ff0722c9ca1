using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

/// <summary>Workers that share a sweep's folder, die and are replaced.</summary>
[TestClass]
public sealed class SweepWorkerTests
{
    private const int Trials = 5;

    [TestMethod]
    public void WorkersThatAreKilledAreReplacedAndTrialsHaveOneResult()
    {
        using var folder = new TemporaryFolder();
        using var alone = new TemporaryFolder();
        AudioSweepResult expected = TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(alone.Path, Trials));

        Parallel.For(0, 2, _ => StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => FreshProcess.Run(WorkUntilKilled, folder.Path)).Message,
            "ended with 137"));
        CollectionAssert.AreEquivalent(
            new[] { "trial-0000.claim-1", "trial-0000.options.json", "trial-0001.claim-1", "trial-0001.options.json" },
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray());

        // Two that are not killed: one here, and one elsewhere.
        Task<string> other = Task.Run(() => FreshProcess.Run(WorkInAnotherProcess, folder.Path));
        AudioSweepResult result = Work(folder.Path, out string started);
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, Trials).Select(id => $"{id}").ToArray(),
            $"{started} {other.Result}".Split(' ', StringSplitOptions.RemoveEmptyEntries));

        CollectionAssert.AreEqual(
            expected.Trials.Select(trial => $"{trial.Id} {trial.Parameters} {trial.Metric:R}").ToArray(),
            result.Trials.Select(trial => $"{trial.Id} {trial.Parameters} {trial.Metric:R}").ToArray());
        Assert.AreEqual(expected.BestTrial.Id, result.BestTrial.Id);
        string[] names = [.. Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path))];
        Assert.IsFalse(names.Any(name => name.Contains("claim", StringComparison.Ordinal)), string.Join(' ', names));
        Assert.AreEqual(
            Path.GetFileName(result.ModelPath), names.Single(name => name.EndsWith(".zip", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void AnAdaptiveSweepIsWorkedOnFromTheBestSoFar()
    {
        using var folder = new TemporaryFolder();
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 3);
        options.Tuner = AudioSweepTuner.CostFrugal;
        var mlContext = new MLContext(seed: 1);

        AudioSweepResult result = mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), options)
            .Work(TinySweep.Training(mlContext), TinySweep.Validation(mlContext));

        Assert.HasCount(3, result.Trials);
        Assert.HasCount(3, result.Trials.Select(trial => trial.Parameters.ToString()).Distinct().ToArray());
        Assert.AreEqual(3, Directory.GetFiles(folder.Path, "trial-*.options.json").Length);
    }

    // Of three points, the second is the best; the third is a failure, of which four shrink a step of two dimensions.
    [TestMethod]
    [DataRow(1, 0.15)]
    [DataRow(4, 0.1)]
    public void AProposalIsAStepFromTheBestPoint(int failures, double step)
    {
        var space = new SearchSpace.SearchSpace
        {
            ["A"] = new UniformDoubleOption(0, 1, defaultValue: 0.5),
            ["B"] = new UniformDoubleOption(0, 1, defaultValue: 0.5),
        };
        List<(double[] Point, double Loss)> ended = [([0.5, 0.5], 3), ([0.4, 0.6], 1)];
        ended.AddRange(Enumerable.Repeat<(double[], double)>(([0.7, 0.7], 2), failures));

        (Parameter parameter, double[] point) = new SharedTuner(space, seed: 1).Propose(
            id: 9, ended, taken => taken["A"].AsType<double>() == 0.4);

        double distance = Math.Sqrt(Math.Pow(point[0] - 0.4, 2) + Math.Pow(point[1] - 0.6, 2));
        Assert.AreEqual(step * Math.Sqrt(2), distance, 1e-9);
        Assert.AreEqual(point[0], parameter["A"].AsType<double>(), 1e-9);
    }

    [TestMethod]
    public void AClaimLastsAsLongAsItsWorker()
    {
        using var folder = new TemporaryFolder();
        var claims = new TrialClaims(folder.Path, lease: TimeSpan.Zero);
        var first = claims.TryClaim(7)!;

        Assert.IsNull(new TrialClaims(folder.Path, TimeSpan.Zero).TryClaim(7));
        using (claims.TryClaim(8))
        {
            Assert.IsFalse(first.IsLost);
        }

        // Its worker died, as far as others can tell; but for one whose lease has not passed, it may yet be silent only.
        first.Dispose();
        Assert.IsNull(new TrialClaims(folder.Path, TimeSpan.FromDays(1)).TryClaim(7));
        using TrialClaim? second = claims.TryClaim(7);
        Assert.IsNotNull(second);
        Assert.IsTrue(first.IsLost);
        Assert.IsFalse(second.IsLost);
    }

    [TestMethod]
    public void AnotherSweepsFolderIsRefused()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 2);
        mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), options).WriteTrials();
        File.Copy(folder.File("trial-0001.options.json"), folder.File("trial-0000.options.json"), overwrite: true);

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Work(folder.Path, out _)).Message, "has another point");
    }

    // A kill, not an end: nothing of the process runs after it.
    private static string WorkUntilKilled(string[] arguments)
    {
        Work(arguments[0], out string started, _ => Process.GetCurrentProcess().Kill());
        return started;
    }

    private static string WorkInAnotherProcess(string[] arguments)
    {
        Work(arguments[0], out string started);
        return started;
    }

    private static AudioSweepResult Work(
        string folder, out string started, Action<AudioTrainingMetrics>? callback = null)
    {
        List<string> ids = [];
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, log) =>
        {
            if (log.RawMessage.Split(' ') is ["trial", string id, "starts:", ..])
            {
                ids.Add(id);
            }
        };
        AudioSweep.Options options = TinySweep.Options(folder, Trials);
        options.LeaseInSeconds = 1;
        AudioSweepResult result = mlContext
            .CreateAudioSweep(TinySweep.Pipeline(mlContext, change => change.MetricsCallback = callback), options)
            .Work(TinySweep.Training(mlContext), TinySweep.Validation(mlContext));
        started = string.Join(' ', ids);
        return result;
    }
}
