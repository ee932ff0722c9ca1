namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>
/// A coding of samples in blocks of one size, each of which is decoded by itself: a frame of PCM, or a block of ADPCM.
/// </summary>
internal abstract class BlockCoding
{
    /// <summary>Name in <see cref="AudioInfo.Format"/>, such as "PCM 16 bit".</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of a block; at least 1.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>Frames of a block; at least 1.</summary>
    public abstract int BlockFrames { get; }

    /// <summary>Frames of a block that the data ends within, which has fewer bytes; 0 where these are too few.</summary>
    public virtual int FramesOfPart(int bytes) => 0;

    /// <summary>Decodes whole blocks, or a last one that is shorter.</summary>
    /// <param name="bytes">The blocks; they may be overwritten.</param>
    /// <param name="samples">Receives the interleaved samples: as many as the blocks hold.</param>
    /// <returns>Null, or what is wrong with the blocks: the start of a sentence.</returns>
    public abstract string? Decode(Span<byte> bytes, Span<float> samples);

    /// <summary>Frames in a number of bytes.</summary>
    public long FramesIn(long bytes) =>
        (bytes / BlockBytes * BlockFrames) + FramesOfPart((int)(bytes % BlockBytes));
}
