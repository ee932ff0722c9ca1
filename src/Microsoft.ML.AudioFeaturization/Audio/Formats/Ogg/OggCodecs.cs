using System.Text;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>The codecs that are read from Ogg files. A new one is a line in each of the methods.</summary>
internal static class OggCodecs
{
    /// <summary>Makes the codec of a stream.</summary>
    /// <param name="packet">The stream's first packet.</param>
    /// <param name="name">The recording's name in messages.</param>
    /// <returns>The codec, or null for what is no audio, or unknown.</returns>
    public static OggCodec? Create(ReadOnlySpan<byte> packet, string name) =>
        packet.StartsWith("\u0001vorbis"u8) ? new VorbisCodec(name)
        : packet.StartsWith("OpusHead"u8) ? new OpusCodec(name)
        : packet.StartsWith("\u007fFLAC"u8) ? new OggFlacCodec(name)
        : null;

    /// <summary>Names the content of a stream that is not read.</summary>
    /// <param name="packet">The stream's first packet.</param>
    public static string Describe(ReadOnlySpan<byte> packet) =>
        packet is [0x80, ..] && packet[1..].StartsWith("theora"u8) ? "Theora video"
        : packet.StartsWith("Speex   "u8) ? "Speex"
        : packet.StartsWith("fishead\0"u8) ? "a skeleton"
        : packet.StartsWith("BBCD\0"u8) ? "Dirac video"
        : packet is [0x80, ..] && packet[1..].StartsWith("kate\0"u8) ? "Kate text"
        : packet.StartsWith("CELT    "u8) ? "CELT"
        : $"a stream that begins '{Printable(packet)}'";

    private static string Printable(ReadOnlySpan<byte> packet)
    {
        var text = new StringBuilder();
        foreach (byte value in packet[..Math.Min(8, packet.Length)])
        {
            text.Append(value is >= 32 and < 127 ? (char)value : '.');
        }

        return text.ToString();
    }
}
