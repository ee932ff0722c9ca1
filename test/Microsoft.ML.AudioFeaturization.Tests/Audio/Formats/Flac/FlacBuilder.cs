using System.Buffers.Binary;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Flac;

/// <summary>
/// FLAC files written bit by bit, for what no tool writes. Mono, 16 bits, 8000 Hz; CRCs are computed one bit at a time, by
/// their definition.
/// </summary>
internal sealed class FlacBuilder
{
    private readonly List<byte> _bytes = [];
    private int _bits;

    /// <summary>Appends a number's lowest bits, the highest first.</summary>
    public FlacBuilder Add(long value, int bits)
    {
        for (int bit = bits - 1; bit >= 0; bit--)
        {
            if (_bits % 8 == 0)
            {
                _bytes.Add(0);
            }

            _bytes[^1] |= (byte)(((value >> bit) & 1) << (7 - (_bits % 8)));
            _bits++;
        }

        return this;
    }

    /// <summary>Appends numbers of one width.</summary>
    public FlacBuilder AddAll(IEnumerable<int> values, int bits)
    {
        foreach (int value in values)
        {
            Add(value, bits);
        }

        return this;
    }

    /// <summary>Appends a residual in Rice's code.</summary>
    public FlacBuilder AddRice(int value, int parameter)
    {
        uint folded = value < 0 ? (2 * (uint)-(long)value) - 1 : 2 * (uint)value;
        for (uint zeros = folded >> parameter; zeros > 0; zeros--)
        {
            Add(0, 1);
        }

        return Add(1, 1).Add(folded, parameter);
    }

    /// <summary>The marker and a STREAMINFO block.</summary>
    public static byte[] Headers(int minimumBlock, int maximumBlock, int frames, int bits = 16, byte[]? seekTable = null)
    {
        FlacBuilder info = new FlacBuilder().Add(0x664C6143, 32).Add(seekTable is null ? 1 : 0, 1).Add(0, 7).Add(34, 24)
            .Add(minimumBlock, 16).Add(maximumBlock, 16).Add(0, 48)
            .Add(8000, 20).Add(0, 3).Add(bits - 1, 5).Add(frames, 36).Add(0, 64).Add(0, 64);
        if (seekTable is not null)
        {
            info.Add(1, 1).Add(3, 7).Add(seekTable.Length, 24).AddAll(seekTable.Select(value => (int)value), 8);
        }

        return [.. info._bytes];
    }

    /// <summary>A frame of one subframe.</summary>
    /// <param name="variable">Whether the number counts samples.</param>
    /// <param name="number">The number, below 65536.</param>
    /// <param name="count">Samples.</param>
    /// <param name="subframe">The subframe.</param>
    public static byte[] Frame(bool variable, int number, int count, FlacBuilder subframe)
    {
        FlacBuilder frame = new FlacBuilder().Add(0b11111111111110, 14).Add(0, 1).Add(variable ? 1 : 0, 1)
            .Add(7, 4).Add(0, 4).Add(0, 4).Add(0, 3).Add(0, 1);
        if (number < 0x80)
        {
            frame.Add(number, 8);
        }
        else if (number < 0x800)
        {
            frame.Add(0b110, 3).Add(number >> 6, 5).Add(0b10, 2).Add(number, 6);
        }
        else if (number < 0x10000)
        {
            frame.Add(0b1110, 4).Add(number >> 12, 4).Add(0b10, 2).Add(number >> 6, 6).Add(0b10, 2).Add(number, 6);
        }
        else
        {
            frame.Add(0b11110, 5).Add(number >> 18, 3).Add(0b10, 2).Add(number >> 12, 6)
                .Add(0b10, 2).Add(number >> 6, 6).Add(0b10, 2).Add(number, 6);
        }

        frame.Add(count - 1, 16);
        frame.Add(Crc(frame._bytes, 0x07, 8), 8);
        frame.AddAll(subframe._bytes.Select(value => (int)value), 8);
        frame.Add(Crc(frame._bytes, 0x8005, 16), 16);
        return [.. frame._bytes];
    }

    /// <summary>A file of blocks of noise, uncompressed.</summary>
    public static byte[] Noise(int blocks, bool variable, bool withTable)
    {
        var random = new Random(blocks);
        var frames = new List<byte>();
        var points = new List<byte>();
        int start = 0;
        for (int block = 0; block < blocks; block++)
        {
            int count = Count(block, variable);
            if (block % 100 == 0)
            {
                byte[] point = new byte[18];
                BinaryPrimitives.WriteInt64BigEndian(point, start);
                BinaryPrimitives.WriteInt64BigEndian(point.AsSpan(8), frames.Count);
                points.AddRange(point);
            }

            FlacBuilder subframe = new FlacBuilder().Add(1 << 1, 8);
            for (int i = 0; i < count; i++)
            {
                subframe.Add(random.Next(-32768, 32768), 16);
            }

            frames.AddRange(Frame(variable, variable ? start : block, count, subframe));
            start += count;
        }

        return [.. Headers(variable ? 16 : 64, variable ? 95 : 64, start, 16, withTable ? [.. points] : null), .. frames];
    }

    /// <summary>The samples of such a file.</summary>
    public static float[] NoiseSamples(int blocks, bool variable)
    {
        var random = new Random(blocks);
        int count = Enumerable.Range(0, blocks).Sum(block => Count(block, variable));
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(-32768, 32768) / 32768f)];
    }

    /// <summary>Where a frame of a fixed block length begins.</summary>
    public static int FindFrame(byte[] file, int number)
    {
        for (int i = 0; i + 6 < file.Length; i++)
        {
            if (file[i] == 0xFF && file[i + 1] == 0xF8 && file[i + 4] == number
                && FlacChecksums.Crc8(file.AsSpan(i, 5)) == file[i + 5])
            {
                return i;
            }
        }

        return -1;
    }

    private static int Count(int block, bool variable) => variable ? 16 + (block * 31 % 80) : 64;

    private static int Crc(IEnumerable<byte> bytes, int polynomial, int width)
    {
        int crc = 0;
        foreach (byte value in bytes)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                int top = ((crc >> (width - 1)) & 1) ^ ((value >> bit) & 1);
                crc = ((crc << 1) ^ (top * polynomial)) & ((1 << width) - 1);
            }
        }

        return crc;
    }
}
