using System.Runtime.InteropServices;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>
/// Recordings of a few kilobytes by other tools, and beside each NAME its samples by another decoder, NAME.f32 or NAME.s16; the
/// scripts in make-fixtures make them anew.
/// </summary>
internal static class FixtureFiles
{
    private static readonly string s_folder = Path.Combine(
        Checkout.Root, "test", "Microsoft.ML.AudioFeaturization.Tests", "Audio", "Formats", "Fixtures");

    /// <summary>The path of a recording.</summary>
    public static string PathOf(string name) => Path.Combine(s_folder, name);

    /// <summary>The recordings that fit one of some patterns and have samples beside them.</summary>
    public static string[] Names(params string[] patterns) =>
        [.. patterns.SelectMany(pattern => Directory.GetFiles(s_folder, pattern)).Select(Path.GetFileName)
            .Where(name => File.Exists(PathOf(name + ".f32")) || File.Exists(PathOf(name + ".s16"))).Order(StringComparer.Ordinal)!];

    /// <summary>The interleaved samples that another decoder gives for a recording.</summary>
    public static float[] Expected(string name) => File.Exists(PathOf(name + ".f32"))
        ? MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(PathOf(name + ".f32"))).ToArray()
        : Array.ConvertAll(
            MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(PathOf(name + ".s16"))).ToArray(), value => value / 32768f);

    /// <summary>All frames from one on, interleaved.</summary>
    /// <param name="decoder">Closed at the end.</param>
    /// <param name="first">The first frame.</param>
    /// <param name="frames">Frames to read at most.</param>
    /// <param name="block">Frames to ask for at once.</param>
    public static float[] Decode(AudioDecoder decoder, long first = 0, int frames = int.MaxValue, int block = 1000)
    {
        using (decoder)
        {
            var samples = new List<float>();
            int channels = decoder.Info.Channels;
            decoder.SkipTo(first);
            var buffer = new float[block * channels];
            while (frames > 0)
            {
                int read = decoder.Read(buffer.AsSpan(0, Math.Min(block, frames) * channels));
                if (read == 0)
                {
                    break;
                }

                samples.AddRange(buffer.AsSpan(0, read * channels));
                frames -= read;
            }

            return [.. samples];
        }
    }
}
