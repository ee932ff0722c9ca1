using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Scoring.Embeddings;

/// <summary>Description of an embedder: everything but its weights. It is saved with them.</summary>
internal sealed record EmbeddingModelDescription : EmbeddingDescription
{
    /// <summary>
    /// Number of classes of the head: AudioSet's, as in the files that authors publish. Embeddings do not depend on the head.
    /// </summary>
    public const int Classes = 527;

    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(ModelConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>Precision; float32 in files that do not have it.</summary>
    public AudioPrecision Precision { get; init; } = AudioPrecision.Float32;
}
