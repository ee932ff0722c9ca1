using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>
/// Checksums that are put right in changed files, so that what is behind them is read. A sum of zeros is left, so that wrong
/// ones are met as well. The bytes that are given are changed, and given back.
/// </summary>
internal static class Sums
{
    private const int PageHeader = 27;
    private const int PageSum = 22;

    /// <summary>The CRC-32 of each page of an Ogg file (RFC 3533, section 6).</summary>
    public static byte[] OfOgg(byte[] file)
    {
        for (int start = 0; (start = IndexOf(file, "OggS"u8, start)) >= 0;)
        {
            if (start + PageHeader > file.Length || start + PageHeader + file[start + PageHeader - 1] > file.Length)
            {
                break;
            }

            int segments = file[start + PageHeader - 1];
            int length = PageHeader + segments;
            foreach (byte lacing in file.AsSpan(start + PageHeader, segments))
            {
                length += lacing;
            }

            Span<byte> sum = file.AsSpan(start + PageSum, sizeof(uint));
            if (start + length <= file.Length && sum.ContainsAnyExcept((byte)0))
            {
                sum.Clear();
                BinaryPrimitives.WriteUInt32LittleEndian(sum, OggChecksum.Append(0, file.AsSpan(start, length)));
            }

            start += PageHeader;
        }

        return file;
    }

    /// <summary>The CRC-8 of each header of a FLAC frame, and the CRC-16 of each frame (RFC 9639, section 9).</summary>
    public static byte[] OfFlac(byte[] file)
    {
        int before = -1;
        for (int start = 0; start + 6 <= file.Length; start++)
        {
            int length = FlacHeader(file.AsSpan(start));
            if (length == 0)
            {
                continue;
            }

            EndFlacFrame(file, before, start);
            if (file[start + length] != 0)
            {
                file[start + length] = FlacChecksums.Crc8(file.AsSpan(start, length));
            }

            before = start;
            start += length;
        }

        EndFlacFrame(file, before, file.Length);
        return file;
    }

    /// <summary>The SHA-256 of a sealed file of safetensors: that of the file with zeros in its place.</summary>
    public static byte[] OfSealed(byte[] file)
    {
        ReadOnlySpan<byte> start = "\"sha256\":\""u8;
        int place = IndexOf(file, start, 0) + start.Length;
        const int digits = 2 * SHA256.HashSizeInBytes;
        if (place < start.Length || place + digits > file.Length)
        {
            return file;
        }

        Span<byte> sum = file.AsSpan(place, digits);
        if (sum.ContainsAnyExcept((byte)'0'))
        {
            sum.Fill((byte)'0');
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(file)), sum);
        }

        return file;
    }

    /// <summary>The SHA-256 that ends a file of cached features.</summary>
    public static byte[] OfFeatures(byte[] file)
    {
        if (file.Length > SHA256.HashSizeInBytes && file.AsSpan(^SHA256.HashSizeInBytes..).ContainsAnyExcept((byte)0))
        {
            SHA256.HashData(file.AsSpan(..^SHA256.HashSizeInBytes), file.AsSpan(^SHA256.HashSizeInBytes..));
        }

        return file;
    }

    // The length of a header before its CRC-8; 0 where there is none (RFC 9639, section 9.1).
    private static int FlacHeader(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != 0xFF || bytes[1] >> 1 != 0x7C || bytes[2] >> 4 == 0 || (bytes[2] & 15) == 15 || (bytes[3] & 1) != 0)
        {
            return 0;
        }

        int length = 4 + Math.Max(1, int.LeadingZeroCount(~(bytes[4] << 24)));
        length += (bytes[2] >> 4) switch { 6 => 1, 7 => 2, _ => 0 };
        length += (bytes[2] & 15) switch { 12 => 1, 13 or 14 => 2, _ => 0 };
        return length < bytes.Length ? length : 0;
    }

    private static void EndFlacFrame(byte[] file, int start, int end)
    {
        const int sum = sizeof(ushort);
        if (start >= 0 && end - start > sum && file.AsSpan(end - sum, sum).ContainsAnyExcept((byte)0))
        {
            ushort crc = FlacChecksums.Crc16(file.AsSpan(start..(end - sum)));
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(end - sum), crc);
        }
    }

    private static int IndexOf(byte[] file, ReadOnlySpan<byte> what, int start)
    {
        int place = file.AsSpan(start).IndexOf(what);
        return place < 0 ? -1 : start + place;
    }
}
