namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Ogg;

/// <summary>Ogg files that are cut, changed or forged.</summary>
[TestClass]
public sealed class OggDamageTests
{
    [TestMethod]
    [DataRow("vorbis-mono.ogg")]
    [DataRow("opus-mono.opus")]
    [DataRow("flac-mono.oga")]
    public void A_stream_without_its_end_flag_ends_early(string name)
    {
        float[] whole = Recording.Whole(File.OpenRead(Recording.PathOf(name))).Samples;
        List<OggTestPage> pages = OggBuilder.Repage(OggBuilder.Pages(Recording.Bytes(name)), segments: 5);
        byte[] cut = OggBuilder.Join(pages.Take(pages.Count - 2));
        foreach (Stream stream in new Stream[] { new MemoryStream(cut), new OnwardStream(cut) })
        {
            Recording recording = Recording.Read(stream);
            (long frame, Microsoft.ML.AudioFeaturization.Audio.DamagedAudioException damage) = recording.Damages.Single();
            Assert.Contains("end flag", damage.Message);
            Assert.AreEqual(recording.Frames, frame);
            Assert.IsInRange(1, whole.Length - 1, recording.Frames);
            CollectionAssert.AreEqual(whole[..recording.Frames], recording.Samples);
        }
    }

    [TestMethod]
    public void A_file_cut_inside_a_page_is_told()
    {
        byte[] file = Recording.Bytes("vorbis-mono.ogg");
        Recording recording = Recording.Read(new MemoryStream(file[..^100]));
        Assert.Contains("inside a page", recording.Damages.Single().Damage.Message);
    }

    [TestMethod]
    [DataRow("opus-mono.opus", 3)]
    [DataRow("flac-mono.oga", 0)]
    public void Lost_pages_become_silence_and_what_follows_keeps_its_place(string name, int blocks)
    {
        _ = blocks;
        Recording whole = Recording.Whole(File.OpenRead(Recording.PathOf(name)));

        // A page a packet, the third packet of audio lost.
        List<OggTestPage> pages = PagePerPacket(name);
        int lost = pages.FindIndex(page => page.Granule > 0) + 2;
        pages.RemoveAt(lost);
        Recording recording = Recording.Read(new MemoryStream(OggBuilder.Join(pages)));
        Assert.AreEqual(whole.Frames, recording.Frames);
        (long frame, Microsoft.ML.AudioFeaturization.Audio.DamagedAudioException damage) = recording.Damages.Single();
        Assert.Contains("missing", damage.Message);
        int start = (int)frame;
        CollectionAssert.AreEqual(whole.Samples[..start], recording.Samples[..start]);
        Assert.AreEqual(0f, recording.Samples[start]);
        if (name.StartsWith("flac", StringComparison.Ordinal))
        {
            CollectionAssert.AreEqual(whole.Samples[(start + 256)..], recording.Samples[(start + 256)..]);
        }
    }

    /// <summary>
    /// RFC 6716, section 3.2.5 and R5: a packet of 0 frames, of more than 120 ms, or of an odd number of bytes in two frames alike
    /// makes no sense, and is told though its page is right. Frames of no bytes were not sent (section 3.2.1), which is no damage.
    /// </summary>
    [TestMethod]
    [DataRow("FB00", false)]
    [DataRow("FB07", false)]
    [DataRow("F9112233", false)]
    [DataRow("F8", true)]
    public void A_packet_of_Opus_that_makes_no_sense_is_told_with_its_second(string packet, bool isWhole)
    {
        byte[] bytes = Convert.FromHexString(packet);
        List<OggTestPage> pages = PagePerPacket("opus-mono.opus");
        int damaged = pages.FindIndex(page => page.Granule > 0) + 3;
        pages[damaged] = pages[damaged] with { Lacing = [(byte)bytes.Length], Body = bytes };
        Recording whole = Recording.Whole(File.OpenRead(Recording.PathOf("opus-mono.opus")));

        Recording recording = Recording.Read(new MemoryStream(OggBuilder.Join(pages)));

        // Three packets of 960 samples come before it, the first 312 of which are left out.
        int start = (3 * 960) - 312;
        CollectionAssert.AreEqual(whole.Samples[..start], recording.Samples[..start]);
        if (isWhole)
        {
            Assert.IsEmpty(recording.Damages);
            Assert.AreEqual(whole.Frames, recording.Frames);
            return;
        }

        (long frame, Microsoft.ML.AudioFeaturization.Audio.DamagedAudioException damage) = recording.Damages[0];
        Assert.AreEqual(start, frame);
        Assert.AreEqual(start / 48000.0, damage.Seconds, 1e-9);
        Assert.Contains("make no sense", damage.Message);
    }

