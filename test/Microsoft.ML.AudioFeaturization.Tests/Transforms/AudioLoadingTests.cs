using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Tests.Audio;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

[TestClass]
public sealed class AudioLoadingTests
{
    private static readonly short[] s_samples = [.. Enumerable.Range(0, 8000).Select(i => (short)(i * 37 % 20000))];

    [TestMethod]
    public void Paths_and_contents_give_the_same_resampled_waveform()
    {
        using var folder = new TemporaryFolder();
        byte[] wav = WavBuilder.Pcm16(8000, s_samples);
        File.WriteAllBytes(folder.File("a.wav"), wav);
        float[] expected = Resampler.Resample(Array.ConvertAll(s_samples, sample => sample / 32768f), 8000, 16000);

        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = folder.File("a.wav"), Content = wav }]);
        var pipeline = mlContext.Transforms.LoadAudio("FromPath", "Path", sampleRate: 16000)
            .Append(mlContext.Transforms.LoadAudio("FromContent", "Content", sampleRate: 16000));
        IDataView loaded = pipeline.Fit(data).Transform(data);
        Assert.IsFalse(((VectorDataViewType)loaded.Schema["FromPath"].Type).IsKnownSize);
        CollectionAssert.AreEqual(expected, loaded.GetColumn<float[]>("FromPath").Single());
        CollectionAssert.AreEqual(expected, loaded.GetColumn<float[]>("FromContent").Single());
    }

    [TestMethod]
    public void Columns_choose_a_window_of_each_row()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.wav"), WavBuilder.Pcm16(8000, s_samples));
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable(
        [
            new Clip { Path = "a.wav", Start = 0, Length = 0 },
            new Clip { Path = "a.wav", Start = 0.25f, Length = 0.5 },
        ]);
        var options = new AudioLoadingEstimator.Options
        {
            Folder = folder.Path,
            OffsetColumnName = "Start",
            DurationColumnName = "Length",
        };
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", options).Fit(data).Transform(data);
        float[][] waveforms = [.. loaded.GetColumn<float[]>("Waveform")];
        Assert.HasCount(8000, waveforms[0]);
        CollectionAssert.AreEqual(waveforms[0][2000..6000], waveforms[1]);
    }

    [TestMethod]
    public void A_bad_file_is_named_with_its_column_and_row()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("good.wav"), WavBuilder.Pcm16(8000, s_samples));
        File.WriteAllBytes(folder.File("cut.wav"), WavBuilder.Pcm16(8000, s_samples)[..30]);
        File.WriteAllText(folder.File("empty.wav"), "");
        foreach ((string name, Type type) in new[]
        {
            ("cut.wav", typeof(InvalidDataException)),
            ("empty.wav", typeof(InvalidDataException)),
            ("missing.wav", typeof(FileNotFoundException)),
            ("", typeof(InvalidDataException)),
        })
        {
            var mlContext = new MLContext();
            string path = name.Length == 0 ? "" : folder.File(name);
            IDataView data = mlContext.Data.LoadFromEnumerable(
                [new Clip { Path = folder.File("good.wav") }, new Clip { Path = path }]);
            IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path").Fit(data).Transform(data);
            Exception exception = Assert.Throws<Exception>(() => loaded.GetColumn<float[]>("Waveform").Count());
            while (exception.GetType() != type && exception.InnerException is not null)
            {
                exception = exception.InnerException;
            }

            Assert.IsInstanceOfType(exception, type);
            StringAssert.Contains(exception.Message, "Column 'Path', row 1", StringComparison.Ordinal);
            StringAssert.Contains(exception.Message, path, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void Nothing_is_read_before_the_waveform_is_asked_for()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = "missing.wav" }]);
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path").Fit(data).Transform(data);
        Assert.AreEqual("missing.wav", loaded.GetColumn<string>("Path").Single());
    }

    [TestMethod]
    public void Columns_that_do_not_fit_are_refused()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip()]);
        StringAssert.Contains(Refuse("Start").Message, "'Start'", StringComparison.Ordinal);
        StringAssert.Contains(Refuse("Nowhere").Message, "'Nowhere'", StringComparison.Ordinal);
        var options = new AudioLoadingEstimator.Options { OffsetColumnName = "Path" };
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            mlContext.Transforms.LoadAudio("Waveform", "Path", options).Fit(data));

        ArgumentOutOfRangeException Refuse(string column) =>
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                mlContext.Transforms.LoadAudio("Waveform", column).Fit(data));
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        var mlContext = new MLContext();
        foreach ((AudioLoadingEstimator.Options options, string name) in new[]
        {
            (new AudioLoadingEstimator.Options { SampleRate = -1 }, "SampleRate"),
            (new AudioLoadingEstimator.Options { Channel = -2 }, "Channel"),
            (new AudioLoadingEstimator.Options { Offset = double.NaN }, "Offset"),
            (new AudioLoadingEstimator.Options { Duration = -1 }, "Duration"),
            (new AudioLoadingEstimator.Options { Folder = "" }, "Folder"),
        })
        {
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
                mlContext.Transforms.LoadAudio("Waveform", "Path", options));
            StringAssert.Contains(exception.Message, name, StringComparison.Ordinal);
        }
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public byte[] Content { get; set; } = [];

        public float Start { get; set; }

        public double Length { get; set; }
    }
}
