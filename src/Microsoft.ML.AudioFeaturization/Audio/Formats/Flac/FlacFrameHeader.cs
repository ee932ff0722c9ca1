using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The header of a FLAC frame, which is a block of all channels (RFC 9639, section 9.1).</summary>
/// <param name="Length">Bytes of the header with its CRC-8.</param>
/// <param name="IsVariable">Whether <paramref name="Number"/> counts samples, and not frames.</param>
/// <param name="Number">The number of the frame, or of its first sample.</param>
/// <param name="BlockSize">Samples of each channel, 1 to 65535.</param>
/// <param name="Assignment">
/// 0 to 7 for one more independent channel; 8 left and side, 9 side and right, 10 mid and side.
/// </param>
/// <param name="Bits">Bits of a sample.</param>
internal readonly record struct FlacFrameHeader(
    int Length, bool IsVariable, long Number, int BlockSize, int Assignment, int Bits)
{
    /// <summary>The most bytes of a header.</summary>
    public const int MaximumBytes = 16;

    /// <summary>Left and side.</summary>
    public const int LeftSide = 8;

    /// <summary>Side and right.</summary>
    public const int SideRight = 9;

    /// <summary>Mid and side.</summary>
    public const int MidSide = 10;

    /// <summary>Whether a header may begin with these two bytes.</summary>
    public static bool IsSync(byte first, byte second) => first == 0xFF && (second & 0xFE) == 0xF8;

    /// <summary>Reads a header and checks it against what the file says of all frames.</summary>
    /// <param name="bytes">The frame's first bytes.</param>
    /// <param name="info">Rate, channels and bits that the frame must have.</param>
    /// <param name="header">The header.</param>
    /// <returns>What is wrong, for a message, or null.</returns>
    public static string? Parse(ReadOnlySpan<byte> bytes, FlacStreamInfo info, out FlacFrameHeader header)
    {
        header = default;
        if (bytes.Length < 6)
        {
            return "the file ends inside a frame's header";
        }

        if (!IsSync(bytes[0], bytes[1]))
        {
            return $"found bytes {bytes[0]:X2} {bytes[1]:X2} where a frame should begin with FF F8 or FF F9";
        }

        int position = 4;
        if (!TryReadNumber(bytes, ref position, out long number))
        {
            return "a frame's number is not coded as UTF-8 codes characters";
        }

        int blockCode = bytes[2] >> 4;
        int rateCode = bytes[2] & 15;
        int blockBytes = blockCode is 6 ? 1 : blockCode is 7 ? 2 : 0;
        int rest = position + blockBytes + (rateCode is 12 ? 1 : rateCode is 13 or 14 ? 2 : 0);
        if (bytes.Length <= rest)
        {
            return "the file ends inside a frame's header";
        }

        if (FlacChecksums.Crc8(bytes[..rest]) != bytes[rest])
        {
            return $"the CRC-8 of a frame's header is {FlacChecksums.Crc8(bytes[..rest]):X2}, the file has {bytes[rest]:X2}";
        }

        int block = blockCode switch
        {
            0 => 0,
            1 => 192,
            < 6 => 144 << blockCode,
            6 => bytes[position] + 1,
            7 => BinaryPrimitives.ReadUInt16BigEndian(bytes[position..]) + 1,
            _ => 256 << (blockCode - 8),
        };
        position += blockBytes;
        int rate = rateCode switch
        {
            0 => info.SampleRate,
            1 => 88200,
            2 => 176400,
            3 => 192000,
            4 => 8000,
            5 => 16000,
            6 => 22050,
            7 => 24000,
            8 => 32000,
            9 => 44100,
            10 => 48000,
            11 => 96000,
            12 => bytes[position] * 1000,
            13 => BinaryPrimitives.ReadUInt16BigEndian(bytes[position..]),
            14 => BinaryPrimitives.ReadUInt16BigEndian(bytes[position..]) * 10,
            _ => 0,
        };
        int assignment = bytes[3] >> 4;
        int channels = assignment < 8 ? assignment + 1 : assignment <= MidSide ? 2 : 0;
        int bits = ((bytes[3] >> 1) & 7) switch
        {
            0 => info.Bits,
            1 => 8,
            2 => 12,
            4 => 16,
            5 => 20,
            6 => 24,
            7 => 32,
            _ => 0,
        };
        if (block is 0 or > ushort.MaxValue || (bytes[3] & 1) != 0)
        {
            return "a frame's header uses a reserved value";
        }

        if (rate != info.SampleRate || channels != info.Channels || bits != info.Bits)
        {
            return $"a frame has {rate} Hz, {channels} channels, {bits} bits; the file's header promises "
                + $"{info.SampleRate} Hz, {info.Channels} channels, {info.Bits} bits";
        }

        header = new FlacFrameHeader(rest + 1, (bytes[1] & 1) != 0, number, block, assignment, bits);
        return null;
    }

    // Numbers of up to 36 bits, coded as UTF-8 once was: the first byte's leading ones count the bytes.
    private static bool TryReadNumber(ReadOnlySpan<byte> bytes, ref int position, out long number)
    {
        int first = bytes[position++];
        int ones = byte.LeadingZeroCount((byte)~first);
        number = first & (0x7F >> ones);
        if (ones is 1 or 8)
        {
            return false;
        }

        for (int i = 1; i < ones; i++)
        {
            if (position >= bytes.Length || (bytes[position] & 0xC0) != 0x80)
            {
                return false;
            }

            number = (number << 6) | (uint)(bytes[position++] & 0x3F);
        }

        return true;
    }
}
