using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

[TestClass]
public sealed class AudioSweepTests
{
    [TestMethod]
    public void ReturnsAndSavesTheBestModelWhichIsNoWorseThanTheDefaults()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);

        AudioSweepResult result = TinySweep.Run(mlContext, TinySweep.Options(folder.Path));

        Assert.HasCount(4, result.Trials);
        Assert.AreEqual(result.Trials.Max(trial => trial.Metric), result.BestTrial.Metric);
        AudioSweepTrial defaults = result.Trials[0];
        Assert.AreEqual(1, defaults.Parameters["e1"]["PatchoutTime"].AsType<int>());
        Assert.AreEqual(1e-2, defaults.Parameters["e1"]["LearningRate"].AsType<double>(), 1e-12);
        Assert.IsGreaterThanOrEqualTo(defaults.Metric!.Value, result.BestTrial.Metric!.Value);

        IDataView validation = TinySweep.Validation(mlContext);
        ITransformer saved = mlContext.Model.Load(result.ModelPath, out _);
        float[][] scores = TinyModel.Scores(result.Model.Transform(validation));
        float[][] savedScores = TinyModel.Scores(saved.Transform(validation));
        Assert.AreEqual(16, scores.Length);
        Assert.IsTrue(scores.Zip(savedScores).All(pair => pair.First.SequenceEqual(pair.Second)));
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(saved.Transform(validation));
        Assert.AreEqual(metrics.MicroAccuracy, result.BestTrial.Metric!.Value, 1e-9);
        Assert.HasCount(1, Directory.GetFiles(folder.Path, "*.zip"));
    }

    [TestMethod]
    public void WritesATableAndAChartWithEachTrial()
    {
        using var folder = new TemporaryFolder();

        AudioSweepResult result = TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(folder.Path));

        string[][] rows = [.. File.ReadLines(result.TablePath).Select(line => line.Split(','))];
        CollectionAssert.AreEqual(
            new[]
            {
                "trial", "state", "accuracy", "seconds", "Passt.LearningRate", "Passt.PatchoutTime",
                "validation accuracy by epoch", "message",
            },
            rows[0]);
        Assert.HasCount(5, rows);
        Assert.AreEqual(0.01, double.Parse(rows[1][4], CultureInfo.InvariantCulture), 1e-12);
        Assert.HasCount(3, rows[1][6].Split(' '));
        XElement chart = XElement.Load(result.ChartPath);
        string[] hints = [.. chart.Descendants().Where(e => e.Name.LocalName == "title").Select(e => e.Value)];
        foreach (string name in (string[])["Passt.LearningRate", "Passt.PatchoutTime"])
        {
            Assert.HasCount(4, hints.Where(hint => hint.Contains($": {name} ", StringComparison.Ordinal)));
        }
    }

    [TestMethod]
    public void ResumesWithoutTrainingAgainWhatWasDone()
    {
        using var whole = new TemporaryFolder();
        using var resumed = new TemporaryFolder();
        int epochs = 0;
        AudioSweepResult atOnce = TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(whole.Path));

        // Killed within the third trial: two are on disk.
        using var kill = new CancellationTokenSource();
        var mlContext = new MLContext(seed: 1);
        SweepablePipeline killing = TinySweep.Pipeline(mlContext, options => options.MetricsCallback = _ =>
        {
            if (++epochs == 7)
            {
                kill.Cancel();
            }
        });
        mlContext.CreateAudioSweep(killing, TinySweep.Options(resumed.Path))
            .Run(TinySweep.Training(mlContext), TinySweep.Validation(mlContext), kill.Token);
        Assert.HasCount(2, Directory.GetFiles(resumed.Path, "*.metrics.json"));

        epochs = 0;
        mlContext = new MLContext(seed: 1);
        AudioSweepResult afterwards = TinySweep.Run(
            mlContext,
            TinySweep.Options(resumed.Path),
            TinySweep.Pipeline(mlContext, options => options.MetricsCallback = _ => epochs++));

        Assert.AreEqual(2 * 3, epochs);
        Assert.HasCount(4, afterwards.Trials);
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(atOnce.Trials[i].Parameters.ToString(), afterwards.Trials[i].Parameters.ToString());
            Assert.AreEqual(atOnce.Trials[i].Metric, afterwards.Trials[i].Metric);
        }

        IDataView validation = TinySweep.Validation(mlContext);
        float[][] expected = TinyModel.Scores(atOnce.Model.Transform(validation));
        float[][] actual = TinyModel.Scores(afterwards.Model.Transform(validation));
        Assert.IsTrue(expected.Zip(actual).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void ATrialFarBelowTheOthersEndsEarlyAndTheyDoNot()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        AudioSweep.Options options = TinySweep.Options(folder.Path);
        options.Pruning = true;
        options.PruningMinimumTrials = 1;
        options.Tuner = AudioSweepTuner.Grid;

        // One rate learns, the other cannot.
        SearchSpace.SearchSpace space = TinySweep.Space();
        space.Remove("PatchoutTime");
        space["LearningRate"] = new SearchSpace.Option.ChoiceOption([1e-2, 1e-9]);
        PasstOptions trainer = TinyModel.Options();
        trainer.Epochs = 8;
        SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Auto().Passt(trainer, space));

        AudioSweepResult result = TinySweep.Run(mlContext, options, pipeline);

        Assert.HasCount(2, result.Trials);
        Assert.AreEqual(AudioSweepTrialState.Completed, result.Trials[0].State);
        Assert.HasCount(8, result.Trials[0].ValidationAccuracies);
        Assert.AreEqual(AudioSweepTrialState.Pruned, result.Trials[1].State);
        Assert.IsLessThan(8, result.Trials[1].ValidationAccuracies.Count);
        Assert.AreEqual(0, result.BestTrial.Id);
    }

    [TestMethod]
    public void AFailedTrialDoesNotEndTheSweepAndIsTriedAgain()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        SearchSpace.SearchSpace space = TinySweep.Space();
        space.Remove("LearningRate");
        // There are 4 columns of patches.
        space["PatchoutTime"] = new SearchSpace.Option.ChoiceOption([9, 1]);
        PasstOptions trainer = TinyModel.Options();
        trainer.Epochs = 1;
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 2);
        options.Tuner = AudioSweepTuner.Grid;

        AudioSweepResult result = TinySweep.Run(
            mlContext,
            options,
            mlContext.Transforms.Conversion.MapValueToKey("Label").Append(mlContext.Auto().Passt(trainer, space)));

        Assert.AreEqual(AudioSweepTrialState.Failed, result.Trials[0].State);
        StringAssert.Contains(result.Trials[0].Message, "PatchoutTime");
        Assert.IsNull(result.Trials[0].Metric);
        Assert.AreEqual(1, result.BestTrial.Id);
    }

    [TestMethod]
    public void WhenAllTrialsFailTheMessageSaysWhy()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);

        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => TinySweep.Run(
            mlContext,
            TinySweep.Options(folder.Path, trials: 2),
            TinySweep.Pipeline(mlContext, options => options.FeatureColumnName = "Nowhere")));

        StringAssert.Contains(e.Message, "2 trials");
        StringAssert.Contains(e.Message, "Nowhere");
    }

    [TestMethod]
    public void AnyMetricCanBeMinimized()
    {
        using var folder = new TemporaryFolder();
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 3);
        options.Metric = new AudioSweepMetric(
            "log-loss", isMaximize: false, (mlContext, scored) => mlContext.MulticlassClassification.Evaluate(scored).LogLoss);

        AudioSweepResult result = TinySweep.Run(new MLContext(seed: 1), options);

        Assert.AreEqual(result.Trials.Min(trial => trial.Metric), result.BestTrial.Metric);
        Assert.IsLessThan(result.Trials.Max(trial => trial.Metric)!.Value, result.BestTrial.Metric!.Value);
    }

    [TestMethod]
    public void OverFoldsTheMetricIsTheAverageAndTheModelIsFittedOnAll()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        var folds = new List<string>();
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 2);
        double[] values = [0.5, 1, 0.25, 0.25];
        int evaluated = 0;
        options.Metric = new AudioSweepMetric("staged", isMaximize: true, (_, scored) =>
        {
            folds.Add(string.Join(' ', scored.GetColumn<float>("Fold").Distinct()));
            return values[evaluated++];
        });
        TinyClip[] clips = TinyClip.Make(24, 1, TinyModel.Classes);
        IDataView data = mlContext.Data.LoadFromEnumerable(
            clips.Select((clip, i) => new FoldedClip { Label = clip.Label, Features = clip.Features, Fold = i / 12 }));

        AudioSweepResult result = mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), options).CrossValidate(data);

        CollectionAssert.AreEqual(new[] { "0", "1", "0", "1" }, folds);
        Assert.AreEqual(0.75, result.Trials[0].Metric!.Value, 1e-12);
        Assert.AreEqual(0.25, result.Trials[1].Metric!.Value, 1e-12);
        Assert.AreEqual(0, result.BestTrial.Id);
        Assert.IsTrue(File.Exists(result.ModelPath));
        Assert.HasCount(24, TinyModel.Scores(result.Model.Transform(data)));
    }

    [TestMethod]
    public void AStockTrainerAndPasstSweepTogether()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        SweepableEstimator stock = mlContext.Auto().CreateSweepableEstimator(
            (context, _) => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Flat"),
            new SearchSpace.SearchSpace<Nothing>());
        PasstOptions trainer = TinyModel.Options();
        trainer.Epochs = 1;
        SearchSpace.SearchSpace space = TinySweep.Space();
        space.Clear();
        SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Auto().Passt(trainer, space), stock);
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 2);
        options.Tuner = AudioSweepTuner.Grid;

        AudioSweepResult result = mlContext.CreateAudioSweep(pipeline, options)
            .Run(FlatClip.Data(mlContext, count: 24, seed: 1), FlatClip.Data(mlContext, count: 16, seed: 2));

        CollectionAssert.AreEqual(
            new[] { "e0 * e1", "e0 * e2" },
            result.Trials.Select(trial => trial.Parameters["_SCHEMA_"].AsType<string>()).ToArray());
        Assert.HasCount(1, result.Trials[0].ValidationAccuracies);
        Assert.HasCount(0, result.Trials[1].ValidationAccuracies);
        Assert.IsNull(result.Trials[1].Message);
        Assert.AreEqual(1, result.Trials[1].Metric!.Value, 1e-9);
        Assert.AreEqual(1, result.BestTrial.Metric!.Value, 1e-9);
    }

    [TestMethod]
    public void AFolderOfAnotherSweepIsRefused()
    {
        using var folder = new TemporaryFolder();
        TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(folder.Path, trials: 1));
        string path = folder.File("trial-0000.metrics.json");
        JsonNode trial = JsonNode.Parse(File.ReadAllText(path))!;
        trial["MetricName"] = "mAP";
        File.WriteAllText(path, trial.ToJsonString());

        InvalidDataException other = Assert.ThrowsExactly<InvalidDataException>(
            () => TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(folder.Path)));
        File.WriteAllText(path, "{ \"Id\": 0");
        InvalidDataException broken = Assert.ThrowsExactly<InvalidDataException>(
            () => TinySweep.Run(new MLContext(seed: 1), TinySweep.Options(folder.Path)));

        StringAssert.Contains(other.Message, "mAP");
        StringAssert.Contains(other.Message, path);
        StringAssert.Contains(broken.Message, path);
    }

    [TestMethod]
    public void ATrialWithAnEarlierNameOfAnOptionIsTrainedAnewAndAJobSaysWhichNameItIs()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 1);
        TinySweep.Run(mlContext, options);
        Rename(folder.File("trial-0000.metrics.json"));

        AudioSweepResult resumed = TinySweep.Run(mlContext, options);
        AudioSweep sweep = mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), options);
        string job = sweep.WriteTrials()[0];
        Rename(job);
        AudioSweepTrial trial = sweep.RunTrial(
            job, folder.File("job.metrics.json"), TinySweep.Training(mlContext), TinySweep.Validation(mlContext));

        Assert.HasCount(2, resumed.Trials);
        Assert.AreEqual(1, resumed.Trials[1].Parameters["e1"]["PatchoutTime"].AsType<int>());
        Assert.AreEqual(resumed.Trials[0].Metric, resumed.Trials[1].Metric);
        Assert.AreEqual(AudioSweepTrialState.Failed, trial.State);
        StringAssert.StartsWith(
            trial.Message, "A sweep names 'PatchoutWidth', which is no option of PasstOptions", StringComparison.Ordinal);

        static void Rename(string path) => File.WriteAllText(
            path, File.ReadAllText(path).Replace("PatchoutTime", "PatchoutWidth", StringComparison.Ordinal));
    }

    [TestMethod]
    public void ReportsEachTrialOnTheChannel()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        List<string> log = [];
        mlContext.Log += (_, entry) => log.Add(entry.RawMessage);

        TinySweep.Run(mlContext, TinySweep.Options(folder.Path, trials: 2));

        Assert.IsTrue(log.Any(line => line.StartsWith("trial 0 Completed: accuracy ", StringComparison.Ordinal)));
        Assert.IsTrue(log.Any(line => line.StartsWith("trial 1 starts: {", StringComparison.Ordinal)));
        Assert.IsTrue(log.Any(line => line.Contains("epoch 3/3", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("Trials", 0)]
    [DataRow("GridSteps", 1)]
    [DataRow("PruningFirstEpoch", 0)]
    [DataRow("PruningMinimumTrials", 0)]
    public void AnOptionOutsideItsRangeIsNamed(string option, int value)
    {
        var mlContext = new MLContext();
        var options = new AudioSweep.Options();
        typeof(AudioSweep.Options).GetField(option)!.SetValue(options, value);

        ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), options));

        StringAssert.Contains(e.Message, $"{option} is {value}");
    }

    private sealed class Nothing
    {
    }

    private sealed class FlatClip
    {
        public string Label { get; set; } = "";

        [VectorType(TinyClip.Frames, TinyClip.Mels)]
        public float[] Features { get; set; } = [];

        [VectorType(TinyClip.Frames * TinyClip.Mels)]
        public float[] Flat { get; set; } = [];

        public static IDataView Data(MLContext mlContext, int count, int seed) => mlContext.Data.LoadFromEnumerable(
            TinyClip.Make(count, seed, TinyModel.Classes).Select(
                clip => new FlatClip { Label = clip.Label, Features = clip.Features, Flat = clip.Features }));
    }

    private sealed class FoldedClip
    {
        public string Label { get; set; } = "";

        [VectorType(TinyClip.Frames, TinyClip.Mels)]
        public float[] Features { get; set; } = [];

        public float Fold { get; set; }
    }
}
