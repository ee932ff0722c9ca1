using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Tests.Audio;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

/// <summary>
/// Clips that are longer than the front end's target length: no more is read than is used, and cutting is told.
/// </summary>
[TestClass]
public sealed class LongClipTests
{
    private const int Rate = 16000;
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    /// <summary>What no one hears may even be no number: it is not decoded. At the file's rate, and resampled.</summary>
    [TestMethod]
    [DataRow(16000)]
    [DataRow(44100)]
    public void A_loader_of_features_reads_no_more_than_it_uses(int fileRate)
    {
        float[] heard = Signals.Noise(fileRate * 2, seed: 1);
        var unheard = new float[fileRate * 2];
        Array.Fill(unheard, float.NaN);
        string path = Write("long.wav", fileRate, [.. heard, .. unheard]);
        string whole = Write("whole.wav", fileRate, [.. heard, .. new float[fileRate]]);

        float[] expected = new LogMelExtractor(FrontEnd()).Extract(AudioFile(whole));
        float[][] features = Features("LoadLogMel", path, whole);

        CollectionAssert.AreEqual(expected, features[0]);
        CollectionAssert.AreEqual(expected, features[1]);
    }

    /// <summary>Lengths by hand: of 4 s and 3 s, 1 s is heard; 1 s and a sample less than a hop are heard whole.</summary>
    [TestMethod]
    [DataRow("LoadLogMel")]
    [DataRow("LoadLogMel from a cache")]
    [DataRow("ExtractLogMel")]
    public void Cutting_is_told_once_with_clips_and_seconds(string transform)
    {
        string[] paths =
        [
            Write("4.wav", Rate, Signals.Noise(4 * Rate, seed: 1)),
            Write("3.wav", Rate, Signals.Noise(3 * Rate, seed: 2)),
            Write("1.wav", Rate, Signals.Noise(Rate + 159, seed: 3)),
            Write("0.wav", Rate, Signals.Noise(Rate / 2, seed: 4)),
        ];

        Features(transform, paths);
        if (transform == "LoadLogMel from a cache")
        {
            // Another run over the same folder computes nothing.
            _warnings.Clear();
            Features(transform, paths);
        }

        string column = transform == "ExtractLogMel" ? "Waveform" : "Path";
        string warning = Assert.ContainsSingle(_warnings);
        StringAssert.Contains(
            warning, $"2 of 4 clips in column '{column}' are longer than the 1 s", StringComparison.Ordinal);
        StringAssert.Contains(warning, "2 s of 7 s of them are heard", StringComparison.Ordinal);

        _warnings.Clear();
        Features(transform, paths[2..]);
        Assert.IsEmpty(_warnings);
    }

    /// <summary>A waveform can be read as a stream as long as nothing that holds values stands between.</summary>
    [TestMethod]
    public void Waveforms_are_streams_through_what_passes_them_on()
    {
        float[] samples = Signals.Noise(2 * Rate, seed: 1);
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = Write("a.wav", Rate, samples) }]);
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", Rate).Fit(data).Transform(data);
        IDataView passed = mlContext.Transforms.Conversion.MapValueToKey("Key", "Path")
            .Append(mlContext.Transforms.SelectColumns("Key", "Waveform")).Fit(loaded).Transform(loaded);

        CollectionAssert.AreEqual(samples, Stream(loaded, "Waveform"));
        CollectionAssert.AreEqual(samples, Stream(passed, "Waveform"));
        Assert.IsNull(Stream(mlContext.Transforms.CopyColumns("Copy", "Waveform").Fit(loaded).Transform(loaded), "Copy"));
        Assert.IsNull(Stream(mlContext.Data.Cache(loaded), "Waveform"));
        Assert.IsNull(Stream(data, "Path"));
    }

    private static float[]? Stream(IDataView view, string column)
    {
        using DataViewRowCursor cursor = RowGetters.OpenCursor(view, view.Schema, rand: null);
        if (WaveformStream.Find(cursor, view.Schema[column]) is not { } getter)
        {
            return null;
        }

        Assert.IsTrue(cursor.MoveNext());
        WaveformStream? stream = null;
        getter(ref stream);
        using (stream)
        {
            var samples = new float[3 * Rate];
            return samples[..stream!.Read(samples)];
        }
    }

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(Rate);
        options.TargetSamples = Rate;
        return options;
    }

    private static float[] AudioFile(string path)
    {
        using AudioReader reader = AudioReader.Open(path, Rate);
        return reader.ReadToEnd();
    }

    private string Write(string name, int rate, float[] samples)
    {
        byte[] bytes = new WavBuilder { FormatTag = 3, Bits = 32, SampleRate = (uint)rate }
            .Build(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(samples).ToArray());
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }

    private float[][] Features(string transform, params string[] paths)
    {
        var mlContext = new MLContext();
        mlContext.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Warning)
            {
                _warnings.Add(entry.Message);
            }
        };
        IDataView data = mlContext.Data.LoadFromEnumerable(paths.Select(path => new Clip { Path = path }));
        IEstimator<ITransformer> pipeline = transform != "ExtractLogMel"
            ? mlContext.Transforms.LoadLogMel(
                "Features", "Path", FrontEnd(), transform == "LoadLogMel" ? null : _folder.File("cache"))
            : mlContext.Transforms.LoadAudio("Waveform", "Path", Rate)
                .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", FrontEnd()));
        IDataView features = pipeline.Fit(data).Transform(data);

        // Two passes over one view tell the same once.
        _ = features.GetColumn<float[]>("Features").Count();
        return [.. features.GetColumn<float[]>("Features")];
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";
    }
}
