using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>MPEG audio of all layers and versions, as lame and ffmpeg write it, against ffmpeg and mpg123.</summary>
[TestClass]
public sealed class MpegTests
{
    // The project's floor, and half a step of the 16 bits that the expected values are kept in.
    private const double Tolerance = 1e-4 + (0.5 / 32768);

    public static IEnumerable<object[]> Recordings =>
        FixtureFiles.Names("mp?*.mp?").Select(name => new object[] { name });

    [TestMethod]
    public void All_recordings_are_found() => Assert.HasCount(17, FixtureFiles.Names("mp?*.mp?"));

    [TestMethod]
    [DynamicData(nameof(Recordings))]
    public void Samples_equal_those_of_other_decoders(string name)
    {
        float[] expected = FixtureFiles.Expected(name);
        AudioDecoder decoder = AudioDecoder.Open(FixtureFiles.PathOf(name));
        Assert.AreEqual(expected.Length / decoder.Info.Channels, decoder.Info.Length);
        float[] samples = FixtureFiles.Decode(decoder);
        Assert.HasCount(expected.Length, samples);
        for (int i = 0; i < samples.Length; i++)
        {
            // 16 bits cannot keep what is beyond full scale.
            Assert.AreEqual(expected[i], Math.Clamp(samples[i], -1, 32767f / 32768), Tolerance, $"sample {i}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Recordings))]
    public void A_part_equals_the_slice_of_the_whole(string name)
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf(name));
        float[] whole = FixtureFiles.Decode(AudioDecoder.Open(file, name));
        foreach ((int first, int frames) in new[] { (0, 7), (1, 700), (1152, 64), (1500, 5000), (2000, 1), (90000, 5) })
        {
            foreach (bool canSeek in new[] { true, false })
            {
                using Stream stream = canSeek ? new MemoryStream(file) : new ForwardOnlyStream(file);
                AssertSlice(whole, AudioDecoder.Open(stream, name, leaveOpen: true), first, frames);
            }
        }
    }

    [TestMethod]
    [DataRow("case-vbr_notag.mp3")]
    [DataRow("case-vbr16k_notag.mp3")]
    [DataRow("case-two_parts.mp3")]
    public void A_part_far_within_equals_the_slice_of_the_whole(string name)
    {
        string path = FixtureFiles.PathOf(name);
        float[] whole = FixtureFiles.Decode(AudioDecoder.Open(path));
        int channels = AudioInfo.Read(path).Channels;
        for (int first = 3001; first < whole.Length / channels; first += 7777)
        {
            AssertSlice(whole, AudioDecoder.Open(path), first, 2000);
        }

        // The same decoder may skip again and again.
        using AudioDecoder decoder = AudioDecoder.Open(path);
        var part = new float[10 * channels];
        for (int first = 500; first < whole.Length / channels; first += 9000)
        {
            decoder.SkipTo(first);
            Assert.AreEqual(10, decoder.Read(part));
            CollectionAssert.AreEqual(whole[(first * channels)..((first + 10) * channels)], part);
        }
    }

    // Counts of mpg123 and ffmpeg, which agree but for the joined recording: there ffmpeg's.
    [TestMethod]
    [DataRow("case-vbr_notag.mp3", 44100, 2, 89856)]
    [DataRow("case-vbr16k_notag.mp3", 16000, 1, 33408)]
    [DataRow("case-cbr_notag.mp3", 44100, 2, 89856)]
    [DataRow("case-two_parts.mp3", 44100, 2, 179759)]
    public void Recordings_without_usable_headers_are_whole(string name, int sampleRate, int channels, int length)
    {
        AudioInfo info = AudioInfo.Read(FixtureFiles.PathOf(name));
        Assert.AreEqual((sampleRate, channels, (long)length), (info.SampleRate, info.Channels, info.Length));
        using AudioReader reader = AudioReader.Open(FixtureFiles.PathOf(name));
        Assert.AreEqual(length, reader.Length);
        Assert.HasCount(length, reader.ReadToEnd());
    }

    [TestMethod]
    [DataRow("id3")]
    [DataRow("id3 with picture")]
    [DataRow("zeros")]
    [DataRow("noise")]
    [DataRow("id3v1")]
    [DataRow("ape")]
    [DataRow("zeros behind")]
    public void Tags_and_what_lies_around_frames_are_no_sound(string around)
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf("mp3-vbr-untagged.mp3"));
        float[] whole = FixtureFiles.Decode(AudioDecoder.Open(file, "whole"));
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        byte[] ape = [.. "APETAGEX"u8, 0xD0, 7, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xA0, .. new byte[8], .. new byte[40]];
        byte[] changed = around switch
        {
            "id3" => [.. Id3(300), .. file],
            "id3 with picture" => [.. Id3(2_000_000), .. file],
            "zeros" => [.. new byte[3000], .. file],
            "noise" => [.. noise, .. file],
            "id3v1" => [.. file, .. "TAG"u8, .. new byte[125]],
            "ape" => [.. file, .. ape, .. "TAG"u8, .. new byte[125]],
            _ => [.. file, .. new byte[1000]],
        };
        foreach (bool canSeek in new[] { true, false })
        {
            using Stream stream = canSeek ? new MemoryStream(changed) : new ForwardOnlyStream(changed);
            AudioDecoder decoder = AudioDecoder.Open(stream, around, leaveOpen: true);
            Assert.AreEqual(canSeek ? whole.Length / 2 : -1, decoder.Info.Length);
            CollectionAssert.AreEqual(whole, FixtureFiles.Decode(decoder));
        }
    }

    [TestMethod]
    public void A_tag_between_joined_recordings_is_passed_over()
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf("mp3-vbr-untagged.mp3"));
        byte[] joined = [.. Id3(100), .. file, .. "TAG"u8, .. new byte[125], .. Id3(700), .. file];
        Assert.HasCount(4 * 5760, FixtureFiles.Decode(AudioDecoder.Open(joined, "joined")));
    }

    [TestMethod]
    [DataRow("mp3-cbr.mp3", "frames, expected")]
    [DataRow("mp3-vbr-untagged.mp3", "the file ends within a frame")]
    [DataRow("mp2.mp2", "the file ends within a frame")]
    public void A_cut_recording_is_an_error_that_names_file_and_second(string name, string found)
    {
        float[] whole = FixtureFiles.Decode(AudioDecoder.Open(FixtureFiles.PathOf(name)));
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf(name));
        using AudioDecoder decoder = AudioDecoder.Open(file[..(file.Length * 2 / 3)], name);
        var samples = new float[whole.Length];
        int frames = decoder.Read(samples);
        Assert.AreEqual(frames, decoder.Info.Length);
        Assert.IsInRange(whole.Length / 2 / 3, (whole.Length / 2) - 1, frames);
        CollectionAssert.AreEqual(whole[..(2 * frames)], samples[..(2 * frames)]);
        var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(samples));
        StringAssert.Contains(damage.Message, $"'{name}'", StringComparison.Ordinal);
        StringAssert.Contains(damage.Message, found, StringComparison.Ordinal);
        Assert.AreEqual((double)frames / decoder.Info.SampleRate, damage.Seconds, 1e-9);
        Assert.AreEqual(0, decoder.Read(samples));
    }

    [TestMethod]
    public void A_wrong_checksum_is_told_and_its_frame_is_silent()
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf("mp3-crc.mp3"));

        // The third frame: the one with the tag and each after it have 417 or 418 bytes.
        int frame = 417 + file.AsSpan(417 + 417).IndexOf<byte>([0xFF, 0xFA]) + 417;
        file[frame + 12] ^= 0x10;
        using AudioDecoder decoder = AudioDecoder.Open(file, "broken.mp3");
        var samples = new float[2 * decoder.Info.Length];
        int before = decoder.Read(samples);
        var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(samples));
        StringAssert.Contains(damage.Message, "CRC-16", StringComparison.Ordinal);
        Assert.AreEqual((double)before / 44100, damage.Seconds, 1e-9);
        Assert.AreEqual(decoder.Info.Length - before, decoder.Read(samples));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Lost_bytes_in_the_middle_are_told(bool canSeek)
    {
        string path = FixtureFiles.PathOf("case-cbr_notag.mp3");
        byte[] file = File.ReadAllBytes(path);
        Array.Clear(file, 12000, 2000);
        using Stream stream = canSeek ? new MemoryStream(file) : new ForwardOnlyStream(file);
        using AudioDecoder decoder = AudioDecoder.Open(stream, "hole.mp3", leaveOpen: true);
        var samples = new float[200_000];
        int before = decoder.Read(samples);
        var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(samples));
        StringAssert.Contains(damage.Message, "are no frame", StringComparison.Ordinal);
        Assert.AreEqual((double)before / 44100, damage.Seconds, 1e-9);

        // At this rate, a hole of 2000 bytes takes four to six frames of 417 or 418.
        int behind = decoder.Read(samples);
        Assert.IsInRange(89856 - (6 * 1152), 89856 - (4 * 1152), before + behind);
        Assert.AreEqual(0, decoder.Read(samples));
    }

    private static byte[] Id3(int size) =>
    [
        .. "ID3"u8, 3, 0, 0, (byte)(size >> 21), (byte)((size >> 14) & 127), (byte)((size >> 7) & 127), (byte)(size & 127),
        .. Enumerable.Repeat((byte)0xFF, size),
    ];

    private static void AssertSlice(float[] whole, AudioDecoder decoder, int first, int frames)
    {
        int channels = decoder.Info.Channels;
        float[] part = FixtureFiles.Decode(decoder, first, frames, block: 500);
        int start = Math.Min(first * channels, whole.Length);
        int length = Math.Min(frames * channels, whole.Length - start);
        CollectionAssert.AreEqual(whole[start..(start + length)], part, $"frame {first}");
    }
}
