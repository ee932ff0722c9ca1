using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Tests.Audio;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

/// <summary>What becomes of rows whose files are damaged, missing, empty, or no audio.</summary>
[TestClass]
public sealed class DamagedAudioTests
{
    private const int Whole = 8000;
    private const int Cut = 5000;

    private static readonly string[] s_names = ["good.wav", "cut.wav", "missing.wav", "empty.wav", "text.wav", "same.wav"];

    private readonly List<string> _told = [];

    [TestMethod]
    public void By_default_each_is_an_error_that_names_file_and_row()
    {
        using TemporaryFolder folder = CreateFiles();
        MLContext mlContext = CreateContext();
        for (int row = 1; row <= 4; row++)
        {
            IDataView loaded = Load(mlContext, folder, DamagedAudio.Error, s_names[row]);
            Exception exception = Assert.Throws<Exception>(() => loaded.GetColumn<float[]>("Waveform").ToArray());
            Assert.IsTrue(exception is InvalidDataException or FileNotFoundException, exception.GetType().Name);
            StringAssert.Contains(exception.Message, s_names[row], StringComparison.Ordinal);
            StringAssert.Contains(exception.Message, "row 0", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void Skip_leaves_rows_out_and_tells_how_many()
    {
        using TemporaryFolder folder = CreateFiles();
        MLContext mlContext = CreateContext();
        IDataView loaded = Load(mlContext, folder, DamagedAudio.Skip, s_names);
        Assert.IsNull(loaded.GetRowCount());

        // Whether the waveform is asked for or not, the rows are the same.
        CollectionAssert.AreEqual(new[] { "good.wav", "same.wav" }, loaded.GetColumn<string>("Path").ToArray());
        Assert.HasCount(1, _told);
        StringAssert.Contains(_told[0], "4 of 6 rows are left out", StringComparison.Ordinal);
        StringAssert.Contains(_told[0], "cut.wav' is damaged at 0.625 s", StringComparison.Ordinal);
        float[][] waveforms = [.. loaded.GetColumn<float[]>("Waveform")];
        Assert.HasCount(2, waveforms);
        Assert.HasCount(Whole, waveforms[0]);
        CollectionAssert.AreEqual(waveforms[0], waveforms[1]);
        Assert.HasCount(1, _told);
    }

    [TestMethod]
    public void Warn_gives_what_there_is_and_names_each_file_once()
    {
        using TemporaryFolder folder = CreateFiles();
        MLContext mlContext = CreateContext();
        IDataView loaded = Load(mlContext, folder, DamagedAudio.Warn, s_names);
        for (int pass = 0; pass < 2; pass++)
        {
            int[] lengths = [.. loaded.GetColumn<float[]>("Waveform").Select(waveform => waveform.Length)];
            CollectionAssert.AreEqual(new[] { Whole, Cut, Whole }, lengths);
        }

        foreach (string name in s_names[1..5])
        {
            Assert.HasCount(1, _told.Where(told => told.Contains(name, StringComparison.Ordinal)
                && !told.Contains("rows are left out", StringComparison.Ordinal)).ToArray(), name);
        }
    }

    /// <summary>A wrong option is no fault of a recording: with it, all rows would be left out.</summary>
    [TestMethod]
    [DataRow(3, 0f, "channel 3")]
    [DataRow(-1, float.NaN, "column 'Seconds' is NaN")]
    public void A_wrong_request_is_an_error_whatever_becomes_of_damaged_files(int channel, float seconds, string expected)
    {
        using TemporaryFolder folder = CreateFiles();
        MLContext mlContext = CreateContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new TimedRow { Path = "good.wav", Seconds = seconds }]);
        var options = new AudioLoadingEstimator.Options
        {
            Folder = folder.Path, Damaged = DamagedAudio.Skip, Channel = channel, DurationColumnName = "Seconds",
        };
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", options).Fit(data).Transform(data);

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => loaded.GetColumn<float[]>("Waveform").ToArray());

        StringAssert.Contains(exception.Message, expected, StringComparison.Ordinal);
    }

    /// <summary>Several rows can be parts of one file.</summary>
    [TestMethod]
    public void Warn_names_a_file_of_several_rows_once()
    {
        using TemporaryFolder folder = CreateFiles();
        string[] names = ["missing.wav", "good.wav", "text.wav", "missing.wav", "text.wav", "cut.wav", "cut.wav"];
        IDataView loaded = Load(CreateContext(), folder, DamagedAudio.Warn, names);

        Assert.HasCount(3, loaded.GetColumn<float[]>("Waveform").ToArray());

        string[] files = [.. _told.Where(told => !told.Contains("rows are left out", StringComparison.Ordinal))];
        Assert.HasCount(3, files, string.Join('\n', files));
        foreach (string name in names.Except(["good.wav"]))
        {
            Assert.ContainsSingle(files.Where(told => told.Contains(name, StringComparison.Ordinal)), name);
        }
    }

