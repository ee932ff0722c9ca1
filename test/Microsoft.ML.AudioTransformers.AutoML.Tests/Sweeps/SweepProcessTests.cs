using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

[TestClass]
public sealed class SweepProcessTests
{
    [TestMethod]
    public void TrialsOfTwoProcessesAreOneSweep()
    {
        using var folder = new TemporaryFolder();
        using var alone = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        IReadOnlyList<string> trials = mlContext
            .CreateAudioSweep(TinySweep.Pipeline(mlContext), TinySweep.Options(folder.Path, trials: 2)).WriteTrials();
        Assert.HasCount(2, trials);

        string[] metrics = trials.AsParallel().AsOrdered().WithDegreeOfParallelism(2)
            .Select(path => FreshProcess.Run(RunTrial, folder.Path, path)).ToArray();
        AudioSweepResult gathered = TinySweep.Run(mlContext, TinySweep.Options(folder.Path, trials: 2));
        AudioSweepResult expected = TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(alone.Path, trials: 2));

        Assert.HasCount(2, gathered.Trials);
        for (int i = 0; i < 2; i++)
        {
            AudioSweepTrial trial = gathered.Trials[i];
            Assert.AreEqual(metrics[i], $"{trial.Id} {trial.State} {trial.Metric:R}");
            Assert.AreEqual(expected.Trials[i].Metric, trial.Metric);
            Assert.AreEqual(expected.Trials[i].Parameters.ToString(), trial.Parameters.ToString());
        }

        IDataView validation = TinySweep.Validation(mlContext);
        float[][] expectedScores = TinyModel.Scores(expected.Model.Transform(validation));
        float[][] scores = TinyModel.Scores(gathered.Model.Transform(validation));
        Assert.IsTrue(expectedScores.Zip(scores).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void ATunerThatNeedsResultsCannotWriteTrialsAhead()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        AudioSweep.Options options = TinySweep.Options(folder.Path);
        options.Tuner = AudioSweepTuner.CostFrugal;

        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(
            () => mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), options).WriteTrials());

        StringAssert.Contains(e.Message, "CostFrugal");
    }

    // The command line of a job: one trial's options in, its metrics out.
    private static string RunTrial(string[] arguments)
    {
        (string folder, string optionsPath) = (arguments[0], arguments[1]);
        string metricsPath = optionsPath.Replace(".options.json", ".metrics.json", StringComparison.Ordinal);
        var mlContext = new MLContext(seed: 1);
        AudioSweepTrial trial = mlContext
            .CreateAudioSweep(TinySweep.Pipeline(mlContext), TinySweep.Options(folder, trials: 2))
            .RunTrial(optionsPath, metricsPath, TinySweep.Training(mlContext), TinySweep.Validation(mlContext));
        return $"{trial.Id} {trial.State} {trial.Metric:R}";
    }
}
