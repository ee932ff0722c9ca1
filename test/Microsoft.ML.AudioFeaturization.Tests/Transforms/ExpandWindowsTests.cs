using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Tests.Audio;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

/// <summary>One row a window: times by hand, samples as slices of the recording.</summary>
[TestClass]
public sealed class ExpandWindowsTests
{
    private const int Rate = 8000;
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    /// <summary>2.5 s, 0.5 s and 1 s in windows of 1 s, half a second apart: from files, and from memory.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Each_window_has_a_row_with_its_times_and_samples(bool fromFiles)
    {
        float[][] waveforms = [Noise(20000, 1), Noise(4000, 2), Noise(8000, 3)];
        (string Name, double Start, double End)[] expected =
        [
            ("a", 0, 1), ("a", 0.5, 1.5), ("a", 1, 2), ("a", 1.5, 2.5), ("b", 0, 0.5), ("c", 0, 1),
        ];

        IDataView rows = Expand(fromFiles, waveforms);

        Assert.IsNull(rows.GetRowCount());
        Row[] found = [.. new MLContext().Data.CreateEnumerable<Row>(rows, reuseRowObject: false)];
        CollectionAssert.AreEqual(expected, found.Select(row => (row.Name, row.Start, row.End)).ToArray());
        foreach (Row row in found)
        {
            float[] whole = waveforms[row.Name[0] - 'a'];
            CollectionAssert.AreEqual(whole[(int)(row.Start * Rate)..(int)(row.End * Rate)], row.Window);
        }
    }

