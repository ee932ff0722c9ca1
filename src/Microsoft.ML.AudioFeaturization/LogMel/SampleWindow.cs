namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>The samples of a waveform that are at hand.</summary>
/// <param name="samples">The samples.</param>
/// <param name="start">The first one's index in the waveform.</param>
/// <param name="length">The waveform's length, or <see cref="FrameGeometry.Unknown"/>.</param>
internal readonly ref struct SampleWindow(ReadOnlySpan<float> samples, long start, long length)
{
    /// <summary>The samples.</summary>
    public ReadOnlySpan<float> Samples { get; } = samples;

    /// <summary>The first one's index in the waveform.</summary>
    public long Start { get; } = start;

    /// <summary>The waveform's length.</summary>
    public long Length { get; } = length;
}
