using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>A block of whole numbers in other forms.</summary>
internal static class FlacSamples
{
    /// <summary>Bytes that may be written behind a block.</summary>
    public const int Spare = 8;

    /// <summary>Interleaves a part of a block as float32, full scale at +-1.</summary>
    /// <param name="block">The block.</param>
    /// <param name="channels">Its channels.</param>
    /// <param name="start">The first frame to take.</param>
    /// <param name="interleaved">Room for the frames to take.</param>
    public static void ToSingle(FlacBlockDecoder block, int channels, int start, Span<float> interleaved)
    {
        float scale = MathF.ScaleB(1, 1 - block.Header.Bits);
        int count = interleaved.Length / channels;
        if (channels == 1)
        {
            ToSingle(block.Channel(0).Slice(start, count), scale, interleaved);
        }
        else if (channels == 2 && BitConverter.IsLittleEndian)
        {
            ToSingle(block.Channel(0).Slice(start, count), block.Channel(1).Slice(start, count), scale, interleaved);
        }
        else
        {
            for (int channel = 0; channel < channels; channel++)
            {
                ReadOnlySpan<int> samples = block.Channel(channel).Slice(start, count);
                for (int i = 0, j = channel; i < samples.Length; i++, j += channels)
                {
                    interleaved[j] = samples[i] * scale;
                }
            }
        }
    }

    /// <summary>Interleaves a block as the MD5 in a FLAC header sees it: whole bytes, the lowest first.</summary>
    /// <param name="block">The block.</param>
    /// <param name="channels">Its channels.</param>
    /// <param name="sampleBytes">Bytes of a sample, 1 to 4.</param>
    /// <param name="bytes">Room for the block and <see cref="Spare"/> bytes more.</param>
    public static void ToBytes(FlacBlockDecoder block, int channels, int sampleBytes, Span<byte> bytes)
    {
        if (channels == 2 && sampleBytes == sizeof(short) && BitConverter.IsLittleEndian)
        {
            ToPairs(block.Channel(0), block.Channel(1), MemoryMarshal.Cast<byte, int>(bytes));
            return;
        }

        if (channels == 2 && sampleBytes == 3)
        {
            ReadOnlySpan<int> left = block.Channel(0);
            ReadOnlySpan<int> right = block.Channel(1);
            for (int i = 0, place = 0; i < left.Length && i < right.Length; i++, place += 6)
            {
                long pair = (left[i] & 0xFFFFFFL) | ((right[i] & 0xFFFFFFL) << 24);
                BinaryPrimitives.WriteInt64LittleEndian(bytes[place..], pair);
            }

            return;
        }

        int step = channels * sampleBytes;
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<int> samples = block.Channel(channel);
            int position = channel * sampleBytes;
            switch (sampleBytes)
            {
                case 1:
                    for (int i = 0; i < samples.Length; i++, position += step)
                    {
                        bytes[position] = (byte)samples[i];
                    }

                    break;
                case 2:
                    for (int i = 0; i < samples.Length; i++, position += step)
                    {
                        BinaryPrimitives.WriteInt16LittleEndian(bytes[position..], (short)samples[i]);
                    }

                    break;
                case 3:
                    for (int i = 0; i < samples.Length; i++, position += step)
                    {
                        BinaryPrimitives.WriteInt16LittleEndian(bytes[position..], (short)samples[i]);
                        bytes[position + 2] = (byte)(samples[i] >> 16);
                    }

                    break;
                default:
                    for (int i = 0; i < samples.Length; i++, position += step)
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes[position..], samples[i]);
                    }

                    break;
            }
        }
    }

    private static void ToSingle(ReadOnlySpan<int> samples, float scale, Span<float> values)
    {
        ReadOnlySpan<Vector<int>> vectors = MemoryMarshal.Cast<int, Vector<int>>(samples);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (int i = 0; i < vectors.Length; i++)
        {
            results[i] = Vector.ConvertToSingle(vectors[i]) * scale;
        }

        for (int i = vectors.Length * Vector<int>.Count; i < samples.Length; i++)
        {
            values[i] = samples[i] * scale;
        }
    }

    // A pair of floats is a 64-bit number whose low half is the left one.
    private static void ToSingle(ReadOnlySpan<int> left, ReadOnlySpan<int> right, float scale, Span<float> values)
    {
        ReadOnlySpan<Vector<int>> lefts = MemoryMarshal.Cast<int, Vector<int>>(left);
        ReadOnlySpan<Vector<int>> rights = MemoryMarshal.Cast<int, Vector<int>>(right);
        Span<Vector<ulong>> pairs = MemoryMarshal.Cast<float, Vector<ulong>>(values);
        for (int i = 0; i < lefts.Length && i < rights.Length; i++)
        {
            var l = Vector.AsVectorUInt32(Vector.ConvertToSingle(lefts[i]) * scale);
            var r = Vector.AsVectorUInt32(Vector.ConvertToSingle(rights[i]) * scale);
            Vector.Widen(l, out Vector<ulong> l0, out Vector<ulong> l1);
            Vector.Widen(r, out Vector<ulong> r0, out Vector<ulong> r1);
            pairs[2 * i] = l0 | (r0 << 32);
            pairs[(2 * i) + 1] = l1 | (r1 << 32);
        }

        for (int i = lefts.Length * Vector<int>.Count; i < left.Length; i++)
        {
            values[2 * i] = left[i] * scale;
            values[(2 * i) + 1] = right[i] * scale;
        }
    }

    private static void ToPairs(ReadOnlySpan<int> left, ReadOnlySpan<int> right, Span<int> pairs)
    {
        ReadOnlySpan<Vector<int>> lefts = MemoryMarshal.Cast<int, Vector<int>>(left);
        ReadOnlySpan<Vector<int>> rights = MemoryMarshal.Cast<int, Vector<int>>(right);
        Span<Vector<int>> results = MemoryMarshal.Cast<int, Vector<int>>(pairs);
        for (int i = 0; i < lefts.Length && i < rights.Length; i++)
        {
            results[i] = (lefts[i] & new Vector<int>(0xFFFF)) | (rights[i] << 16);
        }

        for (int i = lefts.Length * Vector<int>.Count; i < left.Length; i++)
        {
            pairs[i] = (left[i] & 0xFFFF) | (right[i] << 16);
        }
    }
}
