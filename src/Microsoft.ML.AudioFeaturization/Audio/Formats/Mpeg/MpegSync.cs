using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>The first frame of a recording, and the tags between and around frames.</summary>
internal static class MpegSync
{
    /// <summary>The first frame lies within so many bytes behind the tags at the start.</summary>
    public const int SearchBytes = 1 << 18;

    /// <summary>Bytes that tell a tag and its length.</summary>
    public const int TagHeaderBytes = 32;

    // To tell frames from chance, so many stand one behind another, unless the recording ends before. Behind bytes of another kind
    // chance has many tries, and with the free format, whose length is searched for, many more.
    private const int FramesAtStart = 3;
    private const int FramesBehindOthers = 6;

    // A search for the next frame of a free format reads thousands of bytes, so only some of them are made.
    private const int FreeSearches = 32;

    /// <summary>The length of a tag: ID3v1, ID3v2, or APE with a header.</summary>
    /// <param name="bytes"><see cref="TagHeaderBytes"/>, or fewer at the recording's end.</param>
    /// <returns>Its bytes, or 0 where there is no tag.</returns>
    public static long TagBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("ID3"u8) && bytes.Length >= 10 && ((bytes[6] | bytes[7] | bytes[8] | bytes[9]) & 0x80) == 0)
        {
            int size = (bytes[6] << 21) | (bytes[7] << 14) | (bytes[8] << 7) | bytes[9];
            return 10 + size + ((bytes[5] & 0x10) != 0 ? 10 : 0);
        }

        if (bytes.StartsWith("APETAGEX"u8) && bytes.Length >= TagHeaderBytes)
        {
            // Bit 29 of the flags tells a header from a footer, whose tag has ended.
            bool isHeader = (bytes[23] & 0x20) != 0;
            return TagHeaderBytes + (isHeader ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) : 0);
        }

        return bytes.StartsWith("TAG+"u8) ? 227 : bytes.StartsWith("TAG"u8) ? 128 : 0;
    }

    /// <summary>Goes behind the tags at the start.</summary>
    public static void SkipTags(AudioSource source)
    {
        Span<byte> start = stackalloc byte[TagHeaderBytes];
        while (TagBytes(start[..source.Peek(start)]) is > 0 and long bytes && source.Skip(bytes) == bytes)
        {
        }
    }

    /// <summary>Finds the first frame.</summary>
    /// <param name="bytes">The recording's first bytes behind its tags.</param>
    /// <param name="isWhole">Whether there are no others.</param>
    /// <param name="first">The frame's header.</param>
    /// <param name="freeBytes">Bytes of a frame of a free format without padding; else 0.</param>
    /// <returns>Its place, or -1.</returns>
    public static int FindFirst(ReadOnlySpan<byte> bytes, bool isWhole, out MpegFrameHeader first, out int freeBytes)
    {
        int freeSearches = 0;
        freeBytes = 0;
        for (int place = 0; place <= bytes.Length - MpegFrameHeader.Bytes; place++)
        {
            int next = bytes[place..].IndexOf((byte)0xFF);
            if (next < 0 || place + next > bytes.Length - MpegFrameHeader.Bytes)
            {
                break;
            }

            place += next;
            if (!MpegFrameHeader.TryRead(bytes[place..], out first))
            {
                continue;
            }

            freeBytes = first.BitRate > 0 ? 0 : ++freeSearches > FreeSearches ? 0 : FindFree(bytes[place..], first);
            if ((first.BitRate > 0 || freeBytes > 0) && IsRow(bytes[place..], place == 0, isWhole, first, freeBytes))
            {
                return place;
            }
        }

        first = default;
        return -1;
    }

    /// <summary>Bytes of a frame.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="freeBytes">Bytes of a frame of the free format without padding.</param>
    public static int FrameBytes(MpegFrameHeader header, int freeBytes) =>
        header.BitRate > 0 ? header.FrameBytes : freeBytes + (header.Padding * header.SlotBytes);

    private static bool IsRow(ReadOnlySpan<byte> bytes, bool isAtStart, bool isWhole, MpegFrameHeader first, int freeBytes)
    {
        MpegFrameHeader header = first;
        int wanted = isAtStart ? FramesAtStart : FramesBehindOthers;
        int least = first.BitRate > 0 ? FramesAtStart : FramesBehindOthers;
        int place = 0;
        for (int count = 1; ; count++)
        {
            place += FrameBytes(header, freeBytes);
            if (count == wanted)
            {
                return true;
            }

            if (place > bytes.Length - MpegFrameHeader.Bytes)
            {
                // At the start, what ends exactly with a frame, or cuts the third, is taken for one.
                return isAtStart ? !isWhole || place == bytes.Length || count > 1 : count >= least;
            }

            if (TagBytes(bytes[place..]) > 0)
            {
                return isAtStart || count >= least;
            }

            if (!MpegFrameHeader.TryRead(bytes[place..], out header) || !header.IsLike(first))
            {
                return count > 1 && isAtStart;
            }
        }
    }

    // A free format has frames of one length: the distance to the next header that is alike, which must fit the one after it.
    private static int FindFree(ReadOnlySpan<byte> bytes, MpegFrameHeader first)
    {
        int end = Math.Min(bytes.Length - MpegFrameHeader.Bytes, MpegFrameHeader.MaximumFrameBytes);
        int shortest = first.BodyStart + (first.Layer == 3 ? first.SideInfoBytes : 0);
        for (int place = shortest; place <= end; place++)
        {
            if (bytes[place] != 0xFF || !MpegFrameHeader.TryRead(bytes[place..], out MpegFrameHeader second)
                || !second.IsLike(first) || second.Mode != first.Mode)
            {
                continue;
            }

            int free = place - (first.Padding * first.SlotBytes);
            int third = place + FrameBytes(second, free);
            if (third > bytes.Length - MpegFrameHeader.Bytes
                || (MpegFrameHeader.TryRead(bytes[third..], out MpegFrameHeader header) && header.IsLike(first)))
            {
                return free;
            }
        }

        return 0;
    }
}