    /// <summary>Rows are tried as streams where no one wants the waveforms; the verdict is the same, with file.</summary>
    [TestMethod]
    public void A_row_is_left_out_for_the_same_reason_whether_its_waveform_is_asked_for_or_not()
    {
        using TemporaryFolder folder = CreateFiles();
        float[] samples = new float[50000];
        samples[40000] = float.NaN;
        byte[] bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(samples).ToArray();
        var floats = new WavBuilder { FormatTag = 3, Bits = 32, SampleRate = 8000 };
        File.WriteAllBytes(folder.File("nan.wav"), floats.Build(bytes));
        File.WriteAllBytes(folder.File("none.wav"), floats.Build([]));
        string[] names = [.. s_names, "nan.wav", "none.wav"];
        SkippedRow[] Skipped(string column)
        {
            IDataView loaded = Load(CreateContext(), folder, DamagedAudio.Skip, names);
            using (DataViewRowCursor cursor = loaded.GetRowCursor([loaded.Schema[column]]))
            {
                Delegate getter = column == "Path"
                    ? cursor.GetGetter<ReadOnlyMemory<char>>(loaded.Schema[column])
                    : cursor.GetGetter<VBuffer<float>>(loaded.Schema[column]);
                Assert.IsNotNull(getter);
                while (cursor.MoveNext())
                {
                }
            }

            return SkippedRow.Of(loaded.Schema["Waveform"]);
        }

        SkippedRow[] tried = Skipped("Path");

        int[] expected = [1, 2, 3, 4, 6, 7];
        CollectionAssert.AreEqual(
            expected.Select(row => ((long)row, folder.File(names[row]))).ToArray(),
            tried.Select(row => (row.Row, row.File)).ToArray());
        StringAssert.Contains(tried[4].Reason, "sample 40000 of channel 0 is NaN", StringComparison.Ordinal);
        CollectionAssert.AreEqual(Skipped("Waveform"), tried);
    }

    [TestMethod]
    public void Features_of_damaged_files_are_left_out_as_well_and_not_cached()
    {
        using TemporaryFolder folder = CreateFiles();
        MLContext mlContext = CreateContext();
        var options = new LogMelLoadingEstimator.Options { CacheFolder = folder.File("cache") };
        options.Loading.Folder = folder.Path;
        int Rows(DamagedAudio damaged)
        {
            options.Loading.Damaged = damaged;
            IDataView data = CreateData(mlContext, s_names);
            IDataView loaded = mlContext.Transforms.LoadLogMel("Features", "Path", options).Fit(data).Transform(data);
            return loaded.GetColumn<float[]>("Features").Count();
        }

        Assert.AreEqual(3, Rows(DamagedAudio.Warn));
        Assert.HasCount(1, Directory.GetFiles(folder.File("cache"), "*.features", SearchOption.AllDirectories));
        Assert.AreEqual(2, Rows(DamagedAudio.Skip));
    }

    [TestMethod]
    public void The_option_is_saved_with_the_model()
    {
        using TemporaryFolder folder = CreateFiles();
        MLContext mlContext = CreateContext();
        IDataView data = CreateData(mlContext, s_names);
        ITransformer model = mlContext.Transforms.LoadAudio(
            "Waveform",
            "Path",
            new AudioLoadingEstimator.Options { Folder = folder.Path, Damaged = DamagedAudio.Skip }).Fit(data);
        mlContext.Model.Save(model, data.Schema, folder.File("model.zip"));
        ITransformer loaded = mlContext.Model.Load(folder.File("model.zip"), out _);
        Assert.HasCount(2, loaded.Transform(data).GetColumn<float[]>("Waveform").ToArray());
    }

    private static TemporaryFolder CreateFiles()
    {
        var folder = new TemporaryFolder();
        byte[] wav = WavBuilder.Pcm16(8000, [.. Enumerable.Range(0, Whole).Select(i => (short)(i * 37 % 20000))]);
        File.WriteAllBytes(folder.File("good.wav"), wav);
        File.WriteAllBytes(folder.File("same.wav"), wav);
        File.WriteAllBytes(folder.File("cut.wav"), wav[..(44 + (2 * Cut))]);
        File.WriteAllText(folder.File("empty.wav"), "");
        File.WriteAllText(folder.File("text.wav"), string.Join(' ', Enumerable.Repeat("This is no audio.", 100)));
        return folder;
    }

    private static IDataView CreateData(MLContext mlContext, params string[] names) =>
        mlContext.Data.LoadFromEnumerable(names.Select(name => new Row { Path = name }));

    private static IDataView Load(MLContext mlContext, TemporaryFolder folder, DamagedAudio damaged, params string[] names)
    {
        IDataView data = CreateData(mlContext, names);
        var options = new AudioLoadingEstimator.Options { Folder = folder.Path, Damaged = damaged };
        return mlContext.Transforms.LoadAudio("Waveform", "Path", options).Fit(data).Transform(data);
    }

    private MLContext CreateContext()
    {
        var mlContext = new MLContext();
        mlContext.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
            {
                _told.Add(message.Message);
            }
        };
        return mlContext;
    }

    private sealed class TimedRow
    {
        public string Path { get; set; } = "";

        public float Seconds { get; set; }
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";
    }
}
