using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring.Embeddings;

[TestClass]
public sealed partial class AudioEmbeddingTests
{
    private const int SampleRate = 8000;
    private const int ModelSamples = 4000;

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void ALinearModelLearnsFromEmbeddings()
    {
        var mlContext = new MLContext(seed: 1);
        var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.ExtractAudioEmbedding("Features", "Waveform", Options()))
            .Append(mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy());

        ITransformer model = pipeline.Fit(mlContext.Data.LoadFromEnumerable(Clips(24, seed: 1)));

        IDataView scored = model.Transform(mlContext.Data.LoadFromEnumerable(Clips(20, seed: 2)));
        Assert.AreEqual(1, mlContext.MulticlassClassification.Evaluate(scored).MicroAccuracy, 1e-9);
    }

    [TestMethod]
    [DataRow(300)]
    [DataRow(2100)]
    [DataRow(ModelSamples)]
    public void AClipThatTheModelTakesIsEmbeddedWhole(int samples)
    {
        float[] waveform = Noise(samples, seed: 3);
        LogMelOptions frontEnd = FrontEnd();
        frontEnd.TargetSamples = 0;
        var extractor = new LogMelExtractor(frontEnd);
        using DisposeScope scope = NewDisposeScope();
        using AudioModel network = Network(Options());
        network.eval();
        Tensor features = tensor(extractor.Extract(waveform), [1, extractor.FrameCount(samples), extractor.Bands]);
        float[] expected = network.Embed(network.FromFeatures(features)).data<float>().ToArray();

        float[] actual = Embed(Options(), waveform);

        Assert.HasCount(16, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5);
        }
    }

    /// <summary>A file that LoadAudio reads as a stream, shorter and longer than a window.</summary>
    [TestMethod]
    public void AFileIsEmbeddedAsItsWaveform()
    {
        float[][] waveforms = [.. new[] { 10, 4000, 4001, 9001 }.Select((length, i) => Noise(length, i))];
        AudioEmbeddingOptions options = Options();
        using AudioEmbeddingTransformer transformer = Fit(options, waveforms[0], out _);
        var mlContext = new MLContext();
        IDataView files = mlContext.Data.LoadFromEnumerable(waveforms.Select((waveform, i) =>
        {
            AudioFile.Write(_folder.File($"{i}.wav"), waveform, SampleRate);
            return new Clip { Label = _folder.File($"{i}.wav") };
        }).ToArray());
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Label", SampleRate).Fit(files).Transform(files);

        float[][] embeddings = Column(transformer.Transform(loaded), "Embedding");

        for (int i = 0; i < waveforms.Length; i++)
        {
            CollectionAssert.AreEqual(Embed(options, waveforms[i]), embeddings[i], $"clip {i}");
        }
    }

    [TestMethod]
    public void AClipTooShortForAPatchIsPadded()
    {
        float[] embedding = Embed(Options(), Noise(10, seed: 3));

        Assert.HasCount(16, embedding);
        Assert.IsTrue(embedding.All(float.IsFinite));
    }

    [TestMethod]
    public void ALongRecordingIsTheMeanOfItsWindows()
    {
        float[] waveform = Noise(9001, seed: 4);
        AudioEmbeddingOptions windows = Options();
        windows.Kind = AudioEmbeddingKind.Timestamped;
        windows.WindowMilliseconds = 500;
        windows.HopMilliseconds = 125;
        float[] each = Embed(windows, waveform, out float[] times);
        Assert.HasCount(10, times);

        float[] actual = Embed(Options(), waveform);

        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(each.Where((_, index) => index % 16 == i).Average(), actual[i], 1e-5);
        }
    }

    [TestMethod]
    public void TimestampsAreTheCentersOfTheWindows()
    {
        AudioEmbeddingOptions options = Options();
        options.Kind = AudioEmbeddingKind.Timestamped;

        float[] embeddings = Embed(options, Noise(SampleRate, seed: 5), out float[] times);

        CollectionAssert.AreEqual(Enumerable.Range(0, 21).Select(i => 50f * i).ToArray(), times);
        Assert.HasCount(21 * 16, embeddings);
        Assert.IsFalse(embeddings[..16].SequenceEqual(embeddings[16..32]));
    }

    [TestMethod]
    public void TheBatchSizeChangesNothingButRounding()
    {
        AudioEmbeddingOptions options = Options();
        options.Kind = AudioEmbeddingKind.Timestamped;
        float[] waveform = Noise(3000, seed: 5);
        float[] expected = Embed(options, waveform, out _);
        options.Model.ScoringBatchSize = 3;

        float[] actual = Embed(options, waveform, out _);

        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5);
        }
    }

    [TestMethod]
    public void BeyondTheEndsTheWaveformIsMirrored()
    {
        var windows = new EmbeddingWindows(Length: 4, Hop: 2, SampleRate: 2);
        float[] waveform = [0, 1, 2, 3, 4];
        float[] Window(int index)
        {
            var samples = new float[4];
            windows.Fill(waveform, index, samples);
            return samples;
        }

        Assert.AreEqual(3, windows.Count(waveform.Length));
        CollectionAssert.AreEqual(new float[] { 2, 1, 0, 1 }, Window(0));
        CollectionAssert.AreEqual(new float[] { 0, 1, 2, 3 }, Window(1));
        CollectionAssert.AreEqual(new float[] { 2, 3, 4, 3 }, Window(2));
        Assert.AreEqual(2000, windows.Center(2));
        waveform = [7];
        CollectionAssert.AreEqual(new float[] { 7, 7, 7, 7 }, Window(0));
    }

    [TestMethod]
    public void AModelOfOneLengthSeesShorterClipsPadded()
    {
        AudioEmbeddingOptions options = Options(new AstOptions
        {
            Config = { PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 16, Depth = 1, Heads = 2 },
        });
        float[] waveform = Noise(1000, seed: 6);
        float[] padded = new float[ModelSamples];
        waveform.CopyTo(padded, 0);

        float[] actual = Embed(options, waveform);

        Assert.IsFalse(actual.SequenceEqual(Embed(options, Noise(1000, seed: 7))));
        float[] expected = Embed(options, padded);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-4);
        }
    }

    [TestMethod]
    public void ALoadedTransformerEmbedsTheSameToTheBit()
    {
        foreach (AudioEmbeddingKind kind in Enum.GetValues<AudioEmbeddingKind>())
        {
            var mlContext = new MLContext(seed: 1);
            AudioEmbeddingOptions options = Options();
            options.Kind = kind;
            IDataView data = mlContext.Data.LoadFromEnumerable(Clips(3, seed: 1));
            using AudioEmbeddingTransformer transformer =
                mlContext.Transforms.ExtractAudioEmbedding("Embedding", "Waveform", options).Fit(data);
            string path = _folder.File($"{kind}.zip");
            mlContext.Model.Save(transformer, data.Schema, path);

            // The file of weights is no longer needed.
            File.Delete(options.Model.PretrainedWeights!);
            ITransformer loaded = new MLContext().RegisterAudioTransformers().Model.Load(path, out _);

            float[][] expected = Column(transformer.Transform(data), "Embedding");
            float[][] actual = Column(loaded.Transform(data), "Embedding");
            Assert.IsTrue(expected.Zip(actual).All(pair => pair.First.SequenceEqual(pair.Second)), $"{kind}");

            transformer.Dispose();
            Assert.ThrowsExactly<ObjectDisposedException>(() => mlContext.Model.Save(transformer, data.Schema, Stream.Null));
        }
    }

    [TestMethod]
    public void TheSchemaIsKnownBeforeAndAfterFitting()
    {
        var mlContext = new MLContext(seed: 1);
        AudioEmbeddingOptions options = Options();
        options.Kind = AudioEmbeddingKind.Timestamped;
        options.TimestampsColumnName = "Milliseconds";
        IDataView data = mlContext.Data.LoadFromEnumerable(Clips(1, seed: 1));
        AudioEmbeddingEstimator estimator = mlContext.Transforms.ExtractAudioEmbedding("Embedding", "Waveform", options);
        using AudioEmbeddingTransformer transformer = estimator.Fit(data);

        DataViewSchema schema = transformer.GetOutputSchema(data.Schema);

        Assert.AreEqual(16, transformer.EmbeddingLength);
        var type = (VectorDataViewType)schema["Embedding"].Type;
        Assert.IsFalse(type.IsKnownSize);
        CollectionAssert.AreEqual(new[] { 0, 16 }, type.Dimensions.ToArray());
        Assert.AreEqual(NumberDataViewType.Single, ((VectorDataViewType)schema["Milliseconds"].Type).ItemType);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.Transforms.ExtractAudioEmbedding("Embedding", "Label", options).Fit(data));
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        void AssertNames(string option, Action<AudioEmbeddingOptions> change)
        {
            AudioEmbeddingOptions options = Options();
            change(options);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().Transforms.ExtractAudioEmbedding("Embedding", "Waveform", options));
            StringAssert.Contains(error.Message, option);
        }

        AssertNames("Model.PretrainedWeights", options => options.Model.PretrainedWeights = null);
        AssertNames("Model.FrontEnd", options => options.Model.FrontEnd = null);
        AssertNames("WindowMilliseconds", options => options.WindowMilliseconds = 501);
        AssertNames("WindowMilliseconds", options => options.WindowMilliseconds = 0);
        AssertNames("HopMilliseconds", options => options.HopMilliseconds = -1);
        AssertNames("Kind", options => options.Kind = (AudioEmbeddingKind)7);
        AssertNames("TimestampsColumnName", options => options.TimestampsColumnName = "");
    }

    [TestMethod]
    public void AMissingFileAndAFaultyRowAreNamed()
    {
        AudioEmbeddingOptions options = Options();
        float[] waveform = Noise(500, seed: 1);
        waveform[77] = float.NaN;
        var row = Assert.ThrowsExactly<InvalidDataException>(() => Embed(options, waveform));
        StringAssert.Contains(row.Message, "'Waveform', row 0");
        StringAssert.Contains(row.Message, "77");
        Assert.ThrowsExactly<InvalidDataException>(() => Embed(options, []));

        options.Model.PretrainedWeights = _folder.File("missing.pt");
        Assert.ThrowsExactly<FileNotFoundException>(() => Embed(options, Noise(500, seed: 1)));
    }

    [TestMethod]
    public void EmbeddingGivesAllTensorsBack()
    {
        using AudioEmbeddingTransformer transformer = Fit(Options(), Noise(5000, seed: 1), out IDataView data);

        LeakCheck.NoGrowth(
            () => LiveTensors.Count, () => Column(transformer.Transform(data), "Embedding"), steps: 20, warmUp: 1);
    }

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(SampleRate);
        options.MelBins = 16;
        options.TargetSamples = ModelSamples;
        return options;
    }

    private AudioEmbeddingOptions Options(AudioTrainerOptions? model = null)
    {
        model ??= new PasstOptions
        {
            Config = { PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 16, Depth = 1, Heads = 2 },
        };
        model.FrontEnd = FrontEnd();
        model.PretrainedWeights = _folder.File($"{model.GetType().Name}.safetensors");
        var options = new AudioEmbeddingOptions { Model = model };
        using AudioModel network = Network(options);
        ModuleWeights.Save(network, model.PretrainedWeights);
        return options;
    }

    private static AudioModel Network(AudioEmbeddingOptions options) => TinyModel.Build(
        options.Model, new FeatureShape(51, 16), EmbeddingModelDescription.Classes, seed: 5);

    private static float[] Embed(AudioEmbeddingOptions options, float[] waveform)
    {
        using AudioEmbeddingTransformer transformer = Fit(options, waveform, out IDataView data);
        return Column(transformer.Transform(data), "Embedding").Single();
    }

    private static float[] Embed(AudioEmbeddingOptions options, float[] waveform, out float[] times)
    {
        using AudioEmbeddingTransformer transformer = Fit(options, waveform, out IDataView data);
        times = Column(transformer.Transform(data), "Timestamps").Single();
        return Column(transformer.Transform(data), "Embedding").Single();
    }

    private static AudioEmbeddingTransformer Fit(AudioEmbeddingOptions options, float[] waveform, out IDataView data)
    {
        var mlContext = new MLContext(seed: 1);
        data = mlContext.Data.LoadFromEnumerable(new[] { new Clip { Waveform = waveform } });
        return mlContext.Transforms.ExtractAudioEmbedding("Embedding", "Waveform", options).Fit(data);
    }

    private static float[][] Column(IDataView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> value = default;
        List<float[]> rows = [];
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add(value.DenseValues().ToArray());
        }

        return [.. rows];
    }

    private static Clip[] Clips(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new Clip
        {
            Label = i % 2 == 0 ? "low" : "high",
            Waveform = Tone(i % 2 == 0 ? 300 : 2500, 3000 + random.Next(3000), random),
        })];
    }

    private static float[] Tone(double frequency, int samples, Random random) =>
        [.. Enumerable.Range(0, samples).Select(i =>
            (float)(Math.Sin(2 * Math.PI * frequency * i / SampleRate) + (0.1 * random.NextDouble())))];

    private static float[] Noise(int samples, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, samples).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
