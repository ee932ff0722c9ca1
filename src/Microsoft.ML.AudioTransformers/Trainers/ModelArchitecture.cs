using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;

namespace Microsoft.ML.AudioTransformers.Trainers;

/// <summary>A model with its sizes: what has to be known to build it again.</summary>
[JsonDerivedType(typeof(PasstArchitecture), "PaSST")]
internal abstract record ModelArchitecture
{
    /// <summary>The model's name in the papers.</summary>
    [JsonIgnore]
    public abstract string Name { get; }

    /// <summary>Builds the network with fresh weights that follow from the seed.</summary>
    public abstract AudioModel Build(FeatureShape shape, int classCount, int seed);
}
