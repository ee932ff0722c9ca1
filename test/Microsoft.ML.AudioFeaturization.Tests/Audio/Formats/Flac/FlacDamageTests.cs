using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Flac;

/// <summary>FLAC files that are cut, changed or forged.</summary>
[TestClass]
public sealed class FlacDamageTests
{
    private const string Blocks = "seek-table.flac";
    private const int BlockFrames = 512;

    [TestMethod]
    public void Half_a_file_is_told_with_its_second_and_its_headers_promise()
    {
        string path = Path.Combine(Checkout.Root, "..", "shared", "cases", "truncated", "truncated_half.flac");
        byte[] file = File.Exists(path) ? File.ReadAllBytes(path) : Half(Recording.Bytes(Blocks));
        Recording recording = Recording.Read(new MemoryStream(file));
        (long frame, Microsoft.ML.AudioFeaturization.Audio.DamagedAudioException damage) = recording.Damages.Single();
        Assert.AreEqual(recording.Frames, frame);
        Assert.IsGreaterThan(0, recording.Frames);
        Assert.Contains($"promises {recording.Info.Length}", damage.Message);
        Assert.AreEqual((double)frame / recording.Info.SampleRate, damage.Seconds);
    }

    [TestMethod]
    public void A_file_cut_between_two_blocks_ends_early_too()
    {
        byte[] file = Recording.Bytes(Blocks);
        Recording recording = Recording.Read(new MemoryStream(file[..FlacBuilder.FindFrame(file, 5)]));
        Assert.AreEqual(5 * BlockFrames, recording.Frames);
        Assert.Contains("promises 6000", recording.Damages.Single().Damage.Message);
    }

    [TestMethod]
    public void What_lies_before_and_behind_damage_is_read()
    {
        byte[] file = Recording.Bytes(Blocks);
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;
        file[FlacBuilder.FindFrame(file, 4) + 50] ^= 4;
        Recording recording = Recording.Read(new MemoryStream(file));
        (long frame, Microsoft.ML.AudioFeaturization.Audio.DamagedAudioException damage) = recording.Damages.Single();
        Assert.AreEqual(4 * BlockFrames, frame);
        Assert.Contains("CRC-16", damage.Message);
        CollectionAssert.AreEqual(Silenced(whole, 4, 5), recording.Samples);
    }

    [TestMethod]
    public void Missing_blocks_become_silence()
    {
        byte[] file = Recording.Bytes(Blocks);
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;
        byte[] cut = [.. file[..FlacBuilder.FindFrame(file, 3)], .. file[FlacBuilder.FindFrame(file, 6)..]];
        Recording recording = Recording.Read(new MemoryStream(cut));
        Assert.Contains($"{3 * BlockFrames} samples are missing", recording.Damages.Single().Damage.Message);
        CollectionAssert.AreEqual(Silenced(whole, 3, 6), recording.Samples);

        // A reader of what lies behind is not told of what it left out.
        Recording rest = Recording.Whole(new MemoryStream(cut), 7 * BlockFrames);
        CollectionAssert.AreEqual(whole[(7 * BlockFrames)..], rest.Samples);
    }

    [TestMethod]
    public void Samples_that_differ_from_the_MD5_are_damage_at_the_end()
    {
        byte[] file = Recording.Bytes("bits-16.flac");
        file[8 + 18 + 5] ^= 1;
        Recording recording = Recording.Read(new MemoryStream(file));
        (long frame, Microsoft.ML.AudioFeaturization.Audio.DamagedAudioException damage) = recording.Damages.Single();
        Assert.AreEqual(500, frame);
        Assert.Contains("MD5", damage.Message);
    }

    [TestMethod]
    public void A_header_that_promises_too_little_is_damage()
    {
        byte[] file = Recording.Bytes(Blocks);

        // The lowest byte of the length, and no MD5.
        file[8 + 17] = 1;
        file.AsSpan(8 + 18, 16).Clear();
        Assert.HasCount(1, Recording.Read(new MemoryStream(file)).Damages);
    }

    [TestMethod]
    [DataRow("bits-16.flac", 3, "marker")]
    [DataRow("bits-16.flac", 30, "STREAMINFO")]
    [DataRow("seek-table.flac", 60, "seek table")]
    public void A_file_cut_inside_its_headers_is_refused(string name, int length, string expected)
    {
        byte[] file = Recording.Bytes(name)[..length];
        if (length == 3)
        {
            file = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 2, 0, 0, .. "fLaC"u8];
            expected = "metadata";
        }

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => Recording.Read(new MemoryStream(file)));
        Assert.Contains(expected, exception.Message);
        Assert.Contains("the.file", exception.Message);
    }

    [TestMethod]
    public void Tags_behind_audio_of_unknown_length_are_no_audio()
    {
        byte[] file = Recording.Bytes("unknown-length.flac");
        float[] whole = Recording.Whole(new MemoryStream(file)).Samples;
        CollectionAssert.AreEqual(whole, Recording.Whole(new MemoryStream([.. file, .. "TAG"u8, .. new byte[125]])).Samples);
    }

    [TestMethod]
    [DataRow("seek-table.flac")]
    [DataRow("stereo-adaptive.flac")]
    [DataRow("unknown-length.flac")]
    [DataRow("side-33-noise.flac")]
    [DataRow("id3.flac")]
    public void Mutated_files_do_no_harm(string name)
    {
        (int read, int refused) = Recording.Mutate(Recording.Bytes(name), 100);
        Assert.IsGreaterThan(0, read);
        Assert.IsGreaterThan(50, refused);
    }

    private static byte[] Half(byte[] file) => file[..(file.Length / 2)];

    private static float[] Silenced(float[] samples, int firstBlock, int endBlock)
    {
        float[] silenced = [.. samples];
        silenced.AsSpan(firstBlock * BlockFrames, (endBlock - firstBlock) * BlockFrames).Clear();
        return silenced;
    }
}
