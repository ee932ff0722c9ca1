namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>Model, or ensemble of models, that gives the presence map of clips, whatever runs it.</summary>
internal interface IPresenceModel
{
    /// <summary>Sizes of the presence map.</summary>
    PresenceMapGeometry Geometry { get; }

    /// <summary>Checks that the model is not disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    void ThrowIfDisposed();

    /// <summary>Scores and presence map of a clip.</summary>
    /// <param name="features">Log-mel features, (frames, mels), of no more frames than an image.</param>
    /// <returns>Scores (classes), and presence map (steps, classes).</returns>
    (float[] Scores, float[] Presence) Detect(ReadOnlySpan<float> features);
}
