using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.ML.AudioTransformers.Tests;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using EventClip = Microsoft.ML.AudioTransformers.Tests.Tasks.SoundEventDetectionTrainerTests.EventClip;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

/// <summary>Sweeps for other metrics than accuracy, and over pipelines of different kinds.</summary>
[TestClass]
public sealed class SweepTargetTests
{
    [TestMethod]
    public void TaggersSweepForMeanAveragePrecision()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        PasstOptions passt = TinyModel.Options();
        passt.Epochs = 4;
        HtsAtOptions htsAt = HtsAtTrainerTests.Options();
        htsAt.Epochs = 4;
        SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label").Append(
            mlContext.Auto().AudioTagging(passt, Only("LearningRate", 1e-2, 1e-8)),
            mlContext.Auto().AudioTagging(htsAt, Only("LearningRate", 1e-2)));
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 3);
        options.Tuner = AudioSweepTuner.Grid;
        options.Metric = AudioSweepMetric.MeanAveragePrecision();
        IDataView validation = mlContext.Data.LoadFromEnumerable(TaggedClip.Make(40, seed: 2));

        AudioSweepResult result = mlContext.CreateAudioSweep(pipeline, options)
            .Run(mlContext.Data.LoadFromEnumerable(TaggedClip.Make(64, seed: 1)), validation);

        Assert.HasCount(3, result.Trials);
        Assert.IsTrue(result.Trials.All(trial => trial.MetricName == "mAP" && trial.ValidationAccuracies.Count == 4));
        Assert.AreEqual(result.Trials[0].ValidationAccuracies[3], result.Trials[0].Metric!.Value, 1e-9);
        Assert.IsGreaterThan(result.Trials[1].Metric!.Value, result.BestTrial.Metric!.Value);
        Assert.AreEqual(
            mlContext.AudioTagging().Evaluate(result.Model.Transform(validation)).MeanAveragePrecision,
            result.BestTrial.Metric.Value,
            1e-9);
    }

    [TestMethod]
    public void DetectorsSweepForEventF1()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        SoundEventDetectionTrainer.Options detector = SoundEventDetectionTrainerTests.Options();
        detector.Supervision = EventSupervision.Strong;
        SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label").Append(
            mlContext.Auto().SoundEventDetection(
                detector, Only("LearningRate", 5e-3, 1e-8)));
        SoundEventDetectionCatalog.EvaluationOptions evaluation = SoundEventDetectionCatalog.EvaluationOptions.ForDetector("Name");
        evaluation.EventBased = detector.Matching;
        AudioSweep.Options options = TinySweep.Options(folder.Path, trials: 2);
        options.Tuner = AudioSweepTuner.Grid;
        options.Metric = AudioSweepMetric.EventF1(evaluation);
        IDataView validation = mlContext.Data.LoadFromEnumerable(EventClip.Make(40, seed: 2));

        AudioSweepResult result = mlContext.CreateAudioSweep(pipeline, options)
            .Run(mlContext.Data.LoadFromEnumerable(EventClip.Make(112, seed: 1)), validation);

        Assert.AreEqual(0, result.BestTrial.Id);
        Assert.IsGreaterThan(0.9, result.BestTrial.Metric!.Value);
        var saved = (ITransformer)mlContext.Model.Load(result.ModelPath, out _);
        IDataView scored = saved.Transform(validation);
        Assert.AreEqual(
            mlContext.SoundEventDetection().Evaluate(scored, scored, evaluation).EventBased.ClassAverage.F1,
            result.BestTrial.Metric.Value,
            1e-9);
    }

    [TestMethod]
    public void EmbeddingsWithAStockTrainerSweepAgainstFineTuning()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        PasstOptions passt = TinyModel.Options();
        (passt.FeatureColumnName, passt.Epochs) = ("Waveform", 4);
        passt.FrontEnd = Tone.FrontEnd();
        passt.PretrainedWeights = folder.File("pretrained.safetensors");
        Tone.SaveWeights(passt);
        SweepableEstimator linear = mlContext.Auto().CreateSweepableEstimator(
            (context, point) => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
                l2Regularization: (float)point.L2Regularization),
            new SearchSpace<Linear>());
        SweepablePipeline probe = mlContext.Transforms
            .ExtractAudioEmbedding("Features", "Waveform", new AudioEmbeddingOptions { Model = passt })
            .Append(linear);
        SweepablePipeline pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(new SweepableEstimator(
                (context, _) => context.Transforms.CopyColumns("Clip", "Waveform"), new SearchSpace.SearchSpace()))
            .Append(probe, mlContext.Auto().Passt(passt, Only("PatchoutTime", 0, 1)));
        AudioSweep.Options options = TinySweep.Options(folder.File("sweep"), trials: 4);
        options.Tuner = AudioSweepTuner.Grid;
        IDataView validation = Tone.Data(mlContext, 20, seed: 2);

        AudioSweepResult result =
            mlContext.CreateAudioSweep(pipeline, options).Run(Tone.Data(mlContext, 24, seed: 1), validation);

        Assert.HasCount(4, result.Trials);
        Assert.IsTrue(result.Trials.All(trial => trial.Message is null), string.Join('\n', result.Trials));
        CollectionAssert.AreEqual(new[] { 0, 0, 4, 4 }, result.Trials.Select(trial => trial.ValidationAccuracies.Count).ToArray());
        Assert.AreEqual(1, result.BestTrial.Metric!.Value, 1e-9);
        string[][] table = [.. File.ReadLines(result.TablePath).Select(line => line.Split(','))];
        int path = Array.IndexOf(table[0], "pipeline");
        int patchout = Array.IndexOf(table[0], "Passt.PatchoutTime");
        CollectionAssert.AreEqual(new[] { "", "", "0", "1" }, table.Skip(1).Select(row => row[patchout]).ToArray());
        Assert.AreNotEqual(table[1][path], table[3][path]);
    }

    private static SearchSpace.SearchSpace Only(string name, params object[] values) => new() { [name] = new ChoiceOption(values) };

    private sealed class Linear
    {
        [Choice([0.1, 1.0], 1.0)]
        public double L2Regularization { get; set; } = 1;
    }

    /// <summary>Low and high tones.</summary>
    private sealed class Tone
    {
        private const int SampleRate = 8000;

        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];

        public static LogMelOptions FrontEnd()
        {
            LogMelOptions options = LogMelOptions.CreatePasst(SampleRate);
            (options.MelBins, options.TargetSamples) = (16, 4000);
            return options;
        }

        public static IDataView Data(MLContext mlContext, int count, int seed)
        {
            var random = new Random(seed);
            return mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Tone
            {
                Label = i % 2 == 0 ? "low" : "high",
                Waveform =
                [
                    .. Enumerable.Range(0, 4000).Select(n => (float)(
                        Math.Sin(2 * Math.PI * (i % 2 == 0 ? 300 : 2500) * n / SampleRate) + (0.1 * random.NextDouble()))),
                ],
            }).ToArray());
        }

        public static void SaveWeights(PasstOptions options)
        {
            using AudioModel network = ModelFamilies.Of(options.ModelConfig).Build(
                options.ModelConfig, new FeatureShape(51, 16), [EmbeddingModelDescription.Classes], seed: 5);
            ModuleWeights.Save(network, options.PretrainedWeights!);
        }
    }
}
