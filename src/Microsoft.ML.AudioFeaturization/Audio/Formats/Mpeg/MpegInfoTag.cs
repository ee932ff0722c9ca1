using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// What a first frame without sound says about the recording: Xing's and LAME's tag (Xing, Info), or Fraunhofer's (VBRI).
/// </summary>
/// <param name="Frames">Frames behind this one, or 0 where it does not say.</param>
/// <param name="Delay">Samples that the encoder put before the recording's, or null where it does not say.</param>
/// <param name="Padding">Samples that it put behind.</param>
internal sealed record MpegInfoTag(long Frames, int? Delay, int Padding)
{
    /// <summary>Samples that a decoder delays a recording by: those of its filter bank.</summary>
    public const int DecoderDelay = 529;

    private const int VbriStart = MpegFrameHeader.Bytes + 32;

    /// <summary>Reads the tag of a frame.</summary>
    /// <returns>Null where it has none.</returns>
    public static MpegInfoTag? Read(MpegFrameHeader header, ReadOnlySpan<byte> frame)
    {
        if (header.Layer != 3)
        {
            return null;
        }

        // Some encoders forget the CRC when they place the tag.
        foreach (int start in new[] { header.BodyStart + header.SideInfoBytes, MpegFrameHeader.Bytes + header.SideInfoBytes })
        {
            ReadOnlySpan<byte> tag = start + 8 <= frame.Length ? frame[start..] : [];
            if (tag.StartsWith("Xing"u8) || tag.StartsWith("Info"u8))
            {
                return ReadXing(tag);
            }
        }

        return frame.Length >= VbriStart + 18 && frame[VbriStart..].StartsWith("VBRI"u8)
            ? new MpegInfoTag(BinaryPrimitives.ReadUInt32BigEndian(frame[(VbriStart + 14)..]), null, 0)
            : null;
    }

    private static MpegInfoTag ReadXing(ReadOnlySpan<byte> tag)
    {
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(tag[4..]);
        int place = 8;
        long frames = 0;
        if ((flags & 1) != 0 && place + 4 <= tag.Length)
        {
            frames = BinaryPrimitives.ReadUInt32BigEndian(tag[place..]);
            place += 4;
        }

        place += ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 100 : 0) + ((flags & 8) != 0 ? 4 : 0);

        // LAME's extension: nine characters of the encoder's version, twelve bytes of settings, then delay and padding.
        if (place + 24 > tag.Length)
        {
            return new MpegInfoTag(frames, null, 0);
        }

        ReadOnlySpan<byte> lame = tag[place..];
        bool isKnown = lame.StartsWith("LAME"u8) || lame.StartsWith("Lavf"u8) || lame.StartsWith("Lavc"u8);
        int both = (lame[21] << 16) | (lame[22] << 8) | lame[23];
        return isKnown ? new MpegInfoTag(frames, both >> 12, both & 0xFFF) : new MpegInfoTag(frames, null, 0);
    }
}
