using Microsoft.ML.AudioFeaturization.Audio.Formats.Aiff;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Au;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Caf;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>The formats that are read. A new one is a folder in Formats and a line here.</summary>
internal static class AudioFormats
{
    // In the order in which they are asked: a format that only searches for its first frame comes after those with a signature.
    private static readonly AudioFormat[] s_all =
    [
        new WavFormat(),
        new FlacFormat(),
        new AiffFormat(),
        new AuFormat(),
        new CafFormat(),
        new OggFormat(),
        new MpegFormat(),
    ];

    /// <summary>The formats' names, for messages.</summary>
    public static string Names => string.Join(", ", s_all.Select(format => format.Name));

    /// <summary>Opens a recording by its content.</summary>
    /// <returns>Null where it is of none of the formats; the source is open and at its start then.</returns>
    /// <exception cref="InvalidDataException">It is empty, or cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read here; the message says which.</exception>
    public static AudioDecoder? TryOpen(AudioSource source)
    {
        if (source.Peek(stackalloc byte[1]) == 0)
        {
            throw new InvalidDataException($"'{source.Name}' is empty: expected audio, found 0 bytes.");
        }

        return s_all.FirstOrDefault(format => format.Matches(source))?.Open(source);
    }
}