    [TestMethod]
    public void A_page_that_fails_its_checksum_is_told()
    {
        byte[] file = OggBuilder.Join(PagePerPacket("flac-mono.oga"));
        file[file.Length / 2] ^= 1;
        Recording recording = Recording.Read(new MemoryStream(file));
        Assert.Contains("checksum", recording.Damages.Single().Damage.Message);
        Assert.AreEqual(1600, recording.Frames);
    }

    [TestMethod]
    public void Damage_of_a_second_link_is_told_with_its_second_in_the_recording()
    {
        byte[] first = Recording.Bytes("vorbis-mono.ogg");
        Recording recording = Recording.Read(new MemoryStream([.. first, .. first[..^50]]));
        Assert.AreEqual(recording.Frames, recording.Damages.Single().Frame);
        Assert.IsGreaterThanOrEqualTo(0.4, recording.Damages.Single().Damage.Seconds);
    }

    [TestMethod]
    public void Garbage_between_pages_costs_nothing()
    {
        byte[] file = Recording.Bytes("vorbis-mono.ogg");
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;
        List<OggTestPage> pages = OggBuilder.Pages(file);
        byte[] garbage = [.. "OggS is no page"u8, .. new byte[300]];
        byte[] mixed = [.. pages.SelectMany(page => (byte[])[.. page.ToArray(), .. garbage])];
        CollectionAssert.AreEqual(whole, Recording.Whole(new MemoryStream(mixed)).Samples);
    }

    [TestMethod]
    public void A_file_cut_inside_its_headers_is_refused()
    {
        byte[] file = Recording.Bytes("vorbis-mono.ogg");
        foreach (int length in new[] { 30, 58, 100, 1500 })
        {
            byte[] cut = file[..length];
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => Recording.Read(new MemoryStream(cut)));
            Assert.Contains("the.file", exception.Message);
        }
    }

    [TestMethod]
    [DataRow(1, DisplayName = "Comments")]
    [DataRow(2, DisplayName = "Audio")]
    public void A_packet_without_end_is_refused(int pagesBefore)
    {
        // 600 pages of 255 segments of 255 bytes: 39 MB.
        List<OggTestPage> pages = OggBuilder.Pages(Recording.Bytes("opus-mono.opus"))[..pagesBefore];
        byte[] lacing = [.. Enumerable.Repeat((byte)255, 255)];
        byte[] body = new byte[255 * 255];
        using var file = new MemoryStream();
        file.Write(OggBuilder.Join(pages));
        for (int i = 0; i < 600; i++)
        {
            byte flags = (byte)(i == 0 ? 0 : 1);
            file.Write(new OggTestPage(flags, -1, pages[0].Serial, (uint)(pagesBefore + i), lacing, body).ToArray());
        }

        file.Position = 0;
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => Recording.Read(file));
        Assert.Contains("the.file", exception.Message);
        Assert.Contains("33554432", exception.Message);
    }

    [TestMethod]
    [DataRow("vorbis-stereo.ogg", false)]
    [DataRow("vorbis-stereo.ogg", true)]
    [DataRow("vorbis-6.ogg", true)]
    [DataRow("opus-stereo.opus", false)]
    [DataRow("opus-speech.opus", true)]
    [DataRow("opus-6.opus", true)]
    [DataRow("flac-stereo.oga", true)]
    [DataRow("video.ogv", true)]
    public void Mutated_files_do_no_harm(string name, bool isSigned)
    {
        // Signed ones have right checksums: what is inside the pages is broken.
        (_, int refused) = Recording.Mutate(Recording.Bytes(name), 100, isSigned ? OggBuilder.SignAll : null);
        Assert.IsGreaterThan(30, refused);
    }

    private static List<OggTestPage> PagePerPacket(string name)
    {
        var pages = new List<OggTestPage>();
        long granule = 0;
        foreach (OggTestPage page in OggBuilder.Pages(Recording.Bytes(name)))
        {
            if (page.Granule <= 0)
            {
                pages.Add(page with { Sequence = (uint)pages.Count });
                continue;
            }

            int used = 0;
            int packets = page.Lacing.Count(length => length < 255);
            long step = (page.Granule - granule) / packets;
            for (int first = 0, packet = 1; packet <= packets; packet++)
            {
                int end = Array.FindIndex(page.Lacing, first, length => length < 255) + 1;
                byte[] lacing = page.Lacing[first..end];
                int length = lacing.Sum(value => value);
                bool isLast = packet == packets;

                // Blocks of FLAC have 256 samples here, packets of Opus 960, also where the last granule position cuts one.
                long position = isLast ? page.Granule : granule + (packet * (step > 500 ? 960 : 256));
                byte[] body = page.Body[used..(used + length)];
                byte flags = (byte)(isLast ? page.Flags & 4 : 0);
                pages.Add(new OggTestPage(flags, position, page.Serial, (uint)pages.Count, lacing, body));
                used += length;
                first = end;
            }

            granule = page.Granule;
        }

        return pages;
    }
}
