namespace Microsoft.ML.AudioFeaturization.ClipEmbeddings;

/// <summary>Model that embeds clips, whatever runs it. Safe for several threads at once.</summary>
internal interface IEmbeddingModel
{
    /// <summary>Length of an embedding.</summary>
    int EmbeddingLength { get; }

    /// <summary>Fewest frames of a clip; null for a model whose clips have one length.</summary>
    int? ShortestInput { get; }

    /// <summary>Embeds a batch.</summary>
    /// <param name="features">Log-mel features, (count, frames, mels).</param>
    /// <param name="count">Number of clips or windows.</param>
    /// <param name="embeddings">Embeddings, (count, length); filled.</param>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    void Embed(ReadOnlySpan<float> features, int count, Span<float> embeddings);
}
