using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Ogg;

/// <summary>A page of an Ogg file.</summary>
/// <param name="Flags">1 continued, 2 first, 4 last.</param>
/// <param name="Granule">The granule position.</param>
/// <param name="Serial">The number of its stream.</param>
/// <param name="Sequence">Its number in the stream.</param>
/// <param name="Lacing">The lengths of its segments.</param>
/// <param name="Body">The segments.</param>
internal sealed record OggTestPage(byte Flags, long Granule, uint Serial, uint Sequence, byte[] Lacing, byte[] Body)
{
    /// <summary>The page's bytes, with its checksum.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = [.. "OggS"u8, 0, Flags, .. new byte[20], (byte)Lacing.Length, .. Lacing, .. Body];
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(6), Granule);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(14), Serial);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(18), Sequence);
        OggBuilder.Sign(bytes);
        return bytes;
    }
}

/// <summary>Ogg files taken apart and put together otherwise.</summary>
internal static class OggBuilder
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(value => Crc((uint)value << 24))];

    /// <summary>The pages of a file.</summary>
    public static List<OggTestPage> Pages(byte[] file)
    {
        var pages = new List<OggTestPage>();
        for (int i = 0; i < file.Length;)
        {
            ReadOnlySpan<byte> page = file.AsSpan(i);
            byte[] lacing = page.Slice(27, page[26]).ToArray();
            int length = lacing.Sum(value => value);
            pages.Add(new OggTestPage(
                page[5],
                BinaryPrimitives.ReadInt64LittleEndian(page[6..]),
                BinaryPrimitives.ReadUInt32LittleEndian(page[14..]),
                BinaryPrimitives.ReadUInt32LittleEndian(page[18..]),
                lacing,
                page.Slice(27 + lacing.Length, length).ToArray()));
            i += 27 + lacing.Length + length;
        }

        return pages;
    }

    /// <summary>The packets of some pages of one stream.</summary>
    public static IEnumerable<byte[]> Packets(IEnumerable<OggTestPage> pages)
    {
        var packet = new List<byte>();
        foreach (OggTestPage page in pages)
        {
            int used = 0;
            foreach (byte length in page.Lacing)
            {
                packet.AddRange(page.Body.AsSpan(used, length));
                used += length;
                if (length < 255)
                {
                    yield return [.. packet];
                    packet.Clear();
                }
            }
        }
    }

    /// <summary>The bytes of some pages.</summary>
    public static byte[] Join(IEnumerable<OggTestPage> pages) => [.. pages.SelectMany(page => page.ToArray())];

    /// <summary>
    /// The pages of one stream with at most so many segments on each, so that packets go over pages. The first page stays.
    /// </summary>
    public static List<OggTestPage> Repage(List<OggTestPage> pages, int segments)
    {
        var result = new List<OggTestPage> { pages[0] };
        bool isContinued = false;
        foreach (OggTestPage page in pages.Skip(1))
        {
            int used = 0;
            for (int first = 0; first < page.Lacing.Length; first += segments)
            {
                byte[] lacing = page.Lacing[first..Math.Min(page.Lacing.Length, first + segments)];
                bool isLast = first + lacing.Length == page.Lacing.Length;
                int length = lacing.Sum(value => value);
                int flags = (isContinued ? 1 : 0) | (isLast ? page.Flags & 4 : 0);
                byte[] body = page.Body[used..(used + length)];
                long granule = isLast ? page.Granule : -1;
                result.Add(new OggTestPage((byte)flags, granule, page.Serial, (uint)result.Count, lacing, body));
                isContinued = lacing[^1] == 255;
                used += length;
            }
        }

        return result;
    }

    /// <summary>Puts the right checksum into each page of a file, as far as it has pages.</summary>
    public static void SignAll(byte[] file)
    {
        for (int i = 0; i + 27 <= file.Length; i++)
        {
            Span<byte> page = file.AsSpan(i);
            if (!page.StartsWith("OggS"u8) || page.Length < 27 + page[26])
            {
                continue;
            }

            int length = 27 + page[26];
            foreach (byte segment in page.Slice(27, page[26]))
            {
                length += segment;
            }

            if (length <= page.Length)
            {
                Sign(page[..length]);
                i += length - 1;
            }
        }
    }

    /// <summary>Puts the right checksum into a page.</summary>
    public static void Sign(Span<byte> page)
    {
        page.Slice(22, 4).Clear();
        uint crc = 0;
        foreach (byte value in page)
        {
            crc = (crc << 8) ^ s_table[(int)(crc >> 24) ^ value];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(page[22..], crc);
    }

    private static uint Crc(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & 0x80000000) != 0 ? (value << 1) ^ 0x04C11DB7 : value << 1;
        }

        return value;
    }
}
