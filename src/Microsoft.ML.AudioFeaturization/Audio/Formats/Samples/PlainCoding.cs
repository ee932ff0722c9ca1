using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>Samples one after another: PCM, float, A-law or mu-law, in either byte order.</summary>
/// <param name="encoding">The encoding of a sample.</param>
/// <param name="channels">At least 1.</param>
/// <param name="isBigEndian">Whether the first byte of a sample is its highest.</param>
internal sealed class PlainCoding(SampleEncoding encoding, int channels, bool isBigEndian) : BlockCoding
{
    private readonly int _sampleBytes = BytesOf(encoding);

    /// <inheritdoc/>
    public override string Name => encoding switch
    {
        SampleEncoding.Float32 or SampleEncoding.Float64 => $"float {_sampleBytes * 8} bit",
        SampleEncoding.ALaw => "A-law",
        SampleEncoding.MuLaw => "mu-law",
        _ => $"PCM {_sampleBytes * 8} bit",
    };

    /// <inheritdoc/>
    public override int BlockBytes => channels * _sampleBytes;

    /// <inheritdoc/>
    public override int BlockFrames => 1;

    /// <summary>The encoding of PCM with signed samples, as all formats but WAV have; null for other sizes.</summary>
    /// <param name="sampleBytes">Bytes of a sample, 1 to 4.</param>
    public static SampleEncoding? SignedPcm(int sampleBytes) => sampleBytes switch
    {
        1 => SampleEncoding.SignedPcm8,
        2 => SampleEncoding.Pcm16,
        3 => SampleEncoding.Pcm24,
        4 => SampleEncoding.Pcm32,
        _ => null,
    };

    /// <inheritdoc/>
    public override string? Decode(Span<byte> bytes, Span<float> samples)
    {
        if (isBigEndian)
        {
            Swap(bytes);
        }

        SampleConverter.ToSingle(encoding, bytes, samples);
        return null;
    }

    private static int BytesOf(SampleEncoding encoding) => encoding switch
    {
        SampleEncoding.Pcm16 => 2,
        SampleEncoding.Pcm24 => 3,
        SampleEncoding.Pcm32 or SampleEncoding.Float32 => 4,
        SampleEncoding.Float64 => 8,
        _ => 1,
    };

    private void Swap(Span<byte> bytes)
    {
        switch (_sampleBytes)
        {
            case 2:
                Span<short> shorts = MemoryMarshal.Cast<byte, short>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 3:
                for (int i = 0; i + 2 < bytes.Length; i += 3)
                {
                    (bytes[i], bytes[i + 2]) = (bytes[i + 2], bytes[i]);
                }

                break;
            case 4:
                Span<int> integers = MemoryMarshal.Cast<byte, int>(bytes);
                BinaryPrimitives.ReverseEndianness(integers, integers);
                break;
            case 8:
                Span<long> longs = MemoryMarshal.Cast<byte, long>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
