using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Training;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Distributed;

/// <summary>Ranks train the weights that one process trains with whole batches.</summary>
[TestClass]
public sealed class DataParallelTests
{
    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(family => new object[] { family.Name });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void RanksTrainTheWeightsOfOneProcess(string family)
    {
        // 21 clips in batches of 5: the last of each epoch has one clip, too few to be divided.
        Dictionary<string, float[]> whole = Train(family, group: null, MuchAtRandom);

        foreach (int size in (int[])[2, 3])
        {
            Dictionary<string, float[]>[] ranks = ThreadGroup.Run(size, group => Train(family, group, MuchAtRandom));

            Assert.IsLessThan(1e-6, Distance(whole, ranks[0]), $"{family}, {size} ranks");
            Assert.IsTrue(ranks.All(rank => Distance(ranks[0], rank) == 0));
        }
    }

    [TestMethod]
    public void APartOfEachRanksRowsIsAPartOfTheBatch()
    {
        // What is random is drawn for each part, and one rank's parts have other rows than two ranks'.
        static void Accumulate(AudioTrainerOptions options)
        {
            options.Optimization.AccumulationSteps = 2;
            ((DatarOptions)options).Config.DropPath = 0;
        }

        Dictionary<string, float[]> whole = Train("DATAR", group: null, Accumulate);

        Dictionary<string, float[]>[] ranks = ThreadGroup.Run(2, group => Train("DATAR", group, Accumulate));

        Assert.IsLessThan(1e-6, Distance(whole, ranks[1]));
    }

    [TestMethod]
    public void RanksNormalizeByTheWholeBatch()
    {
        float[] values = [.. Enumerable.Range(0, 7 * 3 * 5).Select(i => (float)Math.Sin(i * i) * (1 + (i % 3)))];
        float[][] Normalize(ProcessGroup? group)
        {
            using DisposeScope scope = NewDisposeScope();
            BatchShard shard = BatchShard.Of(7, group);
            var norm = new BatchNormalization(3);
            using ShardedSection? section = group is null ? null : ShardedSection.Begin(group, shard);
            Tensor all = TensorData.Create<float>(values, [7, 5, 3, 1], CPU).transpose(1, 2);
            Tensor rows = all.narrow(0, shard.First, shard.Count);

            // Data that need a gradient go through LibTorch's own operator.
            rows.requires_grad = group is null;
            Tensor output = norm.call(rows);
            output.mul(output).mul(output).sum().backward();
            group?.AllReduce([norm.weight.grad!]);
            return
            [
                TensorData.Read<float>(norm.weight.grad!).ToArray(),
                .. norm.buffers().Take(2).Select(buffer => TensorData.Read<float>(buffer).ToArray()),
            ];
        }

        float[][] whole = Normalize(null);
        float[][] rank = ThreadGroup.Run(2, Normalize)[0];

        for (int i = 0; i < whole.Length; i++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                Assert.AreEqual(whole[i][channel], rank[i][channel], 1e-4 * Math.Abs(whole[i][channel]), $"{i}, {channel}");
            }
        }
    }

    [TestMethod]
    public void MetricsAreThoseOfAllRanks()
    {
        List<AudioTrainingMetrics> Metrics(ProcessGroup? group)
        {
            List<AudioTrainingMetrics> epochs = [];
            Train("PaSST", group, options => options.MetricsCallback = epochs.Add, validate: true);
            return epochs;
        }

        List<AudioTrainingMetrics> whole = Metrics(null);
        List<AudioTrainingMetrics>[] ranks = ThreadGroup.Run(3, Metrics);

        Assert.HasCount(0, ranks[1]);
        Assert.HasCount(whole.Count, ranks[0]);
        foreach ((AudioTrainingMetrics expected, AudioTrainingMetrics actual) in whole.Zip(ranks[0]))
        {
            Assert.AreEqual(expected.Loss, actual.Loss, 1e-6);
            Assert.AreEqual(expected.Accuracy, actual.Accuracy, 1e-12);
            Assert.AreEqual(expected.ValidationLoss!.Value, actual.ValidationLoss!.Value, 1e-6);
            Assert.AreEqual(expected.ValidationAccuracy!.Value, actual.ValidationAccuracy!.Value, 1e-12);
        }
    }

    [TestMethod]
    public void ARankWithOtherOptionsIsToldWhichDiffer()
    {
        InvalidDataException exception = Assert.ThrowsExactly<InvalidDataException>(() => ThreadGroup.Run(
            2, group => Train("PaSST", group, options => options.LearningRate = group.IsFirst ? 1e-3 : 2e-3)));

        StringAssert.Contains(exception.Message, "Rank 1");
        StringAssert.Contains(exception.Message, "LearningRate");
    }

    /// <summary>Trains 4 epochs of 5 steps.</summary>
    private static Dictionary<string, float[]> Train(
        string name, ProcessGroup? group, Action<AudioTrainerOptions> change, bool validate = false)
    {
        ModelFamily family = ModelFamilies.All.Single(family => family.Name == name);
        AudioTrainerOptions options = ContractTraining.Options(family, change);
        (options.Epochs, options.BatchSize) = (4, 5);
        IHost host = ((IHostEnvironment)new MLContext()).Register("DataParallel");
        using IChannel channel = host.Start("Training");
        var run = new TrainingRun(host, options, TinyTraining.Task(ContractClip.Classes), channel, group);
        using AudioModel model = run.Train(
            new WaveformReader(options.FrontEnd!), Clips(21, 1), validate ? Clips(7, 2) : null, workspace: null);
        return TinyTraining.Weights(model);
    }

    private static ClipDataset Clips(int count, int seed)
    {
        var clips = new ClipDataset();
        foreach (ContractClip clip in ContractClip.Make(count, seed))
        {
            clips.Add(clip.Features, Array.IndexOf(ContractClip.Classes, clip.Label), clips.Count);
        }

        return clips;
    }

    private static void MuchAtRandom(AudioTrainerOptions options)
    {
        options.Augmentation.MixupAlpha = 0.3;
        options.Augmentation.WaveformMixupProbability = 0.5;
        options.Augmentation.TimeMaskFrames = 4;
        options.Optimization.ClassWeights = [0.5f, 2];
        options.Optimization.GradientClipNorm = 1;
        options.Optimization.ExponentialAverageDecay = 0.9;
        foreach (OptionPath dropPath in OptionPath.Named(OptionPath.All(options), "DropPath"))
        {
            dropPath.Value = 0.3;
        }
    }

    /// <summary>L2 norm of the difference of all weights, relative to that of the weights.</summary>
    internal static double Distance(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual)
    {
        double difference = 0;
        double norm = 0;
        foreach ((string name, float[] weights) in expected)
        {
            float[] others = actual[name];
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] != others[i] && !IsKeyBias(name, i, weights.Length))
                {
                    difference += Math.Pow((double)weights[i] - others[i], 2);
                }

                norm += float.IsFinite(weights[i]) ? Math.Pow(weights[i], 2) : 0;
            }
        }

        return Math.Sqrt(difference / norm);
    }

    /// <summary>
    /// Whether a weight is a key's bias. It adds the same to all scores of a query, which softmax takes out: its gradient is
    /// rounding alone, of which AdamW makes whole steps.
    /// </summary>
    private static bool IsKeyBias(string name, int index, int count) =>
        name.EndsWith("proj_k.bias", StringComparison.Ordinal)
        || (name.EndsWith("qkv.bias", StringComparison.Ordinal) && index >= count / 3 && index < 2 * count / 3);
}
