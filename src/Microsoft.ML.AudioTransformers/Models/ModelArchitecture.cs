using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>A model with its sizes: what has to be known to build it again.</summary>
[JsonDerivedType(typeof(DatarArchitecture), "DATAR")]
[JsonDerivedType(typeof(PasstArchitecture), "PaSST")]
[JsonDerivedType(typeof(AstArchitecture), "AST")]
[JsonDerivedType(typeof(HtsAtArchitecture), "HTS-AT")]
internal abstract record ModelArchitecture
{
    /// <summary>The model's name in the papers.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>Builds the network with fresh weights that follow from the seed.</summary>
    /// <exception cref="DllNotFoundException">LibTorch does not load here.</exception>
    public AudioModel Build(FeatureShape shape, int classCount, int seed)
    {
        LibTorch.Load();
        return BuildNetwork(shape, classCount, seed);
    }

    /// <summary>
    /// The same model with the last classes in a second head, where it has such; the one head of other models is for all.
    /// </summary>
    /// <param name="count">How many of the classes are nouns.</param>
    public virtual ModelArchitecture WithNouns(int count) => this;

    /// <summary>Which tensor of an official checkpoint becomes which of a network that <see cref="Build"/> made.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another model.</exception>
    public abstract WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation);

    /// <summary>Copies what fits of an official checkpoint into a network that <see cref="Build"/> made.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, or nothing of it fits.</exception>
    public CheckpointReport LoadCheckpoint(string path, AudioModel network, CheckpointAdaptation adaptation)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return MapCheckpoint(checkpoint, network, adaptation).Apply(network);
    }

    /// <inheritdoc cref="Build"/>
    protected abstract AudioModel BuildNetwork(FeatureShape shape, int classCount, int seed);
}
