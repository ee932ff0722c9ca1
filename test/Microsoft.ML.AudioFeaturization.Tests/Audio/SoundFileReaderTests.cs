using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

[TestClass]
public sealed class SoundFileReaderTests
{
    private const int SampleRate = 48000;

    [TestMethod]
    [DataRow(SoundFileWriter.Flac16, "FLAC, PCM 16 bit", true)]
    [DataRow(SoundFileWriter.Aiff16, "AIFF, PCM 16 bit", true)]
    [DataRow(SoundFileWriter.OggVorbis, "OGG, Vorbis", false)]
    [DataRow(SoundFileWriter.OggOpus, "OGG, Opus", false)]
    [DataRow(SoundFileWriter.Mp3, "MPEG-1, layer III", false)]
    public void Formats_are_read_from_path_stream_and_memory(int format, string description, bool lossless)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("ä 音.bin");
        float[] tones = Tones(SampleRate * 2);
        float[] stereo = [.. tones.SelectMany(sample => new[] { sample, sample / 2 })];
        Write(path, format, 2, stereo);

        AudioInfo info = AudioInfo.Read(path);
        Assert.AreEqual(description, info.Format);
        Assert.AreEqual(SampleRate, info.SampleRate);
        Assert.AreEqual(2, info.Channels);
        using AudioReader left = AudioReader.Open(path, channel: 0);
        float[] samples = left.ReadToEnd();
        if (lossless)
        {
            Assert.AreEqual(tones.Length, info.Length);
            CollectionAssert.AreEqual(AsWritten(tones), samples);
        }
        else
        {
            Assert.IsGreaterThan(0.95, Correlation(tones, samples));
        }

        using var stream = new MemoryStream([.. new byte[7], .. File.ReadAllBytes(path)]) { Position = 7 };
        using AudioReader fromStream = AudioReader.Open(stream, channel: 0);
        CollectionAssert.AreEqual(samples, fromStream.ReadToEnd());
        Assert.AreEqual(info, AudioInfo.Read(File.ReadAllBytes(path)));
    }

    [TestMethod]
    public void Offset_and_duration_cut_out_a_part()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.flac");
        float[] tones = Tones(SampleRate * 2);
        Write(path, SoundFileWriter.Flac16, 1, tones);
        using AudioReader middle = AudioReader.Open(path, offset: 0.5, duration: 0.25);
        CollectionAssert.AreEqual(AsWritten(tones)[24000..36000], middle.ReadToEnd());
        using AudioReader behind = AudioReader.Open(path, offset: 3);
        Assert.ThrowsExactly<InvalidDataException>(() => behind.ReadToEnd());
    }

    [TestMethod]
    public void What_is_no_audio_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.txt");
        File.WriteAllText(path, "This is no audio, however long one listens to it.");
        Exception exception = Assert.Throws<Exception>(() => AudioInfo.Read(path));
        StringAssert.Contains(exception.Message, path, StringComparison.Ordinal);
        Assert.IsTrue(exception is InvalidDataException or NotSupportedException, exception.GetType().Name);
    }

    private static void Write(string path, int format, int channels, float[] samples) => RequiredTool.Check(
        SoundFileWriter.TryWrite(path, format, SampleRate, channels, samples), $"libsndfile with {Path.GetExtension(path)}");

    private static float[] Tones(int length) => [.. Enumerable.Range(0, length).Select(i =>
        (float)(0.25 * (Math.Sin(i * 0.05) + Math.Sin(i * 0.013) + Math.Sin(i * 0.17))))];

    // libsndfile writes 1 as 32767.
    private static float[] AsWritten(float[] samples) =>
        Array.ConvertAll(samples, sample => MathF.Round(sample * 32767) / 32768);

    // Lossy coders delay the signal by up to some thousand samples.
    private static double Correlation(float[] expected, float[] actual)
    {
        double best = 0;
        for (int delay = 0; delay < 3000; delay++)
        {
            double product = 0, first = 0, second = 0;
            for (int i = 20000; i < 24000; i++)
            {
                product += expected[i] * actual[i + delay];
                first += expected[i] * expected[i];
                second += actual[i + delay] * actual[i + delay];
            }

            best = Math.Max(best, product / Math.Sqrt(first * second));
        }

        return best;
    }
}
