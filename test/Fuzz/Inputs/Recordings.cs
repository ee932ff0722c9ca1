using Microsoft.ML.AudioFeaturization.Audio;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Recordings of all formats: which one it is, the decoder finds out.</summary>
internal static class Recordings
{
    // Tables of an inverse transform of the longest block, and the codebooks that a Vorbis header of a few bytes may ask for.
    private const int Megabytes = 8;

    /// <summary>Decodes a recording.</summary>
    public static void Decode(byte[] bytes) => Guard.Read(bytes.Length, Megabytes, () =>
    {
        using AudioDecoder decoder = AudioDecoder.Open(bytes, Guard.Name);
        int channels = decoder.Info.Channels;
        var buffer = new float[Math.Max(1, 4096 / channels) * channels];

        // A few bytes of silence may stand for hours; reading goes on as a caller would who bounds what he takes.
        for (int i = 0; i < 256 && decoder.Read(buffer) > 0; i++)
        {
        }
    });
}
