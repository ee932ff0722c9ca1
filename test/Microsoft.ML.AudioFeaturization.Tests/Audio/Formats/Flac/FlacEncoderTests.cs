using System.Buffers.Binary;
using System.Security.Cryptography;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Flac;

/// <summary>FLAC files as they are written: lossless, with the right MD5, and compressed.</summary>
[TestClass]
public sealed class FlacEncoderTests
{
    [TestMethod]
    [DataRow(AudioFileFormat.Flac16, 1, 44100)]
    [DataRow(AudioFileFormat.Flac16, 2, 16000)]
    [DataRow(AudioFileFormat.Flac16, 3, 37801)]
    [DataRow(AudioFileFormat.Flac16, 8, 96000)]
    [DataRow(AudioFileFormat.Flac24, 1, 655350)]
    [DataRow(AudioFileFormat.Flac24, 2, 999_999)]
    public void Samples_are_read_back_to_the_bit(AudioFileFormat format, int channels, int rate)
    {
        int bits = format == AudioFileFormat.Flac16 ? 16 : 24;
        int[] numbers = Sweep(9000, channels, bits);
        byte[] file = Write(numbers, channels, bits, rate, format);
        Recording recording = Recording.Whole(new MemoryStream(file));
        Assert.AreEqual($"FLAC, PCM {bits} bit, {rate} Hz, {channels} channels, 9000 samples", recording.Info.ToString());
        CollectionAssert.AreEqual(numbers, Array.ConvertAll(recording.Samples, sample => (int)(sample * (1 << (bits - 1)))));
        Assert.IsLessThan(numbers.Length * bits / 8 * 0.9, file.Length);

        // The MD5 of the samples as whole bytes, the lowest first.
        byte[] bytes = new byte[numbers.Length * bits / 8];
        for (int i = 0; i < numbers.Length; i++)
        {
            for (int j = 0; j < bits / 8; j++)
            {
                bytes[(i * bits / 8) + j] = (byte)(numbers[i] >> (8 * j));
            }
        }

        CollectionAssert.AreEqual(MD5.HashData(bytes), file[26..42]);
    }

    [TestMethod]
    [DataRow("silence", 300)]
    [DataRow("noise", 60_000)]
    [DataRow("extremes", 60_000)]
    public void Blocks_of_any_kind_are_read_back(string kind, int mostBytes)
    {
        var random = new Random(1);
        int[] numbers = [.. Enumerable.Range(0, 2 * 5000).Select(i => kind switch
        {
            "silence" => 0,
            "noise" => random.Next(-(1 << 23), 1 << 23),
            _ => random.Next(2) == 0 ? -(1 << 23) : (1 << 23) - 1,
        })];
        byte[] file = Write(numbers, 2, 24, 48000, AudioFileFormat.Flac24);
        Recording recording = Recording.Whole(new MemoryStream(file));
        CollectionAssert.AreEqual(numbers, Array.ConvertAll(recording.Samples, sample => (int)(sample * (1 << 23))));
        Assert.IsLessThan(mostBytes + 2000, file.Length);
    }

    [TestMethod]
    public void Samples_beyond_full_scale_are_clipped_and_others_rounded()
    {
        float[] samples = [2, 1, -1, -2, 0.5f / 32768, 1.5f / 32768, 0.7f / 32768, -0.7f / 32768];
        using var stream = new MemoryStream();
        AudioFile.Write(stream, samples, 8000, format: AudioFileFormat.Flac16);
        int[] found = Array.ConvertAll(
            Recording.Whole(new MemoryStream(stream.ToArray())).Samples, sample => (int)(sample * 32768));
        CollectionAssert.AreEqual(new[] { 32767, 32767, -32768, -32768, 0, 2, 1, -1 }, found);
    }

    [TestMethod]
    public void A_long_file_is_written_in_blocks_and_has_a_seek_table()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.flac");
        int[] numbers = Sweep(900_000, 1, 16);
        float[] samples = Array.ConvertAll(numbers, number => number / 32768f);
        using (var writer = new AudioFileWriter(path, 8000, format: AudioFileFormat.Flac16))
        {
            for (int start = 0; start < samples.Length; start += 7777)
            {
                writer.Write(samples.AsSpan(start, Math.Min(7777, samples.Length - start)));
            }

            Assert.IsFalse(File.Exists(path));
            writer.Complete();
        }

        CollectionAssert.AreEqual(samples, Recording.Whole(File.OpenRead(path)).Samples);
        CollectionAssert.AreEqual(samples[654_321..], Recording.Whole(File.OpenRead(path), 654_321).Samples);

        // 220 blocks: each fourth has a point.
        byte[] file = File.ReadAllBytes(path);
        ReadOnlySpan<byte> table = file.AsSpan(8 + 34);
        Assert.AreEqual(0x83, table[0]);
        int audio = 8 + 34 + 4 + 1800;
        for (int i = 0; i < 55; i++)
        {
            ReadOnlySpan<byte> point = table[(4 + (18 * i))..];
            Assert.AreEqual(4L * 4096 * i, BinaryPrimitives.ReadInt64BigEndian(point));
            int place = audio + (int)BinaryPrimitives.ReadInt64BigEndian(point[8..]);
            Assert.AreEqual(0xFFF8, BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(place)));
        }

        Assert.AreEqual(-1, BinaryPrimitives.ReadInt64BigEndian(table[(4 + (18 * 55))..]));
    }

    [TestMethod]
    public void A_stream_that_cannot_seek_gets_the_length_alone()
    {
        var stream = new MemoryStream();
        float[] samples = Array.ConvertAll(Sweep(5000, 2, 16), number => number / 32768f);
        AudioFile.Write(new ForwardWriter(stream), samples, 8000, 2, AudioFileFormat.Flac16);
        Recording recording = Recording.Whole(new MemoryStream(stream.ToArray()));
        CollectionAssert.AreEqual(samples, recording.Samples);
        Assert.AreEqual(5000, recording.Info.Length);
    }

    [TestMethod]
    public void More_than_eight_channels_are_refused() =>
        Assert.Contains("1 to 8", Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => AudioFile.Write(new MemoryStream(), new float[9], 8000, 9, AudioFileFormat.Flac16)).Message);

    private static byte[] Write(int[] numbers, int channels, int bits, int rate, AudioFileFormat format)
    {
        using var stream = new MemoryStream();
        float scale = 1 << (bits - 1);
        AudioFile.Write(stream, Array.ConvertAll(numbers, number => number / scale), rate, channels, format);
        return stream.ToArray();
    }

    private static int[] Sweep(int frames, int channels, int bits)
    {
        var random = new Random(bits);
        var numbers = new int[frames * channels];
        for (int i = 0; i < numbers.Length; i++)
        {
            double time = i / channels;
            double value = (0.6 * Math.Sin((0.01 + (0.005 * (i % channels))) * time)) + (0.001 * random.NextDouble());
            numbers[i] = (int)(value * (1 << (bits - 1)));
        }

        return numbers;
    }

    private sealed class ForwardWriter(Stream stream) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => stream.Write(buffer, offset, count);
    }
}
