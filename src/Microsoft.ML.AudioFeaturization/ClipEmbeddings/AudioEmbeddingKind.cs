namespace Microsoft.ML.AudioTransformers;

/// <summary>Kind of embeddings: one a clip, or one a window.</summary>
public enum AudioEmbeddingKind
{
    /// <summary>
    /// One embedding a clip: of the whole clip if it is no longer than a window, else the mean over overlapping windows.
    /// </summary>
    Scene,

    /// <summary>
    /// One embedding a window, with the time of its centre; the first window is centred on the start of the clip.
    /// </summary>
    Timestamped,
}
