using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Ogg;

/// <summary>Ogg files by oggenc, opusenc, flac and ffmpeg, compared with what the reference decoders give.</summary>
[TestClass]
public sealed class OggReaderTests
{
    // Vorbis and Opus at full scale; FLAC is exact.
    private const float VorbisTolerance = 1e-4f;
    private const float OpusTolerance = 1e-4f;

    // Where decoding begins in the middle of a signal that breaks off again and again.
    private const float OpusFadeTolerance = 1e-3f;

    private static IEnumerable<object[]> Fixtures =>
    [
        ["vorbis-mono.ogg", "OGG, Vorbis", VorbisTolerance],
        ["vorbis-stereo.ogg", "OGG, Vorbis", VorbisTolerance],
        ["vorbis-low.ogg", "OGG, Vorbis", VorbisTolerance],
        ["vorbis-tiny.ogg", "OGG, Vorbis", VorbisTolerance],
        ["vorbis-6.ogg", "OGG, Vorbis", VorbisTolerance],
        ["vorbis-other.ogg", "OGG, Vorbis", VorbisTolerance],
        ["video.ogv", "OGG, Vorbis", VorbisTolerance],
        ["opus-mono.opus", "OGG, Opus", OpusTolerance],
        ["opus-stereo.opus", "OGG, Opus", OpusTolerance],
        ["opus-speech.opus", "OGG, Opus", OpusTolerance],
        ["opus-short.opus", "OGG, Opus", OpusTolerance],
        ["opus-6.opus", "OGG, Opus", OpusTolerance],
        ["opus-255.opus", "OGG, Opus", OpusTolerance],
        ["opus-gain.opus", "OGG, Opus", OpusTolerance],
        ["flac-mono.oga", "OGG, FLAC 16 bit", 0f],
        ["flac-stereo.oga", "OGG, FLAC 24 bit", 0f],
        ["flac-ffmpeg.oga", "OGG, FLAC 16 bit", 0f],
    ];

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void Samples_are_those_of_the_reference_decoder(string name, string format, float tolerance)
    {
        Recording expected = Recording.Whole(File.OpenRead(Recording.PathOf(name + ".flac")));
        Recording recording = Recording.Whole(File.OpenRead(Recording.PathOf(name)));
        Assert.AreEqual(format, recording.Info.Format);
        Assert.AreEqual(expected.Info.SampleRate, recording.Info.SampleRate);
        Assert.AreEqual(expected.Info.Channels, recording.Info.Channels);
        Assert.AreEqual(expected.Frames, recording.Frames);
        Assert.AreEqual(expected.Frames, recording.Info.Length);
        CheckClose(expected.Samples, recording.Samples, tolerance);

        Recording onward = Recording.Whole(new OnwardStream(Recording.Bytes(name)), block: 77);
        Assert.AreEqual(-1, onward.Info.Length);
        CollectionAssert.AreEqual(recording.Samples, onward.Samples);
    }

    [TestMethod]
    [DynamicData(nameof(Fixtures))]
    public void A_part_has_the_samples_of_the_whole(string name, string format, float tolerance)
    {
        _ = (format, tolerance);
        byte[] file = Recording.Bytes(name);
        Recording whole = Recording.Whole(new MemoryStream(file));
        foreach (long first in new long[] { 1, whole.Frames / 3, whole.Frames - 7, whole.Frames })
        {
            ReadOnlySpan<float> expected = whole.Samples.AsSpan((int)first * whole.Info.Channels);
            Assert.IsTrue(expected.SequenceEqual(Recording.Whole(new MemoryStream(file), first).Samples), $"from {first}");
            float[] onward = Recording.Whole(new OnwardStream(file), first).Samples;
            Assert.IsTrue(expected.SequenceEqual(onward), $"on from {first}");
        }
    }

    [TestMethod]
    [DataRow("vorbis-mono.ogg", 90)]
    [DataRow("vorbis-stereo.ogg", 50)]
    [DataRow("opus-mono.opus", 90)]
    [DataRow("flac-mono.oga", 60)]
    public void Any_place_of_a_long_file_is_found(string name, int times)
    {
        // The same packets again and again: all are decoded in any case, and those after the first time are a longer stream.
        byte[] file = OggBuilder.Join(Repeat(OggBuilder.Pages(Recording.Bytes(name)), times));
        Recording whole = Recording.Read(new MemoryStream(file));
        Assert.AreEqual(whole.Info.Length, whole.Frames);
        Assert.IsGreaterThan(100_000, file.Length);
        for (int first = 1000; first < whole.Frames; first += whole.Frames / 4)
        {
            Recording part = Recording.Read(new MemoryStream(file), first, frames: 500);
            ReadOnlySpan<float> expected = whole.Samples.AsSpan(first * whole.Info.Channels, part.Samples.Length);

            // What an Opus decoder predicts from fades, but here the signal breaks off every 0.2 s.
            bool isOpus = name.EndsWith("opus", StringComparison.Ordinal);
            CheckClose(expected.ToArray(), part.Samples, isOpus ? OpusFadeTolerance : 0);
        }
    }

    [TestMethod]
    [DataRow("vorbis-stereo.ogg")]
    [DataRow("opus-6.opus")]
    [DataRow("flac-stereo.oga")]
    public void Packets_over_several_pages_are_put_together(string name)
    {
        byte[] file = Recording.Bytes(name);
        List<OggTestPage> pages = OggBuilder.Repage(OggBuilder.Pages(file), segments: 2);
        Assert.IsGreaterThan(1, pages.Count(page => (page.Flags & 1) != 0));
        Recording whole = Recording.Whole(new MemoryStream(file));
        CollectionAssert.AreEqual(whole.Samples, Recording.Whole(new MemoryStream(OggBuilder.Join(pages))).Samples);
    }

