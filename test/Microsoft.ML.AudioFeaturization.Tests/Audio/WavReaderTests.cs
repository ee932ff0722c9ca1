using System.Buffers.Binary;
using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

[TestClass]
public sealed class WavReaderTests
{
    private static readonly double[] s_samples = [0, 0.5, -0.5, 0.25, -1, 0.984375, 0.0078125, -0.75];

    [TestMethod]
    [DataRow(1, 8)]
    [DataRow(1, 16)]
    [DataRow(1, 24)]
    [DataRow(1, 32)]
    [DataRow(3, 32)]
    [DataRow(3, 64)]
    public void Every_encoding_gives_the_same_samples(int formatTag, int bits)
    {
        foreach (bool extensible in new[] { false, true })
        {
            var builder = new WavBuilder { FormatTag = formatTag, Bits = bits, Extensible = extensible, SampleRate = 22050 };
            byte[] file = builder.Build(WavBuilder.Encode(formatTag, bits, s_samples));
            AudioInfo info = AudioInfo.Read(file);
            Assert.AreEqual(22050, info.SampleRate);
            Assert.AreEqual(1, info.Channels);
            Assert.AreEqual(s_samples.Length, info.Length);
            Assert.AreEqual($"WAV, {(formatTag == 1 ? "PCM" : "float")} {bits} bit", info.Format);
            CollectionAssert.AreEqual(Array.ConvertAll(s_samples, sample => (float)sample), ReadAll(file));
        }
    }

