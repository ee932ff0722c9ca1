using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>What is the same in all formats: they are known by their content, and read from a path, a stream and memory.</summary>
[TestClass]
public sealed class AudioFormatsTests
{
    [TestMethod]
    [DataRow("pcm16.wav", "WAV, PCM 16 bit")]
    [DataRow("w64-24.w64", "W64, PCM 24 bit")]
    [DataRow("ima2.wav", "WAV, IMA ADPCM")]
    [DataRow("aifc-s16le.aiff", "AIFF, PCM 16 bit")]
    [DataRow("au-mulaw.au", "AU, mu-law")]
    [DataRow("caf-f64le.caf", "CAF, float 64 bit")]
    [DataRow("mp3-mpeg25.mp3", "MPEG-2.5, layer III")]
    [DataRow("mp2.mp2", "MPEG-1, layer II")]
    public void A_format_is_known_by_content_from_path_stream_and_memory(string name, string description)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("\u00E4 \u97F3.bin");
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf(name));
        File.WriteAllBytes(path, file);

        AudioInfo info = AudioInfo.Read(path);
        Assert.AreEqual(description, info.Format);
        using AudioReader left = AudioReader.Open(path, channel: 0);
        float[] samples = left.ReadToEnd();
        Assert.AreEqual(info.Length, samples.Length);
        using var stream = new MemoryStream([.. new byte[7], .. file]) { Position = 7 };
        using AudioReader fromStream = AudioReader.Open(stream, channel: 0);
        CollectionAssert.AreEqual(samples, fromStream.ReadToEnd());
        Assert.AreEqual(info, AudioInfo.Read(file));
    }

    /// <summary>
    /// Compressed files of other kinds are like random bytes, among which there are headers of frames by chance: one at the end of
    /// what is searched, or some at the distance of a free format.
    /// </summary>
    [TestMethod]
    [DataRow(20_000)]
    [DataRow(400_000)]
    public void Random_bytes_are_no_audio(int length)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var bytes = new byte[length];
            new Random(seed).NextBytes(bytes);
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioDecoder.Open(bytes, "random"), $"seed {seed}");
            StringAssert.Contains(exception.Message, "'random' is no audio", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void What_is_no_audio_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.txt");
        File.WriteAllText(path, "This is no audio, however long one listens to it.");
        Exception exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioInfo.Read(path));
        StringAssert.Contains(exception.Message, path, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Nothing_behind_the_end_is_an_error_that_says_so()
    {
        using AudioReader behind = AudioReader.Open(FixtureFiles.PathOf("mp3-cbr.mp3"), offset: 3);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => behind.ReadToEnd());
        StringAssert.Contains(exception.Message, "from 3 s on", StringComparison.Ordinal);
    }
}
