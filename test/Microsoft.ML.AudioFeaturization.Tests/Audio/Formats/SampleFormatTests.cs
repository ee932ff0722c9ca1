using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>WAV, AIFF, AU and CAF, in every coding that is read, as sox and ffmpeg write them.</summary>
[TestClass]
public sealed class SampleFormatTests
{
    private static readonly string[] s_patterns = ["*.wav", "*.w64", "*.aiff", "*.au", "*.caf"];

    public static IEnumerable<object[]> Recordings => FixtureFiles.Names(s_patterns).Select(name => new object[] { name });

    [TestMethod]
    public void All_recordings_are_found() => Assert.HasCount(50, FixtureFiles.Names(s_patterns));

    [TestMethod]
    [DynamicData(nameof(Recordings))]
    public void Samples_equal_those_of_libsndfile(string name)
    {
        float[] expected = FixtureFiles.Expected(name);
        using AudioDecoder decoder = AudioDecoder.Open(FixtureFiles.PathOf(name));
        Assert.AreEqual(8000, decoder.Info.SampleRate);
        Assert.AreEqual(expected.Length / decoder.Info.Channels, decoder.Info.Length);
        CollectionAssert.AreEqual(expected, FixtureFiles.Decode(decoder));
    }

    [TestMethod]
    [DynamicData(nameof(Recordings))]
    public void A_part_equals_the_slice_of_the_whole(string name)
    {
        float[] expected = FixtureFiles.Expected(name);
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf(name));
        foreach ((int first, int frames) in new[] { (0, 7), (1, 300), (64, 64), (77, 200), (248, 4), (333, 1000), (5000, 1) })
        {
            foreach (bool canSeek in new[] { true, false })
            {
                using Stream stream = canSeek ? new MemoryStream(file) : new ForwardOnlyStream(file);
                AudioDecoder decoder = AudioDecoder.Open(stream, name, leaveOpen: true);
                int channels = decoder.Info.Channels;
                Assert.AreEqual(canSeek ? expected.Length / channels : -1, decoder.Info.Length);
                float[] part = FixtureFiles.Decode(decoder, first, frames, block: 50);
                int start = Math.Min(first * channels, expected.Length);
                int length = Math.Min(frames * channels, expected.Length - start);
                CollectionAssert.AreEqual(expected[start..(start + length)], part, $"frame {first}, seeks: {canSeek}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Recordings))]
    public void A_cut_recording_is_an_error_that_names_file_and_second(string name)
    {
        if (name.StartsWith("pipe-", StringComparison.Ordinal) || name == "au-pipe.au")
        {
            // Nothing in these says how long they are.
            return;
        }

        float[] expected = FixtureFiles.Expected(name);
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf(name));
        byte[] cut = file[..(file.Length * 3 / 4)];
        foreach (bool canSeek in new[] { true, false })
        {
            using Stream stream = canSeek ? new MemoryStream(cut) : new ForwardOnlyStream(cut);
            using AudioDecoder decoder = AudioDecoder.Open(stream, name, leaveOpen: true);
            var samples = new float[expected.Length + 1000];
            int frames = decoder.Read(samples);
            int length = frames * decoder.Info.Channels;
            Assert.IsLessThan(expected.Length, length);
            CollectionAssert.AreEqual(expected[..length], samples[..length]);
            var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(samples));
            Assert.AreEqual(frames / 8000.0, damage.Seconds);
            StringAssert.Contains(damage.Message, $"'{name}'", StringComparison.Ordinal);
            StringAssert.Contains(damage.Message, "as its header says", StringComparison.Ordinal);
            Assert.AreEqual(0, decoder.Read(samples));
        }
    }

    // Counts that ffmpeg, sox and libsndfile agree in, and SHA-256 of the float32 samples of libsndfile 1.2.0.
    [TestMethod]
    [DataRow("case-ima.wav", 89804, "9173bf87d6dd738766f4640d3d266156b78b2e0537d2f6068c3b6472818e176f")]
    [DataRow("case-msadpcm.wav", 89584, "ad3e377920939a0b863b2fbf070cc097a4f76fd491fe21e1f5918faab1980880")]
    public void Adpcm_of_a_field_recorder_equals_libsndfile(string name, int length, string hash)
    {
        float[] samples = FixtureFiles.Decode(AudioDecoder.Open(FixtureFiles.PathOf(name)));
        Assert.HasCount(length, samples);
        Assert.AreEqual(hash, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(samples))));
        Assert.AreEqual(length, AudioInfo.Read(FixtureFiles.PathOf(name)).Length);
    }

    [TestMethod]
    [DataRow("case-gsm.wav", "GSM 6.10")]
    public void Other_codings_are_refused_by_name(string name, string coding)
    {
        var exception = Assert.ThrowsExactly<NotSupportedException>(() => AudioInfo.Read(FixtureFiles.PathOf(name)));
        StringAssert.Contains(exception.Message, name, StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, coding, StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "Convert", StringComparison.Ordinal);
    }

    /// <summary>A block with a header and not a group of samples, of one frame.</summary>
    [TestMethod]
    public void Blocks_of_adpcm_without_samples_are_refused()
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf("case-ima.wav"));
        file[32] = 5;
        file[33] = 0;
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioDecoder.Open(file, "small.wav"));
        StringAssert.Contains(exception.Message, "'small.wav'", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "blocks of 5 bytes", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "at least 8 bytes", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_broken_block_of_adpcm_is_told_and_then_silent()
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf("case-ima.wav"));

        // The second block of 1024 bytes begins behind 94 bytes of headers; its third byte is the step index.
        file[94 + 1024 + 2] = 200;
        using AudioDecoder decoder = AudioDecoder.Open(file, "broken.wav");
        var samples = new float[100_000];
        Assert.AreEqual(2041, decoder.Read(samples));
        var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(samples));
        StringAssert.Contains(damage.Message, "step index 200", StringComparison.Ordinal);
        Assert.AreEqual(2041 / 44100.0, damage.Seconds);
        Assert.AreEqual(43 * 2041, decoder.Read(samples));
        Assert.AreEqual(-1, samples.AsSpan(0, 2041).IndexOfAnyExcept(0));
        Assert.AreNotEqual(-1, samples.AsSpan(2041, 2041).IndexOfAnyExcept(0));
        Assert.AreEqual(0, decoder.Read(samples));
    }
}
