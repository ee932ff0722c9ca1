namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// The CRC-16 of a frame, with the polynomial 8005, over the header's second half and what is most sensitive to errors behind
/// it. ISO/IEC 11172-3, 2.4.3.1.
/// </summary>
internal static class MpegCrc
{
    /// <summary>Checks a frame's CRC, if it has one.</summary>
    /// <param name="header">The frame's header.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="bits">Bits behind the CRC that it covers.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Check(MpegFrameHeader header, ReadOnlySpan<byte> frame, int bits)
    {
        if (!header.HasCrc || frame.Length < header.BodyStart + ((bits + 7) / 8))
        {
            return null;
        }

        int crc = Add(0xFFFF, frame.Slice(2, 2), 16);
        crc = Add(crc, frame[header.BodyStart..], bits);
        int expected = (frame[4] << 8) | frame[5];
        return crc == expected ? null : $"a frame's CRC-16 is {crc:X4}, expected {expected:X4}";
    }

    private static int Add(int crc, ReadOnlySpan<byte> bytes, int bits)
    {
        for (int bit = 0; bit < bits; bit++)
        {
            int next = (bytes[bit >> 3] >> (7 - (bit & 7))) & 1;
            crc = ((crc >> 15) ^ next) != 0 ? ((crc << 1) ^ 0x8005) & 0xFFFF : (crc << 1) & 0xFFFF;
        }

        return crc;
    }
}
