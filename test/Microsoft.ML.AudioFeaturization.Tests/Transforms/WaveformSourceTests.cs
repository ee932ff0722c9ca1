using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

/// <summary>Windows of recordings, which are read when the cursor has left their rows.</summary>
[TestClass]
public sealed class WaveformSourceTests
{
    private const int Window = 300;

    /// <summary>To the bit, also where the rate is another one and the resampler begins in the middle.</summary>
    [TestMethod]
    [DataRow("pcm16.wav")]
    [DataRow("block-577.flac")]
    [DataRow("mp3-vbr.mp3")]
    [DataRow("case-two_parts.mp3")]
    [DataRow("vorbis-stereo.ogg")]
    [DataRow("flac-stereo.oga")]
    public void A_window_equals_the_slice_of_the_whole(string name)
    {
        string path = FixtureFiles.PathOf(name);
        foreach (int rate in new[] { 0, 48000, 32000, 11025 })
        {
            using AudioReader reader = AudioReader.Open(path, rate);
            float[] whole = reader.ReadToEnd();
            WaveformSource source = SourceOf(new AudioLoadingEstimator.Options { SampleRate = rate }, path);
            Assert.AreEqual(whole.Length, source.ReadLength());
            long last = whole.Length - Window;
            foreach (long start in new[] { 0, 1, last / 3, last / 2, (2 * last / 3) + 1, last - 1, last }.Distinct())
            {
                float[] window = source.ReadWindow(Window, most =>
                {
                    Assert.AreEqual(last, most);
                    return start;
                });
                CollectionAssert.AreEqual(whole[(int)start..((int)start + Window)], window, $"{rate} Hz from {start} on");
            }
        }
    }

    /// <summary>Offset and duration of the column say what the whole is.</summary>
    [TestMethod]
    public void A_window_lies_within_the_row_s_part_of_the_file()
    {
        string path = FixtureFiles.PathOf("case-two_parts.mp3");
        using AudioReader reader = AudioReader.Open(path, 16000, channel: 1, offset: 0.7, duration: 0.5);
        float[] whole = reader.ReadToEnd();
        Assert.HasCount(8000, whole);
        WaveformSource source = SourceOf(
            new AudioLoadingEstimator.Options { SampleRate = 16000, Channel = 1, Offset = 0.7, Duration = 0.5 }, path);

        CollectionAssert.AreEqual(whole[7300..7600], source.ReadWindow(Window, _ => 7300));
        CollectionAssert.AreEqual(whole, source.ReadWindow(8000, _ => throw new AssertFailedException()));
        CollectionAssert.AreEqual(whole, source.ReadShort(8000));
        Assert.IsNull(source.ReadShort(7999));
        Assert.AreEqual(8000, source.Check());
    }

    /// <summary>Of a minute, a second and what is read ahead, and where FLAC is searched: not a fifth.</summary>
    [TestMethod]
    [DataRow(AudioFileFormat.WavPcm16)]
    [DataRow(AudioFileFormat.Flac16)]
    public void No_more_is_read_than_the_window(AudioFileFormat format)
    {
        const int Rate = 16000;
        var random = new Random(1);
        float[] noise = [.. Enumerable.Range(0, 60 * Rate).Select(_ => random.NextSingle() - 0.5f)];
        using var file = new MemoryStream();
        AudioFile.Write(file, noise, Rate, format: format);
        foreach (int rate in new[] { Rate, 8000, 32000 })
        {
            using var counted = new CountedStream(file.ToArray());
            using AudioReader reader = AudioReader.Open(counted, rate);
            reader.Skip(40L * rate);
            Assert.AreEqual(rate, reader.Read(new float[rate]));
            Assert.IsLessThan(file.Length / 5, counted.Count);
        }
    }

    [TestMethod]
    public void A_recording_that_ends_early_is_an_error_or_read_as_far_as_it_goes()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("cut.flac");
        var random = new Random(1);
        AudioFile.Write(
            path, [.. Enumerable.Range(0, 80000).Select(_ => random.NextSingle() - 0.5f)], 16000, format: AudioFileFormat.Flac16);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 4)]);
        var options = new AudioLoadingEstimator.Options();

        // The header claims all samples: the beginning can be read, the middle cannot.
        Assert.HasCount(Window, SourceOf(options, path).ReadWindow(Window, _ => 0));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => SourceOf(options, path).ReadWindow(Window, _ => 50000));
        StringAssert.StartsWith(error.Message, "Column 'Path', row 0: '" + path, StringComparison.Ordinal);
        Assert.AreEqual(path, SkippedRow.FromException(0, error).File);

        // A window half way of what is claimed becomes one half way of what there is.
        options.Damaged = DamagedAudio.Warn;
        using AudioReader reader = AudioReader.Open(AudioDecoder.Open(path), new AudioRequest(), _ => { });
        float[] whole = reader.ReadToEnd();
        Assert.IsGreaterThan(10 * Window, whole.Length);
        Assert.IsLessThan(30000, whole.Length);
        long middle = (80000 - Window) / 2;
        int start = (whole.Length - Window) / 2;
        CollectionAssert.AreEqual(whole[start..(start + Window)], SourceOf(options, path).ReadWindow(Window, _ => middle));
    }

    [TestMethod]
    public void Only_waveforms_that_are_loaded_have_sources()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Row { Path = FixtureFiles.PathOf("pcm16.wav") }]);
        IDataView loaded = mlContext.Data.Cache(mlContext.Transforms.LoadAudio("Waveform", "Path").Fit(data).Transform(data));
        DataViewSchema.Column column = loaded.Schema["Waveform"];
        using DataViewRowCursor cursor = loaded.GetRowCursor([column]);
        Assert.IsNull(RowGetters.FindOther<WaveformSource>(cursor, column));
    }

    private static WaveformSource SourceOf(AudioLoadingEstimator.Options options, string path)
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Row { Path = path }, new Row { Path = "" }]);
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", options).Fit(data).Transform(data);
        DataViewSchema.Column column = loaded.Schema["Waveform"];
        using DataViewRowCursor cursor = loaded.GetRowCursor([column]);
        ValueGetter<WaveformSource> getter = RowGetters.FindOther<WaveformSource>(cursor, column)!;
        WaveformSource? source = null;
        Assert.IsTrue(cursor.MoveNext());
        getter(ref source!);
        WaveformSource first = source!;
        if (cursor.MoveNext())
        {
            getter(ref source!);
        }

        return first;
    }

    private sealed class CountedStream(byte[] bytes) : MemoryStream(bytes)
    {
        public long Count { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int read = base.Read(buffer);
            Count += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = base.Read(buffer, offset, count);
            Count += read;
            return read;
        }
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }
}
