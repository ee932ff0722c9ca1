using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The two checksums of a FLAC frame (RFC 9639, section 9.1.8 and 9.3).</summary>
internal static class FlacChecksums
{
    private const int Polynomial8 = 0x07;
    private const int Polynomial16 = 0x8005;

    private static readonly byte[] s_crc8 = MakeCrc8();
    private static readonly ushort[] s_crc16 = MakeCrc16();

    // What 64 bits become that are 128 and 192 bits before the next ones.
    private static readonly Vector128<ulong> s_fold = Vector128.Create((ulong)PowerOfX(128), PowerOfX(192));

    /// <summary>CRC-8 with the polynomial x^8 + x^2 + x + 1, from 0, of a frame's header.</summary>
    public static byte Crc8(ReadOnlySpan<byte> bytes)
    {
        byte crc = 0;
        foreach (byte value in bytes)
        {
            crc = s_crc8[crc ^ value];
        }

        return crc;
    }

    /// <summary>CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, from 0, of a whole frame.</summary>
    public static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        if (!Pclmulqdq.IsSupported || bytes.Length < 64)
        {
            return Crc16(bytes, 0);
        }

        // Polynomials modulo 2: 16 bytes and what is before them have the remainder of 16 other bytes.
        var order = Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        Vector128<ulong> sum = Vector128<ulong>.Zero;
        ReadOnlySpan<Vector128<byte>> vectors = MemoryMarshal.Cast<byte, Vector128<byte>>(bytes);
        foreach (Vector128<byte> vector in vectors)
        {
            sum = Pclmulqdq.CarrylessMultiply(sum, s_fold, 0x00) ^ Pclmulqdq.CarrylessMultiply(sum, s_fold, 0x11)
                ^ Vector128.Shuffle(vector, order).AsUInt64();
        }

        Span<byte> rest = stackalloc byte[16];
        Vector128.Shuffle(sum.AsByte(), order).CopyTo(rest);
        return Crc16(bytes[(vectors.Length * 16)..], Crc16(rest, 0));
    }

    private static ushort Crc16(ReadOnlySpan<byte> bytes, ushort start)
    {
        // Eight bytes at once: table n gives what a byte leaves after n further bytes.
        ReadOnlySpan<ushort> tables = s_crc16;
        uint crc = start;
        foreach (ulong eight in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            ulong value = BitConverter.IsLittleEndian ? eight : BinaryPrimitives.ReverseEndianness(eight);
            crc = (uint)(tables[(7 << 8) + (int)((byte)value ^ (crc >> 8))]
                ^ tables[(6 << 8) + (byte)((value >> 8) ^ crc)]
                ^ tables[(5 << 8) + (byte)(value >> 16)]
                ^ tables[(4 << 8) + (byte)(value >> 24)]
                ^ tables[(3 << 8) + (byte)(value >> 32)]
                ^ tables[(2 << 8) + (byte)(value >> 40)]
                ^ tables[(1 << 8) + (byte)(value >> 48)]
                ^ tables[(int)(value >> 56)]);
        }

        foreach (byte value in bytes[(bytes.Length & ~7)..])
        {
            crc = (ushort)((crc << 8) ^ tables[(int)(crc >> 8) ^ value]);
        }

        return (ushort)crc;
    }

    // The remainder of x^n.
    private static ushort PowerOfX(int n)
    {
        int value = 1;
        for (int i = 0; i < n; i++)
        {
            value = (value & 0x8000) != 0 ? (value << 1) ^ Polynomial16 : value << 1;
        }

        return (ushort)value;
    }

    private static byte[] MakeCrc8()
    {
        var table = new byte[256];
        for (int value = 0; value < 256; value++)
        {
            int crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80) != 0 ? (crc << 1) ^ Polynomial8 : crc << 1;
            }

            table[value] = (byte)crc;
        }

        return table;
    }

    private static ushort[] MakeCrc16()
    {
        var tables = new ushort[8 * 256];
        for (int value = 0; value < 256; value++)
        {
            int crc = value << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ Polynomial16 : crc << 1;
            }

            tables[value] = (ushort)crc;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            int before = tables[i - 256];
            tables[i] = (ushort)((before << 8) ^ tables[before >> 8]);
        }

        return tables;
    }
}
