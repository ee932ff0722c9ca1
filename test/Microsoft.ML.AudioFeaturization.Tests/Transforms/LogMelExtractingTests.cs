using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Tests.Audio;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

[TestClass]
public sealed class LogMelExtractingTests
{
    [TestMethod]
    public void A_target_length_gives_a_known_size_and_annotations()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Waveform = Noise(16000, 1) }]);
        LogMelOptions options = LogMelOptions.CreatePasst(16000);
        options.TargetSamples = 16000;
        IDataView features = mlContext.Transforms.ExtractLogMel("Features", "Waveform", options)
            .Fit(data).Transform(data);
        DataViewSchema.Column column = features.Schema["Features"];
        CollectionAssert.AreEqual(new[] { 100, 128 }, ((VectorDataViewType)column.Type).Dimensions.ToArray());
        foreach ((string kind, int expected) in new[]
        {
            ("AudioSampleRate", 16000), ("AudioHopLength", 160), ("AudioFrames", 100), ("AudioBands", 128),
        })
        {
            int value = 0;
            column.Annotations.GetValue(kind, ref value);
            Assert.AreEqual(expected, value, kind);
        }

        ReadOnlyMemory<char> layout = default;
        column.Annotations.GetValue("AudioLayout", ref layout);
        Assert.AreEqual("FramesByBands", layout.ToString());
        CollectionAssert.AreEqual(
            new LogMelExtractor(options).Extract(Noise(16000, 1)), features.GetColumn<float[]>("Features").Single());
    }

    [TestMethod]
    public void Waveforms_at_each_file_s_own_rate_are_refused()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = "a.wav" }]);
        IDataView own = mlContext.Transforms.LoadAudio("Waveform", "Path").Fit(data).Transform(data);
        IDataView other = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 8000).Fit(data).Transform(data);

        Assert.Contains("own rate", Refused(own));
        Assert.Contains("8000 Hz", Refused(other));

        string Refused(IDataView view)
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mlContext.Transforms
                .ExtractLogMel("Features", "Waveform", LogMelOptions.CreatePasst(16000)).Fit(view).Transform(view)).Message;
            Assert.Contains("16000 Hz", message);
            return message;
        }
    }

    [TestMethod]
    public void Without_a_target_length_the_size_varies()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable(
            [new Clip { Waveform = Noise(8000, 1) }, new Clip { Waveform = Noise(16000, 2) }]);
        LogMelOptions options = LogMelOptions.CreateHtsAt(16000);
        options.TargetSamples = 0;
        IDataView features = mlContext.Transforms.ExtractLogMel("Features", "Waveform", options)
            .Fit(data).Transform(data);
        Assert.IsFalse(((VectorDataViewType)features.Schema["Features"].Type).IsKnownSize);
        CollectionAssert.AreEqual(
            new[] { 51 * 64, 101 * 64 }, features.GetColumn<float[]>("Features").Select(row => row.Length).ToArray());
    }

    [TestMethod]
    public void Fit_learns_the_normalization_of_the_training_set()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable(
            [new Clip { Waveform = Noise(8000, 1) }, new Clip { Waveform = Noise(11000, 2) }]);
        LogMelOptions options = LogMelOptions.Ast;
        options.TargetFrames = 0;
        options.LearnNormalization = true;
        options.NormalizationWidth = 1;
        float[] values = [.. mlContext.Transforms.ExtractLogMel("Features", "Waveform", options)
            .Fit(data).Transform(data)
            .GetColumn<float[]>("Features").SelectMany(row => row)];
        double mean = values.Average(value => (double)value);
        Assert.AreEqual(0, mean, 1e-5);
        Assert.AreEqual(1, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))), 1e-5);

        // Added frames do not count.
        options.TargetFrames = 200;
        float[] padded = [.. mlContext.Transforms.ExtractLogMel("Features", "Waveform", options)
            .Fit(data).Transform(data)
            .GetColumn<float[]>("Features").First()];
        CollectionAssert.AreEqual(values[..(48 * 128)], padded[..(48 * 128)]);
    }

    [TestMethod]
    public void Nothing_can_be_learned_from_no_rows_or_silence()
    {
        var mlContext = new MLContext();
        LogMelOptions options = LogMelOptions.Ast;
        options.LearnNormalization = true;
        LogMelExtractingEstimator estimator = mlContext.Transforms.ExtractLogMel("Features", "Waveform", options);
        foreach ((Clip[] clips, string reason) in new[]
        {
            (Array.Empty<Clip>(), "no rows"), ([new Clip { Waveform = new float[8000] }], "values are"),
        })
        {
            var exception = Assert.ThrowsExactly<InvalidDataException>(() =>
                estimator.Fit(mlContext.Data.LoadFromEnumerable(clips)));
            StringAssert.Contains(exception.Message, reason, StringComparison.Ordinal);
            StringAssert.Contains(exception.Message, "'Waveform'", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_waveform_of_another_rate_is_refused()
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip()]);
        var pipeline = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16000)
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", LogMelOptions.Passt));
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(data));
        StringAssert.Contains(exception.Message, "16000 Hz", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, "32000 Hz", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(0, "empty")]
    [DataRow(399, "needs 400")]
    public void A_waveform_that_does_not_fit_is_named_with_its_row(int samples, string reason)
    {
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable(
            [new Clip { Waveform = Noise(8000, 1) }, new Clip { Waveform = Noise(samples, 2) }]);
        IDataView features = mlContext.Transforms.ExtractLogMel("Features", "Waveform", LogMelOptions.Ast)
            .Fit(data).Transform(data);
        Exception exception = Assert.Throws<Exception>(() => features.GetColumn<float[]>("Features").Count());
        exception = exception as InvalidDataException ?? exception.InnerException!;
        StringAssert.Contains(exception.Message, "Column 'Waveform', row 1", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, reason, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_saved_pipeline_gives_the_same_features_in_a_new_process()
    {
        using var folder = new TemporaryFolder();
        string wav = folder.File("a.wav");
        short[] samples = Array.ConvertAll(Noise(22050, 7), sample => (short)(sample * 20000));
        File.WriteAllBytes(wav, WavBuilder.Pcm16(22050, samples));
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = wav }]);
        LogMelOptions options = LogMelOptions.CreateHtsAt(16000);
        options.LearnNormalization = true;
        options.HopLength = 200;
        var model = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 16000)
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", options))
            .Fit(data);
        mlContext.Model.Save(model, data.Schema, folder.File("model.zip"));
        Assert.AreEqual(FeaturesAsText(model.Transform(data)), FreshProcess.Run(LoadAndExtract, folder.Path));
    }

    private static string LoadAndExtract(string[] arguments)
    {
        string folder = arguments[0];
        MLContext mlContext = new MLContext().RegisterAudioFeaturization();
        ITransformer model = mlContext.Model.Load(Path.Combine(folder, "model.zip"), out _);
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = Path.Combine(folder, "a.wav") }]);
        return FeaturesAsText(model.Transform(data));
    }

    private static string FeaturesAsText(IDataView data)
    {
        float[] features = data.GetColumn<float[]>("Features").Single();
        Assert.IsNotEmpty(features);
        return Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(features.AsSpan()));
    }

    private static float[] Noise(int length, int seed)
    {
        var random = new Random(seed);
        var noise = new float[length];
        for (int i = 0; i < length; i++)
        {
            noise[i] = (random.NextSingle() - 0.5f) / 2;
        }

        return noise;
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
