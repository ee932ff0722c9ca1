using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>WAV files made in memory, right ones and wrong ones.</summary>
internal sealed class WavBuilder
{
    public int FormatTag { get; init; } = 1;

    public int Bits { get; init; } = 16;

    public int Channels { get; init; } = 1;

    public uint SampleRate { get; init; } = 16000;

    public bool Extensible { get; init; }

    /// <summary>The claimed length of the data chunk; the true one if null.</summary>
    public uint? ClaimedData { get; init; }

    /// <summary>The claimed length of the file; the true one if null.</summary>
    public uint? ClaimedRiff { get; init; }

    /// <summary>Chunks before 'fmt ', between it and 'data', and after 'data'.</summary>
    public (string Id, byte[] Body)[] Before { get; init; } = [];

    public (string Id, byte[] Body)[] Between { get; init; } = [];

    public (string Id, byte[] Body)[] After { get; init; } = [];

    /// <summary>The RIFF, RF64 or BW64 mark.</summary>
    public string Mark { get; init; } = "RIFF";

    /// <summary>A file of 16-bit samples.</summary>
    public static byte[] Pcm16(uint sampleRate, params short[] samples) =>
        new WavBuilder { SampleRate = sampleRate }
            .Build(Encode(1, 16, Array.ConvertAll(samples, sample => sample / 32768.0)));

    /// <summary>Codes samples in [-1, 1) as the format does; interleaved if there are several channels.</summary>
    public static byte[] Encode(int formatTag, int bits, params double[] samples)
    {
        var bytes = new byte[samples.Length * bits / 8];
        for (int i = 0; i < samples.Length; i++)
        {
            Span<byte> target = bytes.AsSpan(i * bits / 8);
            double full = Math.Pow(2, bits - 1);
            long integer = (long)Math.Clamp(Math.Round(samples[i] * full), -full, full - 1);
            switch (formatTag, bits)
            {
                case (1, 8):
                    target[0] = (byte)(integer + 128);
                    break;
                case (1, 16):
                    BinaryPrimitives.WriteInt16LittleEndian(target, (short)integer);
                    break;
                case (1, 24):
                    target[0] = (byte)integer;
                    BinaryPrimitives.WriteInt16LittleEndian(target[1..], (short)(integer >> 8));
                    break;
                case (1, 32):
                    BinaryPrimitives.WriteInt32LittleEndian(target, (int)integer);
                    break;
                case (3, 32):
                    BinaryPrimitives.WriteSingleLittleEndian(target, (float)samples[i]);
                    break;
                case (3, 64):
                    BinaryPrimitives.WriteDoubleLittleEndian(target, samples[i]);
                    break;
                default:
                    throw new ArgumentException($"No encoder for format {formatTag} of {bits} bits.");
            }
        }

        return bytes;
    }

    /// <summary>The file around the bytes of its samples.</summary>
    public byte[] Build(byte[] data)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file, Encoding.ASCII);
        writer.Write(Mark.ToCharArray());
        writer.Write(0);
        writer.Write("WAVE".ToCharArray());
        WriteChunks(writer, Before);
        WriteChunk(writer, "fmt ", Format(), null);
        WriteChunks(writer, Between);
        WriteChunk(writer, "data", data, ClaimedData);
        WriteChunks(writer, After);
        writer.Flush();
        byte[] bytes = file.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), ClaimedRiff ?? (uint)(bytes.Length - 8));
        return bytes;
    }

    private byte[] Format()
    {
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body);
        int frameBytes = Channels * ((Bits + 7) / 8);
        writer.Write((ushort)(Extensible ? 0xFFFE : FormatTag));
        writer.Write((ushort)Channels);
        writer.Write(SampleRate);
        writer.Write((uint)(SampleRate * frameBytes));
        writer.Write((ushort)frameBytes);
        writer.Write((ushort)Bits);
        if (Extensible)
        {
            writer.Write((ushort)22);
            writer.Write((ushort)Bits);
            writer.Write(0u);
            writer.Write((ushort)FormatTag);
            writer.Write([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        }

        return body.ToArray();
    }

    private static void WriteChunks(BinaryWriter writer, (string Id, byte[] Body)[] chunks)
    {
        foreach ((string id, byte[] body) in chunks)
        {
            WriteChunk(writer, id, body, null);
        }
    }

    private static void WriteChunk(BinaryWriter writer, string id, byte[] body, uint? claimed)
    {
        writer.Write(id.ToCharArray());
        writer.Write(claimed ?? (uint)body.Length);
        writer.Write(body);
        if (body.Length % 2 == 1)
        {
            writer.Write((byte)0);
        }
    }
}
