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

        // Its worker died, as far as others can tell; but until the longer of two leases has passed, it may be silent only.
        first.Dispose();
        Assert.IsNull(new TrialClaims(folder.Path, TimeSpan.FromDays(1)).TryClaim(7));
        using TrialClaim? second = claims.TryClaim(7);
        Assert.IsNotNull(second);
        Assert.IsTrue(first.IsLost);
        Assert.IsFalse(second.IsLost);
        using (new TrialClaims(folder.Path, TimeSpan.FromHours(1)).TryClaim(9))
        {
            // Its first count is written by another thread.
            Assert.IsTrue(SpinWait.SpinUntil(() => new FileInfo(folder.File("trial-0009.claim-1")).Length > 0, 60_000));
        }

        Assert.IsNull(claims.TryClaim(9));

        // The worker that took the trial over has ended it since.
        TrialClaims.Remove(folder.Path, 7);
        Assert.IsTrue(first.IsLost);
    }

    [TestMethod]
    public void AFolderThatTakesNoClaimIsTold()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("trial-0003.claim-1"));

        // In the claim's place is what is no file: no worker has it, and none can make it.
        Exception exception = Assert.Throws<Exception>(() => new TrialClaims(folder.Path, TimeSpan.Zero).TryClaim(3));
        Assert.IsTrue(exception is IOException or UnauthorizedAccessException, exception.ToString());
    }

    // A worker that was only silent, as a machine that slept is, while another took its trial over and ended it.
    [TestMethod]
    public void AResultOfALostClaimIsDropped()
    {
        using var folder = new TemporaryFolder();
        string abandoned = folder.File($"trial-0009.metrics.json.{Guid.NewGuid():N}.tmp");
        string written = folder.File($"trial-0009.metrics.json.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(abandoned, "{");
        File.WriteAllText(written, "{");
        File.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-1));

        AudioSweepResult result = Work(folder.Path, out string started, _ =>
        {
            string metrics = folder.File("trial-0000.metrics.json");
            if (!File.Exists(metrics))
            {
                SweepFolder.WriteTrial(
                    new AudioSweepTrial
                    {
                        Id = 0,
                        Parameters = SweepFolder.ReadProposal(folder.File("trial-0000.options.json")).Parameters,
                        MetricName = TinySweep.Options(folder.Path).Metric.MetricName,
                        State = AudioSweepTrialState.Completed,
                        Metric = -1,
                    }, metrics);
                TrialClaims.Remove(folder.Path, 0);
            }
        }, options => options.Trials = 2);

        Assert.AreEqual("0 1", started);
        Assert.AreEqual(-1, result.Trials[0].Metric);
        Assert.AreEqual(1, result.BestTrial.Id);
        Assert.IsFalse(File.Exists(abandoned));
        Assert.IsTrue(File.Exists(written));
    }

    [TestMethod]
    public void AWorkerEndsWhenItsTimeIsOver()
    {
        using var folder = new TemporaryFolder();
        using TrialClaim? other = new TrialClaims(folder.Path, TimeSpan.FromDays(1)).TryClaim(0);

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Work(folder.Path, out _, change: options =>
                (options.Trials, options.TrainingTimeInSeconds) = (1, 1))).Message,
            "none had the time");
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

        // Nor has one of another tuner the points that the adaptive one steps from.
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Work(
                folder.Path, out _, change: changed => changed.Tuner = AudioSweepTuner.CostFrugal)).Message,
            "of this sweep: expected a point of 2 numbers");
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
        string folder,
        out string started,
        Action<AudioTrainingMetrics>? callback = null,
        Action<AudioSweep.Options>? change = null)
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
        change?.Invoke(options);
        AudioSweepResult result = mlContext
            .CreateAudioSweep(TinySweep.Pipeline(mlContext, trainer => trainer.MetricsCallback = callback), options)
            .Work(TinySweep.Training(mlContext), TinySweep.Validation(mlContext));
        started = string.Join(' ', ids);
        return result;
    }
}
