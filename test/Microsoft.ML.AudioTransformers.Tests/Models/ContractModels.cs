using System.Collections.Concurrent;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>A model of each family that has learned, for the tests of what is promised of every model.</summary>
[TestClass]
public sealed class ContractModels
{
    internal const int LearningEpochs = 10;
    internal const double LearningRate = 3e-4;

    private static readonly ConcurrentDictionary<string, Lazy<Trained>> s_trained = new();

    public static IEnumerable<object[]> Families => ModelFamilies.All.Select(family => new object[] { family.Name });

    [AssemblyCleanup]
    public static void Cleanup()
    {
        foreach (Lazy<Trained> trained in s_trained.Values)
        {
            trained.Value.Model.Dispose();
        }
    }

    internal static ModelFamily Of(string family) => ModelFamilies.All.Single(each => each.Name == family);

    /// <summary>A model that has learned; the tests share it.</summary>
    internal static Trained TrainedOf(string family) => s_trained.GetOrAdd(family, name => new(() =>
    {
        List<AudioTrainingMetrics> epochs = [];
        List<long> liveTensors = [];
        AudioClassificationTransformer model = ContractTraining.Train(
            Of(name),
            options =>
            {
                options.Epochs = LearningEpochs;
                options.LearningRate = LearningRate;
                options.LearningRateSchedule = new ConstantSchedule();
                options.Augmentation = new();
                options.Optimization = new();
                options.MetricsCallback = metrics =>
                {
                    epochs.Add(metrics);
                    liveTensors.Add(LiveTensors.Count);
                };
            });
        return new Trained(model, epochs, liveTensors);
    })).Value;

    /// <summary>A network as a training begins with.</summary>
    internal static AudioModel Build(Trained trained, int seed = ContractTraining.Seed)
    {
        AudioModelConfig config = trained.Model.Model.Description.Architecture;
        return ModelFamilies.Of(config).Build(config, trained.Model.Model.Description.Shape, [ContractClip.Classes.Length], seed);
    }

    /// <param name="Model">The model.</param>
    /// <param name="Epochs">What each epoch came to.</param>
    /// <param name="LiveTensors">How many tensors there were after each.</param>
    internal sealed record Trained(
        AudioClassificationTransformer Model, IReadOnlyList<AudioTrainingMetrics> Epochs, IReadOnlyList<long> LiveTensors);
}
