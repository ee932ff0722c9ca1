using Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;
using Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Opus;

/// <summary>Opus by libopus's encoder, compared with what opusdec gives, and packets by hand.</summary>
[TestClass]
public sealed class OpusDecoderTests
{
    // Both layers agree with libopus to rounding; the floor is 1e-3 of full scale.
    private const float Tolerance = 1e-5f;

    [TestMethod]
    [DataRow("opus-hybrid.opus", DisplayName = "Both layers, noise that begins at once")]
    [DataRow("opus-hybrid-10.opus", DisplayName = "Both layers, stereo, 10 ms, constant rate")]
    [DataRow("opus-narrow.opus", DisplayName = "SILK at 8 kHz")]
    [DataRow("opus-medium.opus", DisplayName = "SILK at 12 kHz")]
    [DataRow("opus-wide.opus", DisplayName = "SILK at 16 kHz, mid and side, 40 ms")]
    [DataRow("opus-copies.opus", DisplayName = "SILK of 60 ms with copies of earlier frames")]
    [DataRow("opus-transient.opus", DisplayName = "CELT with short blocks")]
    [DataRow("opus-low.opus", DisplayName = "CELT with one spectrum of both channels, and folding")]
    [DataRow("opus-high.opus", DisplayName = "CELT of 10 ms at a high rate")]
    [DataRow("opus-quick.opus", DisplayName = "CELT of 5 ms")]
    [DataRow("opus-loud.opus", DisplayName = "Samples past full scale")]
    [DataRow("opus-modes.opus", DisplayName = "Changes between layers, with frames that make them smooth")]
    [DataRow("opus-channels.opus", DisplayName = "One and two channels in turn")]
    [DataRow("opus-bandwidths.opus", DisplayName = "Bandwidths, layers and lengths in turn")]
    public void Samples_are_those_of_libopus(string name)
    {
        bool isRaw = File.Exists(Recording.PathOf(name + ".f32"));
        float[] expected = isRaw ? Recording.Expected(name + ".f32")
            : Recording.Whole(File.OpenRead(Recording.PathOf(name + ".flac"))).Samples;
        byte[] file = Recording.Bytes(name);
        Recording whole = Recording.Whole(new MemoryStream(file));
        Assert.AreEqual(expected.Length, whole.Samples.Length);
        Assert.AreEqual(isRaw, expected.Any(sample => Math.Abs(sample) >= 1));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], whole.Samples[i], Tolerance, $"sample {i}");
        }

        int first = whole.Frames / 2;
        Assert.IsTrue(
            Recording.Whole(new MemoryStream(file), first).Samples.AsSpan()
                .SequenceEqual(whole.Samples.AsSpan(first * whole.Info.Channels)));
    }

    [TestMethod]
    [DataRow("opus-hybrid-10.opus")]
    [DataRow("opus-copies.opus")]
    [DataRow("opus-low.opus")]
    [DataRow("opus-modes.opus")]
    [DataRow("opus-channels.opus")]
    [DataRow("opus-bandwidths.opus")]
    public void Mutated_files_do_no_harm(string name)
    {
        (int read, int refused) = Recording.Mutate(Recording.Bytes(name), 60, OggBuilder.SignAll);
        Assert.AreEqual(Mutation.Count(60), read + refused);
        Assert.IsGreaterThan(5, refused);
    }

    [TestMethod]

    // RFC 6716, section 3: table 2 and the four codes; frames of 20 ms of CELT at full bandwidth have the configuration 31.
    [DataRow("F8 11 22 33", 1, 960, "3", 1, DisplayName = "One frame")]
    [DataRow("F9 11 22 33 44", 2, 960, "2 2", 1, DisplayName = "Two alike")]
    [DataRow("FA 01 11 22 33", 2, 960, "1 2", 2, DisplayName = "Two that differ")]
    [DataRow("FB 03 11 22 33", 3, 960, "1 1 1", 2, DisplayName = "Three alike")]
    [DataRow("FB 83 02 00 11 22 33", 3, 960, "2 0 1", 4, DisplayName = "Three that differ, one of them empty")]
    [DataRow("FB 42 02 11 22 00 00", 2, 960, "1 1", 3, DisplayName = "Padding")]
    [DataRow("08 11", 1, 960, "1", 1, DisplayName = "SILK of 20 ms")]
    [DataRow("1B 02 11 22", 2, 2880, "1 1", 2, DisplayName = "SILK of 60 ms")]
    [DataRow("60 11", 1, 480, "1", 1, DisplayName = "Both layers, 10 ms")]
    [DataRow("E0 11", 1, 120, "1", 1, DisplayName = "CELT of 2.5 ms")]
    public void Packets_have_the_frames_that_they_tell(string bytes, int count, int samples, string lengths, int start)
    {
        byte[] packet = Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));
        var read = new OpusPacket();
        Assert.IsTrue(read.Read(packet, 0, isDelimited: false));
        Assert.AreEqual(count, read.Count);
        Assert.AreEqual(samples, read.FrameSamples);
        Assert.AreEqual(lengths, string.Join(' ', read.Lengths.ToArray()));
        Assert.AreEqual(start, read.Start);
        Assert.AreEqual(packet.Length, read.End);
        Assert.AreEqual(count * samples, OpusPacket.SamplesOf(packet));
    }

    [TestMethod]

    // RFC 6716, section 3.4: what makes a packet wrong.
    [DataRow("", DisplayName = "Nothing")]
    [DataRow("F9 11 22 33", DisplayName = "Two alike of an odd length")]
    [DataRow("FA 05 11", DisplayName = "A length past the end")]
    [DataRow("FB", DisplayName = "No count")]
    [DataRow("FB 00 11", DisplayName = "No frames")]
    [DataRow("FB 07 11 22 33 44 55 66 77", DisplayName = "More than 120 ms")]
    [DataRow("FB 02 11 22 33", DisplayName = "A rest")]
    [DataRow("FB 41 09 11", DisplayName = "Padding past the end")]
    public void Wrong_packets_are_refused(string bytes)
    {
        byte[] packet = Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));
        Assert.IsFalse(new OpusPacket().Read(packet, 0, isDelimited: false));
    }

    [TestMethod]
    [DataRow(1000, DisplayName = "More than there is")]
    [DataRow(16909320, DisplayName = "A sum past 2^32")]
    public void Padding_that_is_longer_than_the_packet_is_refused(int parts)
    {
        // RFC 8251, section 4: 16909320 parts of 254 bytes are 2^32 - 16 bytes, and 16 more make a sum of 32 bits 0.
        byte[] packet = new byte[parts + 4];
        packet.AsSpan().Fill(255);
        (packet[0], packet[1], packet[^2], packet[^1]) = (0xfb, 0x41, 16, 0x11);
        Assert.IsFalse(new OpusPacket().Read(packet, 0, isDelimited: false));
    }

    [TestMethod]
    public void A_packet_that_tells_its_length_ends_there()
    {
        // Appendix B: one frame of two bytes, then another packet.
        byte[] packets = [0xf8, 2, 0x11, 0x22, 0xf8, 0x33];
        var packet = new OpusPacket();
        Assert.IsTrue(packet.Read(packets, 0, isDelimited: true));
        Assert.AreEqual(2, packet.Start);
        Assert.AreEqual(4, packet.End);
        Assert.IsTrue(packet.Read(packets, packet.End, isDelimited: false));
        Assert.AreEqual(1, packet.Lengths[0]);
    }

    [TestMethod]
    public void Frames_that_were_not_sent_fade()
    {
        // Seven packets of noise, then fifty without a frame.
        List<OggTestPage> pages = OggBuilder.Pages(Recording.Bytes("opus-transient.opus"));
        OggTestPage last = pages[^1];
        pages[^1] = last with { Flags = 0, Granule = 7 * 960 };
        byte[] empty = [.. Enumerable.Repeat((byte)0xfc, 50)];
        byte[] lacing = [.. Enumerable.Repeat((byte)1, 50)];
        pages.Add(new OggTestPage(4, 57 * 960, last.Serial, last.Sequence + 1, lacing, empty));
        Recording recording = Recording.Whole(new MemoryStream(OggBuilder.Join(pages)));
        Assert.AreEqual((57 * 960) - 312, recording.Frames);
        Assert.IsGreaterThan(0.1f, recording.Samples[..9600].Max(Math.Abs));
        Assert.IsLessThan(0.01f, recording.Samples[^9600..].Max(Math.Abs));
    }
}
