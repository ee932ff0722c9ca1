using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

[TestClass]
public sealed class WavFileTests
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

        float[] read = Read(Write(samples, 8000, format: WavSampleFormat.Pcm16), samples.Length);

        CollectionAssert.AreEqual(
            new float[] { 0, Step, -Step, 0, Step, 0, 2 * Step, 1 - Step, 1 - Step, 1 - Step, -1, -1, -1 }, read);
    }

    [TestMethod]
    public void WhatIsReadFrom16BitsIsWrittenBackToTheBit()
    {
        float[] all = [.. Enumerable.Range(short.MinValue, 1 << 16).Select(value => value / 32768f)];

        CollectionAssert.AreEqual(all, Read(Write(all, 8000, format: WavSampleFormat.Pcm16), all.Length));
    }

    [TestMethod]
    [DataRow(WavSampleFormat.IeeeFloat32)]
    [DataRow(WavSampleFormat.Pcm16)]
    public void ChannelsAreInterleaved(WavSampleFormat format)
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
    [DataRow(WavSampleFormat.IeeeFloat32, 58)]
    [DataRow(WavSampleFormat.Pcm16, 44)]
    public void HeadersGiveTheTrueLengths(WavSampleFormat format, int headerBytes)
    {
        byte[] file = Write([0.5f, 0.5f, 0.5f, 0.5f], 8000, channels: 2, format);
        int sampleBytes = format == WavSampleFormat.IeeeFloat32 ? 4 : 2;

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
        WavFile.Write(path, [0.5f, 0.25f], 8000);
        WavFile.Write(path, [0.75f], 16_000);

        Assert.ThrowsExactly<ArgumentException>(() => WavFile.Write(path, [float.NaN], 8000));

        using (AudioReader reader = AudioReader.Open(path))
        {
            Assert.AreEqual(16_000, reader.SampleRate);
            CollectionAssert.AreEqual(new[] { 0.75f }, reader.ReadToEnd());
        }

        Assert.HasCount(1, Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => WavFile.Write(folder.File("no/a.wav"), [0.5f], 8000));
    }

    [TestMethod]
    public void WrongInputIsNamed()
    {
        Refuses<ArgumentException>([0, 1, float.NegativeInfinity], 8000, 1, "Sample 2 is -Infinity; expected a finite number.");
        Refuses<ArgumentException>([0, 1, 0], 8000, 2, "3 samples are not equally many of each of 2 channels.");
        Refuses<ArgumentOutOfRangeException>([0], 0, 1, "Option sampleRate is 0; expected 1 to 1000000.");
        Refuses<ArgumentOutOfRangeException>([0], 1_000_001, 1, "Option sampleRate is 1000001; expected 1 to 1000000.");
        Refuses<ArgumentOutOfRangeException>([0], 8000, 0, "Option channels is 0; expected 1 to 16383.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => WavFile.Write(Stream.Null, [0], 8000, 1, (WavSampleFormat)2));
    }

    private static void Refuses<T>(float[] samples, int sampleRate, int channels, string message)
        where T : Exception
    {
        T exception = Assert.ThrowsExactly<T>(() => WavFile.Write(Stream.Null, samples, sampleRate, channels));
        StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
    }

    private static byte[] Write(
        float[] samples, int sampleRate, int channels = 1, WavSampleFormat format = WavSampleFormat.IeeeFloat32)
    {
        using var stream = new MemoryStream();
        WavFile.Write(stream, samples, sampleRate, channels, format);
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
