using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>What a decoder gives for a recording: samples, and what it found to be damaged.</summary>
/// <param name="Info">The headers.</param>
/// <param name="Samples">Interleaved; silence where samples are lost.</param>
/// <param name="Damages">The messages, each with the frame before which it came.</param>
internal sealed record Recording(AudioInfo Info, float[] Samples, List<(long Frame, DamagedAudioException Damage)> Damages)
{
    private static readonly string s_folder = Path.Combine(
        Checkout.Root, "test", "Microsoft.ML.AudioFeaturization.Tests", "Audio", "Formats", "Fixtures");

    /// <summary>The frames.</summary>
    public int Frames => Samples.Length / Info.Channels;

    /// <summary>The MD5 of the samples' bytes.</summary>
    public string Digest => Convert.ToHexStringLower(MD5.HashData(MemoryMarshal.AsBytes(Samples.AsSpan())));

    /// <summary>The path of a fixture.</summary>
    public static string PathOf(string name) => Path.Combine(s_folder, name);

    /// <summary>The bytes of a fixture.</summary>
    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>The samples that another decoder gives for a fixture.</summary>
    public static float[] Expected(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    /// <summary>Decodes audio that must be whole.</summary>
    public static Recording Whole(Stream stream, long first = 0, int block = 700)
    {
        Recording recording = Read(stream, first, block: block);
        Assert.IsEmpty(recording.Damages, string.Join('\n', recording.Damages));
        return recording;
    }

    /// <summary>Decodes audio, with what of it is damaged.</summary>
    /// <param name="stream">The audio.</param>
    /// <param name="first">The first frame to read.</param>
    /// <param name="frames">Frames to read at most.</param>
    /// <param name="block">Frames to ask for at once.</param>
    public static Recording Read(Stream stream, long first = 0, long frames = long.MaxValue, int block = 700)
    {
        using AudioDecoder decoder = AudioDecoder.Open(stream, "the.file", leaveOpen: false);
        int channels = decoder.Info.Channels;
        if (first > 0)
        {
            decoder.SkipTo(first);
        }

        var samples = new List<float>();
        var damages = new List<(long, DamagedAudioException)>();
        var buffer = new float[block * channels];
        while (frames > 0)
        {
            try
            {
                int read = decoder.Read(buffer.AsSpan(0, (int)Math.Min(block, frames) * channels));
                if (read == 0)
                {
                    break;
                }

                samples.AddRange(buffer.AsSpan(0, read * channels));
                frames -= read;
            }
            catch (DamagedAudioException damage)
            {
                Assert.Contains("the.file", damage.Message);
                damages.Add((decoder.Position, damage));
            }
        }

        return new Recording(decoder.Info, [.. samples], damages);
    }

    /// <summary>
    /// Decodes mutations of a recording: samples or errors that name the file, each in a second and in memory of 16 times
    /// the file's size and 64 MB.
    /// </summary>
    /// <param name="whole">The recording.</param>
    /// <param name="usual">How many mutations, where AUDIOML_MUTATIONS does not say it.</param>
    /// <param name="repair">Puts checksums right after the mutation, if not null.</param>
    /// <returns>How many were read to the end without an error, and how many were not.</returns>
    public static (int Read, int Refused) Mutate(byte[] whole, int usual, Action<byte[]>? repair = null)
    {
        int count = Mutation.Count(usual);
        double longest = 0;
        int read = 0;
        int refused = 0;
        for (int seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            byte[] file = Mutation.Of(whole, random);
            repair?.Invoke(file);
            Stream stream = random.Next(3) == 0 ? new OnwardStream(file) : new MemoryStream(file);
            long first = random.Next(3) == 0 ? random.Next(2000) : 0;
            long before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            bool isWhole = false;
            try
            {
                isWhole = Drain(stream, first);
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
            {
                Assert.Contains("the.file", exception.Message);
            }
            catch (Exception exception) when (exception is not AssertFailedException)
            {
                throw new AssertFailedException($"Mutation {seed}: {exception}", exception);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan((16L * file.Length) + (64 << 20), allocated, $"mutation {seed} of {file.Length} bytes");
            longest = Math.Max(longest, watch.Elapsed.TotalSeconds);
            Mutator.CheckTime(longest, SlowestSeconds, $"mutation {seed}");
            read += isWhole ? 1 : 0;
            refused += isWhole ? 0 : 1;
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{count} mutations: {read} read, {refused} refused, {longest:F3} s at most"));
        return (read, refused);
    }

    // A second is the limit on a quiet machine; this one only finds what does not end.
    private const double SlowestSeconds = 20;

    private static bool Drain(Stream stream, long first)
    {
        using AudioDecoder decoder = AudioDecoder.Open(stream, "the.file", leaveOpen: false);
        var buffer = new float[256 * decoder.Info.Channels];
        int damages = 0;
        decoder.SkipTo(first);
        while (true)
        {
            try
            {
                if (decoder.Read(buffer) == 0)
                {
                    return damages == 0;
                }
            }
            catch (DamagedAudioException damage)
            {
                Assert.Contains("the.file", damage.Message);
                damages++;
            }
        }
    }
}
