namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>Decodes the frames of one layer.</summary>
internal interface IMpegLayerDecoder
{
    /// <summary>Frames that must be decoded before one whose samples are to be right.</summary>
    public const int FramesBefore = 2;

    /// <summary>Forgets the frames before.</summary>
    void Forget();

    /// <summary>Takes from a frame only what the frames after it need of its data.</summary>
    void Pass(MpegFrameHeader header, ReadOnlySpan<byte> frame);

    /// <summary>Decodes a frame.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="frame">The frame with its header.</param>
    /// <param name="samples">
    /// Receives <see cref="MpegFrameHeader.Samples"/> samples of each channel, interleaved; silence where something is wrong.
    /// </param>
    /// <returns>Null, or what is wrong.</returns>
    string? Decode(MpegFrameHeader header, ReadOnlySpan<byte> frame, Span<float> samples);
}
