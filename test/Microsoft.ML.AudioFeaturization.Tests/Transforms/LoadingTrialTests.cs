using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

/// <summary>
/// Where damaged recordings are left out, each is read before its row is given; what was read is not read again. The files are
/// deleted in between.
/// </summary>
[TestClass]
public sealed class LoadingTrialTests
{
    private const int Rate = 8000;

    [TestMethod]
    public void A_stream_has_the_samples_of_the_trial()
    {
        using TemporaryFolder folder = CreateFiles(20000, 1 << 14, 3);
        using DataViewRowCursor cursor = Open(folder, 3, out DataViewSchema.Column column);
        ValueGetter<WaveformStream?> getter = WaveformStream.Find(cursor, column)!;
        foreach (int length in new[] { 20000, 1 << 14, 3 })
        {
            Assert.IsTrue(cursor.MoveNext());
            float[] whole = Samples(folder, (int)cursor.Position);
            File.Delete(folder.File($"{cursor.Position}.wav"));
            WaveformStream? stream = null;
            getter(ref stream);
            using (stream)
            {
                var samples = new float[length + 1];
                Assert.AreEqual(length, stream!.Read(samples));
                CollectionAssert.AreEqual(whole, samples[..length]);
            }
        }

        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void A_source_has_the_samples_of_the_trial_once()
    {
        using TemporaryFolder folder = CreateFiles(20000, 10);
        using DataViewRowCursor cursor = Open(folder, 2, out DataViewSchema.Column column);
        ValueGetter<WaveformSource> getter = RowGetters.FindOther<WaveformSource>(cursor, column)!;
        Assert.IsTrue(cursor.MoveNext());
        float[] whole = Samples(folder, 0);
        WaveformSource first = null!;
        getter(ref first);
        WaveformSource second = null!;
        getter(ref second);
        Assert.IsTrue(cursor.MoveNext());
        File.Delete(folder.File("0.wav"));

        CollectionAssert.AreEqual(whole, first.ReadShort(20000));
        Assert.ThrowsExactly<FileNotFoundException>(() => first.ReadShort(20000));
        Assert.AreEqual(20000, second.Check());
        Assert.ThrowsExactly<FileNotFoundException>(() => second.Check());
    }

    /// <summary>Eight megabytes of samples and one sample: a stream reads them from the file.</summary>
    [TestMethod]
    public void A_long_recording_is_not_kept()
    {
        const int Length = (1 << 21) + 1;
        using TemporaryFolder folder = CreateFiles(Length);
        using DataViewRowCursor cursor = Open(folder, 1, out DataViewSchema.Column column);
        ValueGetter<WaveformStream?> getter = WaveformStream.Find(cursor, column)!;
        Assert.IsTrue(cursor.MoveNext());
        WaveformStream? stream = null;
        getter(ref stream);
        using (stream)
        {
            Assert.AreEqual(Length, stream!.Read(new float[Length + 1]));
        }

        File.Delete(folder.File("0.wav"));
        Assert.ThrowsExactly<FileNotFoundException>(() => getter(ref stream));
    }

    private static TemporaryFolder CreateFiles(params int[] lengths)
    {
        var folder = new TemporaryFolder();
        for (int i = 0; i < lengths.Length; i++)
        {
            var samples = new float[lengths[i]];
            for (int n = 0; n < samples.Length; n++)
            {
                samples[n] = (n * (i + 3) % 2001 / 2000f) - 0.5f;
            }

            AudioFile.Write(folder.File($"{i}.wav"), samples, Rate, format: AudioFileFormat.WavPcm16);
        }

        return folder;
    }

    private static float[] Samples(TemporaryFolder folder, int file)
    {
        using AudioReader reader = AudioReader.Open(folder.File($"{file}.wav"));
        return reader.ReadToEnd();
    }

    private static DataViewRowCursor Open(TemporaryFolder folder, int count, out DataViewSchema.Column column)
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, count).Select(i => new Row { Path = $"{i}.wav" }).ToArray());
        var options = new AudioLoadingEstimator.Options { Folder = folder.Path, Damaged = DamagedAudio.Skip };
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", options).Fit(data).Transform(data);
        column = loaded.Schema["Waveform"];
        return loaded.GetRowCursor([column]);
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }
}
