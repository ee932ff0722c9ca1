using System.Buffers.Binary;
using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>What a FLAC file says of all its frames (RFC 9639, section 8.2).</summary>
/// <param name="MinimumBlock">Frames (samples of one channel) of the shortest block but the last, 16 to 65535.</param>
/// <param name="MaximumBlock">Frames of the longest block, 16 to 65535.</param>
/// <param name="SampleRate">In Hz, 1 to 655350 or more.</param>
/// <param name="Channels">1 to 8.</param>
/// <param name="Bits">Bits of a sample, 4 to 32.</param>
/// <param name="Length">Frames in all, or -1 where the writer did not know.</param>
/// <param name="Md5">MD5 of the samples, 16 bytes; all zero where the writer did not know.</param>
internal sealed record FlacStreamInfo(
    int MinimumBlock, int MaximumBlock, int SampleRate, int Channels, int Bits, long Length, byte[] Md5)
{
    /// <summary>Bytes of the block.</summary>
    public const int Bytes = 34;

    /// <summary>Whether the MD5 of the samples is known.</summary>
    public bool HasMd5 => Md5.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Reads the block.</summary>
    /// <param name="block">At least <see cref="Bytes"/> bytes.</param>
    /// <param name="name">The recording's name in messages.</param>
    /// <exception cref="InvalidDataException">A value is outside its range.</exception>
    public static FlacStreamInfo Parse(ReadOnlySpan<byte> block, string name)
    {
        int minimum = BinaryPrimitives.ReadUInt16BigEndian(block);
        int maximum = BinaryPrimitives.ReadUInt16BigEndian(block[2..]);
        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(block[10..]);
        int rate = (int)(packed >> 44);
        int channels = (int)((packed >> 41) & 7) + 1;
        int bits = (int)((packed >> 36) & 31) + 1;
        long length = (long)(packed & 0xF_FFFF_FFFF);
        if (minimum < 16 || maximum < minimum)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{name}': the FLAC header claims blocks of {minimum} to {maximum} samples; expected 16 to 65535."));
        }

        if (rate == 0 || rate > AudioInfo.MaximumSampleRate)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{name}' claims a sample rate of {rate} Hz; expected 1 to {AudioInfo.MaximumSampleRate}."));
        }

        if (bits < 4)
        {
            throw new InvalidDataException(
                $"'{name}': the FLAC header claims {bits} bits a sample; expected 4 to 32.");
        }

        return new FlacStreamInfo(
            minimum, maximum, rate, channels, bits, length == 0 ? -1 : length, block.Slice(18, 16).ToArray());
    }
}
