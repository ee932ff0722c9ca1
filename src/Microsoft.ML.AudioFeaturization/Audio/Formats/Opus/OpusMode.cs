namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>What codes a frame (RFC 6716, section 3.1).</summary>
internal enum OpusMode
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Linear prediction, up to 8 kHz.</summary>
    Silk,

    /// <summary>Linear prediction below 8 kHz, the transform above.</summary>
    Hybrid,

    /// <summary>The transform.</summary>
    Celt,
}
