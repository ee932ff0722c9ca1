using System.Text.Json.Nodes;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// All that the library asks of a kind of model: each has a folder here, and a line in <see cref="ModelFamilies"/>. Saving,
/// sweeps, benchmarks and the contract tests read that list.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>Name of the model in its paper, by which a saved model is known, too.</summary>
    public abstract string Name { get; }

    /// <summary>Type of the model's <see cref="AudioModelConfig"/>.</summary>
    public abstract Type ConfigType { get; }

    /// <summary>Options of the model's trainers, with their defaults.</summary>
    public abstract AudioTrainerOptions CreateOptions();

    /// <summary>Options of a small model that learns from hundreds of short clips within minutes on one processor core.</summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz.</param>
    public abstract AudioTrainerOptions CreateSmall(int sampleRate);

    /// <summary>Builds a network with fresh weights that follow from the seed.</summary>
    /// <param name="config">The configuration, of <see cref="ConfigType"/>; it stays the caller's.</param>
    /// <param name="shape">The features of a clip.</param>
    /// <param name="headSizes">The classes of each head; a model with one head has one for all of them.</param>
    /// <param name="seed">The seed of the weights, and of what is random in training until it is seeded anew.</param>
    /// <exception cref="ArgumentOutOfRangeException">The configuration does not fit the features.</exception>
    /// <exception cref="DllNotFoundException">LibTorch does not load here.</exception>
    public AudioModel Build(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes, int seed)
    {
        LibTorch.Load();
        var generator = new torch.Generator((ulong)(uint)seed);
        try
        {
            return Build(config, shape, headSizes, generator);
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    /// <summary>Which tensor of an official checkpoint becomes which of a network of this family.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another model.</exception>
    public abstract WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation);

    /// <summary>Copies what fits of an official checkpoint into a network of this family.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, or nothing of it fits.</exception>
    public CheckpointReport LoadCheckpoint(string path, AudioModel network, CheckpointAdaptation adaptation)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return MapCheckpoint(checkpoint, network, adaptation).Apply(network);
    }

    /// <summary>Whether the model tells when in a clip each class is heard, and so can detect sound events.</summary>
    public virtual bool HasPresenceMap => false;

    /// <summary>Sizes of the model's presence map.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="shape">The features of a clip.</param>
    /// <param name="classCount">The classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The configuration does not fit the features.</exception>
    /// <exception cref="NotSupportedException">The model has no presence map.</exception>
    public virtual PresenceMapGeometry PresenceMap(AudioModelConfig config, FeatureShape shape, int classCount) =>
        throw new NotSupportedException($"{Name} gives no presence map.");

    /// <summary>Checks that a network can learn when classes are heard: that it keeps the places in time of short clips.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="prefix">What stands before its options' names in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">It cannot.</exception>
    public virtual void CheckKeepsTimes(AudioModelConfig config, string prefix)
    {
    }

    /// <summary>Brings a configuration that an earlier version saved up to this one: removes options that are no more.</summary>
    public virtual void Upgrade(JsonObject config)
    {
    }

    /// <inheritdoc cref="Build(AudioModelConfig, FeatureShape, IReadOnlyList{int}, int)"/>
    protected abstract AudioModel Build(
        AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes, torch.Generator generator);
}