    [TestMethod]
    public void Links_of_a_chain_are_one_recording()
    {
        // 44.1 kHz stereo, 22.05 kHz stereo, 48 kHz mono: at the rate of the first, the one channel in both.
        Recording first = Recording.Whole(File.OpenRead(Recording.PathOf("vorbis-stereo.ogg")));
        Recording second = Recording.Whole(File.OpenRead(Recording.PathOf("vorbis-low.ogg")));
        Recording third = Recording.Whole(File.OpenRead(Recording.PathOf("opus-mono.opus")));
        float[] secondLeft = Resampler.Resample(Channel(second, 0), 22050, 44100);
        float[] secondRight = Resampler.Resample(Channel(second, 1), 22050, 44100);
        float[] thirdBoth = Resampler.Resample(third.Samples, 48000, 44100);
        float[] expected =
        [
            .. first.Samples,
            .. secondLeft.Zip(secondRight, (left, right) => new[] { left, right }).SelectMany(pair => pair),
            .. thirdBoth.SelectMany(sample => new[] { sample, sample }),
        ];
        byte[] file =
        [
            .. Recording.Bytes("vorbis-stereo.ogg"),
            .. Recording.Bytes("vorbis-low.ogg"),
            .. Recording.Bytes("opus-mono.opus"),
        ];
        Recording chain = Recording.Whole(new MemoryStream(file));
        Assert.AreEqual(expected.Length / 2, chain.Info.Length);
        CollectionAssert.AreEqual(expected, chain.Samples);
        CollectionAssert.AreEqual(expected, Recording.Whole(new OnwardStream(file)).Samples);
        foreach (int start in new[] { 5000, 8820, 9000, 22050, 25000, chain.Frames - 1, chain.Frames })
        {
            float[] part = Recording.Whole(new MemoryStream(file), start).Samples;
            CollectionAssert.AreEqual(expected[(2 * start)..], part, $"from {start}");
            CollectionAssert.AreEqual(part, Recording.Whole(new OnwardStream(file), start).Samples, $"on from {start}");
        }
    }

    [TestMethod]
    public void A_file_behind_itself_is_twice_as_long()
    {
        byte[] file = Recording.Bytes("vorbis-mono.ogg");
        float[] once = Recording.Whole(new MemoryStream(file)).Samples;
        Recording twice = Recording.Whole(new MemoryStream([.. file, .. file]));
        Assert.AreEqual(2 * once.Length, twice.Info.Length);
        CollectionAssert.AreEqual((float[])[.. once, .. once], twice.Samples);
    }

    [TestMethod]
    public void More_channels_are_mixed_into_those_of_the_first_link()
    {
        Recording six = Recording.Whole(File.OpenRead(Recording.PathOf("opus-6.opus")));
        Recording stereo = Recording.Whole(File.OpenRead(Recording.PathOf("opus-stereo.opus")));
        byte[] file = [.. Recording.Bytes("opus-stereo.opus"), .. Recording.Bytes("opus-6.opus")];
        float[] mixed = Recording.Whole(new MemoryStream(file)).Samples[stereo.Samples.Length..];
        for (int i = 0; i < six.Frames; i++)
        {
            ReadOnlySpan<float> frame = six.Samples.AsSpan(6 * i, 6);
            Assert.AreEqual((frame[0] + frame[2] + frame[4]) / 3, mixed[2 * i], 1e-6f);
            Assert.AreEqual((frame[1] + frame[3] + frame[5]) / 3, mixed[(2 * i) + 1], 1e-6f);
        }
    }

    [TestMethod]
    public void A_file_without_audio_says_what_it_has()
    {
        var exception = Assert.ThrowsExactly<NotSupportedException>(
            () => Recording.Read(File.OpenRead(Recording.PathOf("video-only.ogv"))));
        Assert.Contains("Theora", exception.Message);
        Assert.Contains("the.file", exception.Message);
    }

    // The audio pages again and again; granule positions and page numbers go on.
    private static IEnumerable<OggTestPage> Repeat(List<OggTestPage> pages, int times)
    {
        using OggCodec codec = OggCodecs.Create(pages[0].Body, "the.file")!;
        int headers = pages.FindIndex(page => page.Granule > 0);
        foreach (byte[] packet in OggBuilder.Packets(pages.Take(headers)))
        {
            codec.AddHeader(packet);
        }

        uint sequence = 0;
        long granule = 0;
        for (int i = 0; i < times; i++)
        {
            foreach (OggTestPage page in i == 0 ? pages : pages.Skip(headers))
            {
                if (page.Granule > 0)
                {
                    granule += OggBuilder.Packets([page]).Sum(packet => codec.Advance(packet));
                }

                bool isLast = i == times - 1 && page == pages[^1];
                int flags = (page.Flags & ~4) | (isLast ? 4 : 0);
                yield return page with { Flags = (byte)flags, Granule = granule, Sequence = sequence++ };
            }
        }
    }

    private static float[] Channel(Recording recording, int channel) =>
        [.. recording.Samples.Where((_, i) => i % recording.Info.Channels == channel)];

    private static void CheckClose(float[] expected, float[] found, float tolerance)
    {
        Assert.HasCount(expected.Length, found);
        float largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i] - found[i]));
        }

        Assert.IsLessThanOrEqualTo(tolerance, largest);
    }
}
