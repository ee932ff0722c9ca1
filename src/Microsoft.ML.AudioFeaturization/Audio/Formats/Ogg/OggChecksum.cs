using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>The checksum of an Ogg page (RFC 3533, section 6): CRC-32 with polynomial 04C11DB7, from 0, not
/// reflected.</summary>
internal static class OggChecksum
{
    private const uint Polynomial = 0x04C11DB7;

    private static readonly uint[] s_tables = MakeTables();

    /// <summary>The checksum after some bytes more.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        // Eight bytes at once: table n gives what a byte leaves after n further bytes.
        ReadOnlySpan<uint> tables = s_tables;
        while (bytes.Length >= 8)
        {
            uint first = BinaryPrimitives.ReadUInt32BigEndian(bytes) ^ crc;
            uint second = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            crc = tables[(7 << 8) + (int)(first >> 24)] ^ tables[(6 << 8) + (byte)(first >> 16)]
                ^ tables[(5 << 8) + (byte)(first >> 8)] ^ tables[(4 << 8) + (byte)first]
                ^ tables[(3 << 8) + (int)(second >> 24)] ^ tables[(2 << 8) + (byte)(second >> 16)]
                ^ tables[(1 << 8) + (byte)(second >> 8)] ^ tables[(byte)second];
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
        {
            crc = (crc << 8) ^ tables[(int)(crc >> 24) ^ value];
        }

        return crc;
    }

    private static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (int value = 0; value < 256; value++)
        {
            uint crc = (uint)value << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80000000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
            }

            tables[value] = crc;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = (before << 8) ^ tables[before >> 24];
        }

        return tables;
    }
}
