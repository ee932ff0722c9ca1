using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>
/// Trains one model in a process of its own, when it is told to: a line "run" is answered with the seconds of one step
/// once its clips are there, "steps N" with the seconds of N steps and those of them that the clips were waited for,
/// "optimizer" with the seconds of one update by the last gradients, "peak" with the most memory that the process had, in bytes.
/// The first line ends with the multiplications with addition of a step, where they are counted.
/// </summary>
internal static class TrainingWorker
{
    public const string Command = "training-worker";

    private const int ClipCount = 24;
    private const int SecondsOfClip = 10;

    /// <param name="arguments">Name of the model, precision, batch size, and how many threads; without, one.</param>
    public static void Run(string[] arguments)
    {
        set_num_threads(arguments.Length > 3 ? int.Parse(arguments[3], CultureInfo.InvariantCulture) : 1);
        TrainedModel trained = TrainedModel.Of(arguments[0]);
        int batchSize = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        AudioTrainerOptions options = trained.Options;
        var reader = new WaveformReader(options.FrontEnd!);
        using AudioModel model = ModelFamilies.Of(options.ModelConfig)
            .Build(options.ModelConfig, reader.Shape, [trained.Classes], seed: 1);
        using var step = new TrainingStep(model, Setup(trained, ModelWorker.PrecisionOf(arguments[1]), batchSize), CPU);
        var speed = new TrainingSpeed(0);
        using IEnumerator<ClipBatch> batches = speed.Measure(Batches(trained, reader, batchSize)).GetEnumerator();
        using var sums = new RunningMetrics(CPU);
        long count = 0;
        step.BeginEpoch();
        Console.WriteLine($"ready {batchSize * MultiplyAdds.OfStep(model)}");
        while (Console.ReadLine()?.Split(' ') is { } words)
        {
            if (words[0] == "peak")
            {
                Console.WriteLine(PeakMemory.Bytes());
                continue;
            }

            if (words[0] == "optimizer")
            {
                long begin = Stopwatch.GetTimestamp();
                step.Optimizer.Step(options.LearningRate);
                Console.WriteLine(Stopwatch.GetElapsedTime(begin).TotalSeconds.ToString(CultureInfo.InvariantCulture));
                continue;
            }

            if (words[0] == ModelPeer.Run)
            {
                batches.MoveNext();
            }

            speed.BeginEpoch();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < (words.Length > 1 ? int.Parse(words[1], CultureInfo.InvariantCulture) : 1); i++)
            {
                if (words[0] == "steps")
                {
                    batches.MoveNext();
                }

                step.Run(batches.Current, options.LearningRate, count++, sums);
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {speed.WaitingShare * seconds}"));
        }
    }

    private static TrainingSetup Setup(TrainedModel trained, AudioPrecision precision, int batch)
    {
        AudioTrainerOptions own = trained.Options;
        AudioTrainerOptions options = ModelFamilies.Of(own.ModelConfig).CreateOptions();
        options.Epochs = 1;
        options.BatchSize = batch;
        options.LearningRate = own.LearningRate;
        options.LearningRateSchedule = new ConstantSchedule();
        options.WeightDecay = own.WeightDecay;
        options.Optimization.Loss = own.Optimization.Loss;
        options.Optimization.Precision = precision;
        var classes = new LabelKeys(
            "Text", [.. Enumerable.Range(0, trained.Classes).Select(label => label.ToString(CultureInfo.InvariantCulture))]);
        return new TrainingSetup(
            options,
            new ClassificationTask { Labels = classes, ScoreColumnName = "Score", PredictedLabelColumnName = "PredictedLabel" },
            Seed: 1);
    }

    /// <summary>Epoch after epoch of noise, with the recipe's front end and augmentation.</summary>
    private static IEnumerable<ClipBatch> Batches(TrainedModel trained, WaveformReader reader, int batchSize)
    {
        AudioTrainerOptions options = trained.Options;
        var clips = new ClipDataset();
        var random = new Random(1);
        for (int clip = 0; clip < ClipCount; clip++)
        {
            float[] waveform = new float[SecondsOfClip * options.FrontEnd!.SampleRate];
            for (int i = 0; i < waveform.Length; i++)
            {
                waveform[i] = (random.NextSingle() - 0.5f) / 2;
            }

            clips.Add(waveform, clip % trained.Classes, clip);
        }

        AugmentationPlan plan = AugmentationPlan.Create(
            options.Augmentation, options.FrontEnd);
        BatchLoader source = BatchLoader.ForTraining(
            clips, reader, EpochSampler.Shuffled(ClipCount, seed: 1), plan, trained.Classes, seed: 1);
        for (int epoch = 0; ; epoch++)
        {
            foreach (ClipBatch batch in source.Batches(batchSize, epoch))
            {
                yield return batch;
            }
        }
    }
}
