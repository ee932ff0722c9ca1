using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

[TestClass]
public sealed class AudioFileTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(50_001)]
    public void Float32KeepsSamplesToTheBit(int length)
    {
        float[] samples = Signals.Noise(length, seed: 1);
        if (length > 4)
        {
            (samples[0], samples[1], samples[2], samples[3]) = (-0f, 3.5f, float.Epsilon, float.MaxValue);
        }

        byte[] file = Write(samples, 22_050);

        CollectionAssert.AreEqual(
            Array.ConvertAll(samples, BitConverter.SingleToInt32Bits),
            Array.ConvertAll(Read(file, length), BitConverter.SingleToInt32Bits));
        AudioInfo info = AudioInfo.Read(file);
        Assert.AreEqual("WAV, float 32 bit", info.Format);
        Assert.AreEqual((22_050, 1, (long)length), (info.SampleRate, info.Channels, info.Length));
    }

    [TestMethod]
    public void Pcm16RoundsToTheNearestAndClips()
    {
        const float Step = 1f / 32768;
        float[] samples =
        [
            0, Step, -Step, 0.4f * Step, 0.6f * Step, 0.5f * Step, 1.5f * Step, 1 - Step, 1, 7, -1, -1 - Step, float.MinValue,
        ];

        float[] read = Read(Write(samples, 8000, format: AudioFileFormat.WavPcm16), samples.Length);

        CollectionAssert.AreEqual(
            new float[] { 0, Step, -Step, 0, Step, 0, 2 * Step, 1 - Step, 1 - Step, 1 - Step, -1, -1, -1 }, read);
    }

    [TestMethod]
    public void WhatIsReadFrom16BitsIsWrittenBackToTheBit()
    {
        float[] all = [.. Enumerable.Range(short.MinValue, 1 << 16).Select(value => value / 32768f)];

        CollectionAssert.AreEqual(all, Read(Write(all, 8000, format: AudioFileFormat.WavPcm16), all.Length));
    }

    [TestMethod]
    [DataRow(AudioFileFormat.WavFloat32)]
    [DataRow(AudioFileFormat.WavPcm16)]
    public void ChannelsAreInterleaved(AudioFileFormat format)
    {
        byte[] file = Write([0.25f, -0.5f, 0.5f, 0.75f], 8000, channels: 2, format);

        using var first = AudioReader.Open(new MemoryStream(file), channel: 0);
        using var second = AudioReader.Open(new MemoryStream(file), channel: 1);
        CollectionAssert.AreEqual(new[] { 0.25f, 0.5f }, first.ReadToEnd());
        CollectionAssert.AreEqual(new[] { -0.5f, 0.75f }, second.ReadToEnd());
        Assert.AreEqual(2, AudioInfo.Read(file).Length);
    }

    /// <summary>As Microsoft's "Multimedia Data Standards" lay a file out.</summary>
    [TestMethod]
    [DataRow(AudioFileFormat.WavFloat32, 58)]
    [DataRow(AudioFileFormat.WavPcm16, 44)]
    public void HeadersGiveTheTrueLengths(AudioFileFormat format, int headerBytes)
    {
        byte[] file = Write([0.5f, 0.5f, 0.5f, 0.5f], 8000, channels: 2, format);
        int sampleBytes = format == AudioFileFormat.WavFloat32 ? 4 : 2;

        Assert.HasCount(headerBytes + (4 * sampleBytes), file);
        Assert.AreEqual("RIFF", Encoding.ASCII.GetString(file, 0, 4));
        Assert.AreEqual(file.Length - 8, BitConverter.ToInt32(file, 4));
        Assert.AreEqual(8000 * 2 * sampleBytes, BitConverter.ToInt32(file, 28));
        Assert.AreEqual(2 * sampleBytes, BitConverter.ToInt16(file, 32));
        Assert.AreEqual("data", Encoding.ASCII.GetString(file, headerBytes - 8, 4));
        Assert.AreEqual(4 * sampleBytes, BitConverter.ToInt32(file, headerBytes - 4));
    }

    [TestMethod]
    public void AFileIsReplacedAsAWholeOrNotAtAll()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.wav");
        AudioFile.Write(path, [0.5f, 0.25f], 8000);
        AudioFile.Write(path, [0.75f], 16_000);

        Assert.ThrowsExactly<ArgumentException>(() => AudioFile.Write(path, [float.NaN], 8000));

        using (AudioReader reader = AudioReader.Open(path))
        {
            Assert.AreEqual(16_000, reader.SampleRate);
            CollectionAssert.AreEqual(new[] { 0.75f }, reader.ReadToEnd());
        }

        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => AudioFile.Write(folder.File("no/a.wav"), [0.5f], 8000));
    }

    [TestMethod]
    public void WrongInputIsNamed()
    {
        Refuses<ArgumentException>([0, 1, float.NegativeInfinity], 8000, 1, "Sample 2 is -Infinity; expected a finite number.");
        Refuses<ArgumentException>([0, 1, 0], 8000, 2, "3 samples are not equally many of each of 2 channels.");
        Refuses<ArgumentOutOfRangeException>([0], 0, 1, "Option sampleRate is 0; expected 1 to 1000000.");
        Refuses<ArgumentOutOfRangeException>([0], 1_000_001, 1, "Option sampleRate is 1000001; expected 1 to 1000000.");
        Refuses<ArgumentOutOfRangeException>([0], 8000, 0, "Option channels is 0; expected 1 to 16383.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => AudioFile.Write(Stream.Null, [0], 8000, 1, (AudioFileFormat)99));
    }

    [TestMethod]
    public void Pcm24RoundsToTheNearestAndClips()
    {
        const float Step = 1f / (1 << 23);
        float[] samples = [0, Step, -Step, 0.4f * Step, 0.6f * Step, 1 - Step, 1, 7, -1, -2, 0.5f];
        byte[] file = Write(samples, 8000, format: AudioFileFormat.WavPcm24);
        Assert.AreEqual("WAV, PCM 24 bit", AudioInfo.Read(file).Format);
        CollectionAssert.AreEqual(
            new float[] { 0, Step, -Step, 0, Step, 1 - Step, 1 - Step, 1 - Step, -1, -1, 0.5f }, Read(file, samples.Length));

        // 33 bytes of samples and a chunk's padding.
        Assert.HasCount(44 + 34, file);
    }

    [TestMethod]
    [DataRow(AudioFileFormat.WavFloat32)]
    [DataRow(AudioFileFormat.WavPcm16)]
    [DataRow(AudioFileFormat.WavPcm24)]
    public void BlocksGiveTheFileThatTheWholeGives(AudioFileFormat format)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.wav");
        File.WriteAllText(path, "old");
        float[] samples = Signals.Noise(3003, seed: 2);
        using (var writer = new AudioFileWriter(path, 22_050, 3, format))
        {
            writer.Write(samples.AsSpan(0, 9));
            writer.Write([]);
            writer.Write(samples.AsSpan(9));
            Assert.AreEqual(1001, writer.Length);
            Assert.AreEqual("old", File.ReadAllText(path));
            Assert.ThrowsExactly<ArgumentException>(() => writer.Write([1, 2]));
            writer.Complete();
            Assert.ThrowsExactly<InvalidOperationException>(() => writer.Write([1, 2, 3]));
        }

        byte[] whole = Write(samples, 22_050, 3, format);
        Assert.AreEqual(AudioInfo.Read(whole), AudioInfo.Read(path));
        using AudioDecoder expected = AudioDecoder.Open(whole, "whole");
        using AudioDecoder actual = AudioDecoder.Open(path);
        var (first, second) = (new float[4000], new float[4000]);
        Assert.AreEqual(1001, expected.Read(first));
        Assert.AreEqual(1001, actual.Read(second));
        CollectionAssert.AreEqual(first, second);
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void AFileThatIsNotCompleteLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new AudioFileWriter(folder.File("a.wav"), 8000))
        {
            writer.Write(new float[1000]);
        }

        Assert.IsEmpty(Directory.GetFiles(folder.Path));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => new AudioFileWriter(folder.File("no/a.wav"), 8000));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void WhatAKilledProcessLeftGoesWithTheNextRecording(bool isWriter)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.wav");
        folder.Abandoned("a.wav", TimeSpan.FromHours(2));
        if (isWriter)
        {
            using var writer = new AudioFileWriter(path, 8000);
            writer.Write(new float[1000]);
            using var other = new AudioFileWriter(path, 8000);
            writer.Complete();
        }
        else
        {
            AudioFile.Write(path, new float[1000], 8000);
        }

        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
        Assert.AreEqual(1000, AudioInfo.Read(path).Length);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(300)]
    public void MoreThanRiffCanCountIsAnRf64(int frames)
    {
        using var stream = new MemoryStream();
        float[] samples = Signals.Noise(300, seed: 3);
        var writer = new WavWriter(stream, 8000, 1, AudioFileFormat.WavPcm16, frames, limit: 500);
        writer.Write(samples);
        writer.Finish();
        byte[] file = stream.ToArray();
        Assert.AreEqual("RF64", Encoding.ASCII.GetString(file, 0, 4));
        Assert.AreEqual(-1, BitConverter.ToInt32(file, 4));
        Assert.AreEqual("ds64", Encoding.ASCII.GetString(file, 12, 4));
        Assert.AreEqual(file.Length - 8, BitConverter.ToInt64(file, 20));
        Assert.AreEqual(600, BitConverter.ToInt64(file, 28));
        Assert.AreEqual(300, BitConverter.ToInt64(file, 36));
        Assert.AreEqual(300, AudioInfo.Read(file).Length);
        CollectionAssert.AreEqual(Read(Write(samples, 8000, format: AudioFileFormat.WavPcm16), 300), Read(file, 300));
    }

    private static void Refuses<T>(float[] samples, int sampleRate, int channels, string message)
        where T : Exception
    {
        T exception = Assert.ThrowsExactly<T>(() => AudioFile.Write(Stream.Null, samples, sampleRate, channels));
        StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
    }

    private static byte[] Write(
        float[] samples, int sampleRate, int channels = 1, AudioFileFormat format = AudioFileFormat.WavFloat32)
    {
        using var stream = new MemoryStream();
        AudioFile.Write(stream, samples, sampleRate, channels, format);
        return stream.ToArray();
    }

    private static float[] Read(byte[] file, int length)
    {
        using AudioReader reader = AudioReader.Open(new MemoryStream(file));
        var samples = new float[length + 1];
        Assert.AreEqual(length, reader.Read(samples));
        return samples[..length];
    }
}
