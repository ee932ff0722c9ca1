using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Flac;

/// <summary>FLAC files by flac and ffmpeg: the samples are the encoder's input, bit for bit.</summary>
[TestClass]
public sealed class FlacReaderTests
{
    /// <summary>Name, rate, channels, frames and MD5 of the float32 samples of each fixture, from its script.</summary>
    private static IEnumerable<object[]> Fixtures =>
        File.ReadLines(Recording.PathOf("flac.txt")).Select(line => line.Split(' ')).Select(fields => new object[]
        {
            fields[0] + ".flac", Number(fields[1]), Number(fields[2]), Number(fields[3]), fields[4],
        });

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void Samples_are_the_encoders_input(string name, int rate, int channels, int frames, string digest)
    {
        Recording recording = Recording.Whole(File.OpenRead(Recording.PathOf(name)));
        Assert.AreEqual(digest, recording.Digest);
        Assert.AreEqual(frames, recording.Frames);
        Assert.AreEqual(rate, recording.Info.SampleRate);
        Assert.AreEqual(channels, recording.Info.Channels);
        Assert.AreEqual(name == "unknown-length.flac" ? -1 : frames, recording.Info.Length);
        StringAssert.StartsWith(recording.Info.Format, "FLAC, PCM ");

        Recording forward = Recording.Whole(new OnwardStream(Recording.Bytes(name)), block: 91);
        Assert.AreEqual(digest, forward.Digest);
    }

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void A_part_has_the_samples_of_the_whole(string name, int rate, int channels, int frames, string digest)
    {
        _ = (rate, digest);
        byte[] bytes = Recording.Bytes(name);
        float[] whole = Recording.Whole(new MemoryStream(bytes)).Samples;
        foreach (long first in new long[] { 1, frames / 3, frames / 2, frames - 1, frames })
        {
            ReadOnlySpan<float> expected = whole.AsSpan((int)first * channels);
            Assert.IsTrue(expected.SequenceEqual(Recording.Whole(new MemoryStream(bytes), first).Samples), $"from {first}");
            float[] onward = Recording.Whole(new OnwardStream(bytes), first).Samples;
            Assert.IsTrue(expected.SequenceEqual(onward), $"on from {first}");
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Any_place_of_a_long_file_is_found(bool withTable)
    {
        // 2000 blocks of 16 and more: far more than is decoded rather than searched.
        byte[] file = FlacBuilder.Noise(blocks: 2000, variable: false, withTable);
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;
        Assert.IsGreaterThan(200_000, file.Length);
        for (int first = 17; first < whole.Length; first += 9973)
        {
            var stream = new CountingStream(file);
            Recording part = Recording.Read(stream, first, frames: 300);
            ReadOnlySpan<float> expected = whole.AsSpan(first, Math.Min(300, whole.Length - first));
            Assert.IsTrue(expected.SequenceEqual(part.Samples), $"from {first}");
            Assert.IsEmpty(part.Damages);
        }

        var last = new CountingStream(file);
        Recording.Read(last, whole.Length - 50);
        Assert.IsLessThan(file.Length / 2L, last.BytesRead, "seeking reads no more than it must");
    }

    [TestMethod]
    public void Blocks_of_varying_length_are_read_and_found()
    {
        byte[] file = FlacBuilder.Noise(blocks: 1500, variable: true, withTable: false);
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;
        Assert.AreEqual(FlacBuilder.NoiseSamples(1500, variable: true).Length, whole.Length);
        Assert.IsTrue(FlacBuilder.NoiseSamples(1500, variable: true).AsSpan().SequenceEqual(whole));
        for (int first = 5; first < whole.Length; first += 19973)
        {
            Assert.IsTrue(whole.AsSpan(first).SequenceEqual(Recording.Whole(new MemoryStream(file), first).Samples));
        }
    }

    [TestMethod]
    public void A_stream_recorded_from_its_middle_begins_there()
    {
        byte[] file = Recording.Bytes("unknown-length.flac");
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;

        // The second frame: its number is 1.
        byte[] cut = [.. file[..FlacBuilder.FindFrame(file, 0)], .. file[FlacBuilder.FindFrame(file, 1)..]];
        CollectionAssert.AreEqual(whole[256..], Recording.Whole(new MemoryStream(cut)).Samples);
        CollectionAssert.AreEqual(whole[(256 + 300)..], Recording.Whole(new MemoryStream(cut), 300).Samples);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer);
            BytesRead += read;
            return read;
        }
    }
}