    [TestMethod]
    public void Rows_have_positions_and_ids_of_their_own_and_other_columns_alone_can_be_read()
    {
        IDataView rows = Expand(fromFiles: true, [Noise(20000, 1), Noise(4000, 2), Noise(8000, 3)]);
        using DataViewRowCursor cursor = rows.GetRowCursor([rows.Schema["Name"]]);
        ValueGetter<DataViewRowId> getter = cursor.GetIdGetter();
        ValueGetter<ReadOnlyMemory<char>> name = cursor.GetGetter<ReadOnlyMemory<char>>(rows.Schema["Name"]);
        HashSet<DataViewRowId> ids = [];
        ReadOnlyMemory<char> value = default;
        DataViewRowId id = default;
        string names = "";
        for (long position = 0; cursor.MoveNext(); position++)
        {
            Assert.AreEqual(position, cursor.Position);
            getter(ref id);
            Assert.IsTrue(ids.Add(id));
            name(ref value);
            names += value;
        }

        Assert.AreEqual("aaaabc", names);
        Assert.IsFalse(cursor.MoveNext());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<double>(rows.Schema["Start"]));
    }

    /// <summary>Features of windows in the same pipeline, saved and loaded.</summary>
    [TestMethod]
    public void A_saved_pipeline_expands_as_before()
    {
        var mlContext = new MLContext();
        IDataView files = Files([Noise(20000, 1), Noise(4000, 2)]);
        LogMelOptions frontEnd = LogMelOptions.CreatePasst(Rate);
        frontEnd.TargetSamples = Rate;
        ITransformer model = mlContext.Transforms.LoadAudio("Waveform", "Path", Rate)
            .Append(mlContext.Transforms.ExpandWindows("Window", "Waveform", Options()))
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Window", frontEnd))
            .Fit(files);
        float[][] features = [.. model.Transform(files).GetColumn<float[]>("Features")];
        Assert.HasCount(5, features);
        CollectionAssert.AreEqual(new LogMelExtractor(frontEnd).Extract(Noise(20000, 1).AsSpan(4000, 8000)), features[1]);

        mlContext.Model.Save(model, files.Schema, _folder.File("model.zip"));
        ITransformer loaded = new MLContext().RegisterAudioFeaturization().Model.Load(_folder.File("model.zip"), out _);

        float[][] again = [.. loaded.Transform(files).GetColumn<float[]>("Features")];
        Assert.HasCount(5, again);
        for (int row = 0; row < 5; row++)
        {
            CollectionAssert.AreEqual(features[row], again[row]);
        }
    }

    /// <summary>Four minutes are 15 MB as a waveform, and read as a stream whatever becomes of damaged files.</summary>
    [TestMethod]
    [DataRow(DamagedAudio.Error)]
    [DataRow(DamagedAudio.Warn)]
    [DataRow(DamagedAudio.Skip)]
    public void A_long_recording_takes_flat_memory(DamagedAudio damaged)
    {
        const int LongRate = 16000;
        const int Seconds = 240;
        string path = _folder.File("long.wav");
        short[] samples = [.. Enumerable.Range(0, Seconds * LongRate).Select(i => (short)i)];
        File.WriteAllBytes(path, WavBuilder.Pcm16(LongRate, samples));
        var mlContext = new MLContext();
        IDataView files = mlContext.Data.LoadFromEnumerable(
            [new Clip { Path = path }, new Clip { Path = _folder.File("missing.wav") }]);
        if (damaged == DamagedAudio.Error)
        {
            files = mlContext.Data.TakeRows(files, 1);
        }

        var loading = new AudioLoadingEstimator.Options { SampleRate = LongRate, Damaged = damaged };
        var windowing = new WindowExpandingEstimator.Options
        {
            LengthSeconds = 1,
            Windows = new WindowOptions { HopFraction = 1 },
        };
        IDataView rows = mlContext.Transforms.LoadAudio("Waveform", "Path", loading)
            .Append(mlContext.Transforms.ExpandWindows("Window", "Waveform", windowing))
            .Fit(files).Transform(files);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int windows = 0;
        using (DataViewRowCursor cursor = rows.GetRowCursor([rows.Schema["Window"]]))
        {
            ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(rows.Schema["Window"]);
            VBuffer<float> window = default;
            while (cursor.MoveNext())
            {
                getter(ref window);
                windows++;
            }
        }

        Assert.AreEqual(Seconds, windows);
        Assert.IsLessThan(4_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Recordings_that_loading_leaves_out_are_listed_at_the_windows_and_their_features()
    {
        var mlContext = new MLContext();
        IDataView files = Files([Noise(20000, 1), Noise(4000, 2), Noise(8000, 3)]);
        File.Delete(_folder.File("1.wav"));
        LogMelOptions frontEnd = LogMelOptions.CreatePasst(Rate);
        frontEnd.TargetSamples = Rate;
        var loading = new AudioLoadingEstimator.Options { SampleRate = Rate, Damaged = DamagedAudio.Skip };
        IDataView rows = mlContext.Transforms.LoadAudio("Waveform", "Path", loading)
            .Append(mlContext.Transforms.ExpandWindows("Window", "Waveform", Options()))
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Window", frontEnd))
            .Fit(files).Transform(files);

        Assert.HasCount(5, rows.GetColumn<float[]>("Features").ToArray());
        foreach (string column in new[] { "Window", "Features" })
        {
            SkippedRow skipped = Assert.ContainsSingle(SkippedRow.Of(rows.Schema[column]), column);
            Assert.AreEqual((1L, _folder.File("1.wav")), (skipped.Row, skipped.File));
        }
    }

    [TestMethod]
    public void What_does_not_fit_is_named()
    {
        var mlContext = new MLContext();
        IDataView memory = mlContext.Data.LoadFromEnumerable([new Clip { Waveform = Noise(100, 1) }]);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.Transforms.ExpandWindows("Window", "Waveform").Fit(memory));
        StringAssert.Contains(error.Message, "option SampleRate", StringComparison.Ordinal);

        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", Rate).Fit(memory).Transform(memory);
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mlContext.Transforms.ExpandWindows(
            "Window", "Waveform", new WindowExpandingEstimator.Options { SampleRate = 16000 }).Fit(loaded));
        StringAssert.Contains(error.Message, "8000 Hz", StringComparison.Ordinal);

        var options = new WindowExpandingEstimator.Options { LengthSeconds = 0 };
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.Transforms.ExpandWindows("Window", "Waveform", options));
        StringAssert.Contains(error.Message, "LengthSeconds", StringComparison.Ordinal);
    }

    private static WindowExpandingEstimator.Options Options() => new()
    {
        LengthSeconds = 1,
        Windows = new WindowOptions { HopSeconds = 0.5 },
    };

    private static float[] Noise(int length, int seed) => Signals.Noise(length, seed);

    private IDataView Expand(bool fromFiles, float[][] waveforms)
    {
        var mlContext = new MLContext();
        WindowExpandingEstimator.Options options = Options();
        IDataView data = Files(waveforms);
        if (fromFiles)
        {
            data = mlContext.Transforms.LoadAudio("Waveform", "Path", Rate).Fit(data).Transform(data);
        }
        else
        {
            options.SampleRate = Rate;
        }

        return mlContext.Transforms.ExpandWindows("Window", "Waveform", options).Fit(data).Transform(data);
    }

    private IDataView Files(float[][] waveforms) => new MLContext().Data.LoadFromEnumerable(waveforms.Select((waveform, i) =>
    {
        string path = _folder.File(string.Create(CultureInfo.InvariantCulture, $"{i}.wav"));
        byte[] samples = System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(waveform).ToArray();
        File.WriteAllBytes(path, new WavBuilder { FormatTag = 3, Bits = 32, SampleRate = Rate }.Build(samples));
        return new Clip { Name = $"{(char)('a' + i)}", Path = path, Waveform = waveform };
    }).ToArray());

    private sealed class Clip
    {
        public string Name { get; set; } = "";

        public string Path { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public double Start { get; set; }

        public double End { get; set; }

        public float[] Window { get; set; } = [];
    }
}
