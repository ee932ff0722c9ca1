using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// Little-endian samples of any encoding to float32, full scale at +-1, as libsndfile and torchaudio scale them.
/// </summary>
internal static class SampleConverter
{
    private static readonly float[] s_aLaw = CreateTable(DecodeALaw);
    private static readonly float[] s_muLaw = CreateTable(DecodeMuLaw);

    /// <summary>Converts as many samples as <paramref name="samples"/> has room for.</summary>
    public static void ToSingle(SampleEncoding encoding, ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        switch (encoding)
        {
            case SampleEncoding.Pcm8:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = (bytes[i] - 128) * (1f / 128);
                }

                break;
            case SampleEncoding.SignedPcm8:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = (sbyte)bytes[i] * (1f / 128);
                }

                break;
            case SampleEncoding.Pcm16:
                Convert16(bytes, samples);
                break;
            case SampleEncoding.Pcm24:
                for (int i = 0; i < samples.Length; i++)
                {
                    ReadOnlySpan<byte> sample = bytes.Slice(3 * i, 3);
                    samples[i] = (sample[0] | (sample[1] << 8) | ((sbyte)sample[2] << 16)) * (1f / (1 << 23));
                }

                break;
            case SampleEncoding.Pcm32:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) * (1f / (1L << 31));
                }

                break;
            case SampleEncoding.Float32:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                }

                break;
            case SampleEncoding.Float64:
                for (int i = 0; i < samples.Length; i++)
                {
                    samples[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                }

                break;
            case SampleEncoding.ALaw:
                LookUp(s_aLaw, bytes, samples);
                break;
            case SampleEncoding.MuLaw:
                LookUp(s_muLaw, bytes, samples);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Unknown encoding.");
        }
    }

    private static void Convert16(ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        const float Scale = 1f / (1 << 15);
        if (BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<short> shorts = MemoryMarshal.Cast<byte, short>(bytes)[..samples.Length];
            int place = 0;
            for (; place <= samples.Length - Vector<short>.Count; place += Vector<short>.Count)
            {
                Vector.Widen(new Vector<short>(shorts[place..]), out Vector<int> low, out Vector<int> high);
                (Vector.ConvertToSingle(low) * Scale).CopyTo(samples[place..]);
                (Vector.ConvertToSingle(high) * Scale).CopyTo(samples[(place + Vector<float>.Count)..]);
            }

            for (; place < samples.Length; place++)
            {
                samples[place] = shorts[place] * Scale;
            }

            return;
        }

        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) * Scale;
        }
    }

    private static void LookUp(float[] table, ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = table[bytes[i]];
        }
    }

    private static float[] CreateTable(Func<int, int> decode)
    {
        var table = new float[256];
        for (int code = 0; code < table.Length; code++)
        {
            table[code] = decode(code) * (1f / (1 << 15));
        }

        return table;
    }

    // ITU-T G.711: every other bit of an A-law code is inverted; the exponent's first step is linear.
    private static int DecodeALaw(int code)
    {
        code ^= 0x55;
        int exponent = (code >> 4) & 7;
        int mantissa = code & 15;
        int magnitude = exponent == 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
        return (code & 0x80) != 0 ? magnitude : -magnitude;
    }

    // ITU-T G.711: all bits of a mu-law code are inverted; 0x84 is the bias that the coder adds.
    private static int DecodeMuLaw(int code)
    {
        code = ~code;
        int exponent = (code >> 4) & 7;
        int magnitude = ((((code & 15) << 3) + 0x84) << exponent) - 0x84;
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }
}