    [TestMethod]
    public void Telephone_codes_match_G711()
    {
        // The end points and the codes around zero, from the tables of ITU-T G.711.
        byte[] codes = [0x00, 0x80, 0x7F, 0xFF, 0x55, 0xD5, 0x2A, 0xAA];
        int[] muLaw = [-32124, 32124, 0, 0, -716, 716, -5372, 5372];
        int[] aLaw = [-5504, 5504, -848, 848, -8, 8, -32256, 32256];
        CollectionAssert.AreEqual(
            Array.ConvertAll(muLaw, sample => sample / 32768f),
            ReadAll(new WavBuilder { FormatTag = 7, Bits = 8 }.Build(codes)));
        CollectionAssert.AreEqual(
            Array.ConvertAll(aLaw, sample => sample / 32768f),
            ReadAll(new WavBuilder { FormatTag = 6, Bits = 8 }.Build(codes)));
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    [DataRow(24)]
    public void Channels_are_averaged_or_chosen(int channels)
    {
        const int Frames = 7;
        var interleaved = new double[Frames * channels];
        for (int i = 0; i < interleaved.Length; i++)
        {
            interleaved[i] = ((i % channels) + 1) * ((i / channels) - 3) / 128.0;
        }

        byte[] file = new WavBuilder { Channels = channels }.Build(WavBuilder.Encode(1, 16, interleaved));
        float[] mean = ReadAll(file);
        float[] last = ReadAll(file, new AudioRequest(Channel: channels - 1));
        for (int frame = 0; frame < Frames; frame++)
        {
            Assert.AreEqual((channels + 1) / 2.0 * (frame - 3) / 128, mean[frame], 1e-7);
            Assert.AreEqual(channels * (frame - 3) / 128f, last[frame]);
        }

        var exception = Assert.ThrowsExactly<ArgumentException>(() =>
            ReadAll(file, new AudioRequest(Channel: channels)));
        StringAssert.Contains(exception.Message, $"{channels} channels", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Unknown_and_odd_chunks_are_passed_over()
    {
        (string, byte[])[] odd =
            [("JUNK", new byte[5]), ("bext", new byte[602]), ("\0\0\0\0", []), ("LIST", "INFOxyz"u8.ToArray())];
        byte[] file = new WavBuilder { Before = odd, Between = odd, After = odd }
            .Build(WavBuilder.Encode(1, 16, s_samples));
        Assert.AreEqual(s_samples.Length, AudioInfo.Read(file).Length);
        Assert.HasCount(s_samples.Length, ReadAll(file));
    }

    [TestMethod]
    [DataRow(0u, 0u)]
    [DataRow(0u, 36u)]
    [DataRow(0xFFFFFFFFu, 0xFFFFFFFFu)]
    [DataRow(0x7FFFF000u, 0x7FFFF024u)]
    [DataRow(0x80000000u, 0x80000024u)]
    [DataRow(0xFFFFFFDBu, 0xFFFFFFFFu)]
    public void A_data_chunk_of_a_stream_s_unknown_length_is_read_to_the_end(uint claimedData, uint claimedRiff)
    {
        byte[] file = new WavBuilder { ClaimedData = claimedData, ClaimedRiff = claimedRiff }
            .Build(WavBuilder.Encode(1, 16, s_samples));
        Assert.HasCount(s_samples.Length, ReadAll(file));
        Assert.AreEqual(s_samples.Length, AudioInfo.Read(file).Length);
    }

    [TestMethod]
    public void A_file_that_ends_early_gives_its_whole_frames_and_an_error()
    {
        byte[] file = new WavBuilder { Channels = 2, Bits = 24 }.Build(WavBuilder.Encode(1, 24, s_samples));
        using (AudioDecoder decoder = AudioDecoder.Open(file.AsMemory(..^5), "memory"))
        {
            Assert.AreEqual(3, decoder.Info.Length);
            Assert.AreEqual(3, decoder.Read(new float[20]));
            var damage = Assert.ThrowsExactly<DamagedAudioException>(() => decoder.Read(new float[20]));
            Assert.AreEqual(3 / 16000.0, damage.Seconds);
            Assert.AreEqual(0, decoder.Read(new float[20]));
        }

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => ReadAll(file[..^5]));
        StringAssert.Contains(exception.Message, "'memory'", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "after 3 samples, expected 4", StringComparison.Ordinal);

        // What lies behind the wanted part does not matter.
        Assert.HasCount(2, ReadAll(file[..^5], new AudioRequest(Duration: 2 / 16000.0)));
    }

    [TestMethod]
    public void Rf64_takes_its_length_from_ds64()
    {
        byte[] data = WavBuilder.Encode(1, 16, s_samples);
        var sizes = new byte[28];
        BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(8), data.Length);
        byte[] file = new WavBuilder
        {
            Mark = "RF64",
            Before = [("ds64", sizes)],
            ClaimedData = 0xFFFFFFFF,
            ClaimedRiff = 0xFFFFFFFF,
            After = [("LIST", new byte[10])],
        }.Build(data);
        Assert.AreEqual(s_samples.Length, AudioInfo.Read(file).Length);
        Assert.HasCount(s_samples.Length, ReadAll(file));
    }

    [TestMethod]
    public void A_file_cut_inside_its_headers_is_an_error_at_every_byte()
    {
        byte[] file = new WavBuilder { Between = [("LIST", new byte[9])] }.Build(WavBuilder.Encode(1, 16, s_samples));
        int headers = file.Length - (2 * s_samples.Length);
        for (int length = 0; length < headers; length++)
        {
            var exception = Assert.ThrowsExactly<InvalidDataException>(
                () => ReadAll(file[..length]), $"cut at {length}");
            StringAssert.Contains(exception.Message, "'memory'", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_file_without_samples_is_an_error_that_says_so()
    {
        byte[] file = new WavBuilder().Build([]);
        Assert.AreEqual(0, AudioInfo.Read(file).Length);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => ReadAll(file));
        StringAssert.Contains(exception.Message, "holds no samples", StringComparison.Ordinal);

        // A chunk behind the empty data is not taken for samples when the lengths agree.
        Assert.AreEqual(0, AudioInfo.Read(new WavBuilder { After = [("LIST", new byte[8])] }.Build([])).Length);
    }

    [TestMethod]
    [DataRow(1, 12, 0, 16000u, "0 channels")]
    [DataRow(1, 16, 1, 0u, "0 Hz")]
    [DataRow(1, 16, 1, 3000000000u, "3000000000 Hz")]
    [DataRow(1, 0, 1, 16000u, "0 bits")]
    [DataRow(1, 64, 1, 16000u, "format 1 with 8 bytes")]
    [DataRow(3, 16, 1, 16000u, "format 3 with 2 bytes")]
    [DataRow(99, 16, 1, 16000u, "format 99")]
    public void Senseless_headers_are_errors_that_name_the_value(
        int tag, int bits, int channels, uint rate, string named)
    {
        byte[] file = new WavBuilder { FormatTag = tag, Bits = bits, Channels = channels, SampleRate = rate }
            .Build(new byte[64]);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => ReadAll(file));
        StringAssert.Contains(exception.Message, named, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(float.NaN, 32)]
    [DataRow(float.PositiveInfinity, 32)]
    [DataRow(float.NegativeInfinity, 64)]
    public void A_sample_that_is_not_finite_is_an_error_that_names_its_place(float value, int bits)
    {
        double[] samples = new double[2 * 50001];
        samples[(2 * 40000) + 1] = value;
        byte[] file = new WavBuilder { FormatTag = 3, Bits = bits, Channels = 2 }
            .Build(WavBuilder.Encode(3, bits, samples));
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => ReadAll(file));
        StringAssert.Contains(exception.Message, "sample 40000 of channel 1", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, FormattableString.Invariant($"is {value};"), StringComparison.Ordinal);
    }

    [TestMethod]
    public void Offset_and_duration_cut_out_a_part()
    {
        double[] ramp = [.. Enumerable.Range(0, 16000).Select(i => (i - 8000) / 16384.0)];
        byte[] file = new WavBuilder { SampleRate = 8000, Channels = 2 }
            .Build(WavBuilder.Encode(1, 16, [.. ramp.SelectMany(sample => new[] { sample, sample })]));
        float[] whole = ReadAll(file);
        CollectionAssert.AreEqual(whole[4000..12000], ReadAll(file, new AudioRequest(Offset: 0.5, Duration: 1)));
        CollectionAssert.AreEqual(whole[12000..], ReadAll(file, new AudioRequest(Offset: 1.5, Duration: 9)));

        using var forwardOnly = new ForwardOnlyStream(file);
        CollectionAssert.AreEqual(
            whole[4000..12000],
            ReadAll(
                AudioDecoder.Open(forwardOnly, "memory", leaveOpen: true), new AudioRequest(Offset: 0.5, Duration: 1)));

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => ReadAll(file, new AudioRequest(Offset: 2.5)));
        StringAssert.Contains(exception.Message, "from 2.5 s on", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Upsampling_without_bound_is_refused()
    {
        byte[] file = WavBuilder.Pcm16(1, 1, 2, 3);
        CollectionAssert.AreEqual(new[] { 1 / 32768f, 2 / 32768f, 3 / 32768f }, ReadAll(file));
        var exception = Assert.ThrowsExactly<ArgumentException>(() => ReadAll(file, new AudioRequest(16000)));
        StringAssert.Contains(exception.Message, "1 Hz", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "16000 Hz", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_missing_file_and_a_folder_are_named()
    {
        Assert.ThrowsExactly<FileNotFoundException>(() =>
            AudioInfo.Read(Path.Combine(Path.GetTempPath(), "no such file.wav")));
        var exception = Assert.ThrowsExactly<FileNotFoundException>(() => AudioInfo.Read(Path.GetTempPath()));
        StringAssert.Contains(exception.Message, "folder", StringComparison.Ordinal);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [Timeout(60_000, CooperativeCancellation = true)]
    public void Pipes_devices_and_links_to_nothing_are_errors_without_waiting()
    {
        using var folder = new TemporaryFolder();
        string pipe = folder.File("pipe.wav");
        using (Process process = Process.Start("mkfifo", [pipe]))
        {
            process.WaitForExit();
            Assert.AreEqual(0, process.ExitCode);
        }

        string link = folder.File("link.wav");
        File.CreateSymbolicLink(link, pipe);
        foreach (string path in new[] { pipe, link, "/dev/zero", "/dev/null" })
        {
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioInfo.Read(path));
            string kind = path == pipe || path == link ? "pipe" : "device";
            StringAssert.Contains(exception.Message, $"'{path}' is a {kind}", StringComparison.Ordinal);
        }

        string loop = folder.File("loop.wav");
        string back = folder.File("back.wav");
        File.CreateSymbolicLink(loop, back);
        File.CreateSymbolicLink(back, loop);
        var looped = Assert.ThrowsExactly<FileNotFoundException>(() => AudioInfo.Read(loop));
        StringAssert.Contains(looped.Message, loop, StringComparison.Ordinal);

        // A link to a recording is as good as the recording.
        string wav = folder.File("a.wav");
        File.WriteAllBytes(wav, WavBuilder.Pcm16(8000, 1, 2, 3));
        string good = folder.File("good.wav");
        File.CreateSymbolicLink(good, wav);
        Assert.AreEqual(3, AudioInfo.Read(good).Length);
    }

    private static float[] ReadAll(byte[] file, AudioRequest? request = null) =>
        ReadAll(AudioDecoder.Open(file, "memory"), request ?? new AudioRequest());

    private static float[] ReadAll(AudioDecoder decoder, AudioRequest request)
    {
        using AudioReader stream = AudioReader.Open(decoder, request);
        return stream.ReadToEnd();
    }
}
