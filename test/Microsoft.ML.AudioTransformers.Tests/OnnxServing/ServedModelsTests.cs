using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Onnx;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.OnnxServing;

/// <summary>Exported models on ONNX Runtime give what the transformers give that were exported.</summary>
[TestClass]
public sealed class ServedModelsTests
{
    private const double OfFeatures = 1e-4;
    private const double OfWaveforms = 1e-3;

    private static readonly OnnxExportOptions s_features = new() { Input = OnnxModelInput.Features };

    public static IEnumerable<object[]> Tasks => ModelContractTests.Tasks;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void GivesTheColumnsOfTheModel(string family, string task)
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        IDataView view = ContractTraining.View(mlContext, ContractClip.Make(ContractTraining.ClipCount));
        (_, Func<MLContext, IEstimator<ITransformer>> create) =
            ContractTraining.OfTask(task, OnnxExportTests.Of(family));
        ITransformer model = create(mlContext).Fit(view);
        using var disposable = (IDisposable)model;
        string path = folder.File("model.onnx");

        Save(model, path, s_features);
        using (OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path))
        {
            ServedColumns.AssertSame(model, served, view, OfFeatures);
            Assert.AreEqual(task == "events" ? "sound events" : task, served.Task);
        }

        Save(model, path, null);
        using OnnxAudioTransformer ofWaveforms = mlContext.Transforms.ScoreAudioOnnx(path).Fit(view);
        ServedColumns.AssertSame(model, ofWaveforms, view, task == "events" ? OfFeatures : OfWaveforms);
    }

    /// <summary>Of clips of a column of features, of which a model without a front end was trained.</summary>
    [TestMethod]
    public void OfAColumnOfFeatures()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        IDataView view = TinyModel.Data(mlContext, count: 8);
        using var trained = (IDisposable)TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(view);
        AudioClassificationTransformer model =
            ((IEnumerable<ITransformer>)trained).OfType<AudioClassificationTransformer>().Single();
        string path = folder.File("model.onnx");
        model.SaveOnnx(path);
        using OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path, new() { BatchSize = 3 });

        ServedColumns.AssertSame(model, served, view, OfFeatures);
        Assert.ThrowsExactly<InvalidOperationException>(() => served.CreateStreamingClassifier(_ => { }));
        Assert.ThrowsExactly<InvalidOperationException>(() => served.Decoding);
        Assert.ThrowsExactly<InvalidOperationException>(() => served.CreateStreamingDetector("clip"));
    }

    [TestMethod]
    public void AnEnsembleWithItsOwnColumns()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        IDataView view = ContractTraining.View(mlContext, ContractClip.Make(4));
        AudioClassificationTransformer first = ContractTraining.Train(OnnxExportTests.Of("PaSST"));
        AudioClassificationTransformer second = ContractTraining.Train(OnnxExportTests.Of("AST"));
        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble([first, second]);
        string path = folder.File("ensemble.onnx");
        ensemble.SaveOnnx(path);
        using OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path);

        ServedColumns.AssertSame(ensemble, served, view, OfWaveforms);
    }

    /// <summary>
    /// Of clips shorter than a window, and longer, embedded whole or window by window, by files of features and of waveforms.
    /// </summary>
    [TestMethod]
    [DataRow("PaSST", AudioEmbeddingKind.Scene)]
    [DataRow("HTS-AT", AudioEmbeddingKind.Scene)]
    [DataRow("AST", AudioEmbeddingKind.Timestamped)]
    [DataRow("DATAR", AudioEmbeddingKind.Scene)]
    public void Embeddings(string family, AudioEmbeddingKind kind)
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        string weights = folder.File("weights.safetensors");
        using (AudioClassificationTransformer trained =
            ContractTraining.Train(OnnxExportTests.Of(family), options => options.Epochs = 1))
        {
            trained.Model.SaveSafetensors(weights);
        }

        AudioTrainerOptions options = OnnxExportTests.Of(family).CreateSmall(ContractClip.SampleRate);
        options.PretrainedWeights = weights;
        float[] waveform = ContractClip.Make(1)[0].Features;
        IDataView view = mlContext.Data.LoadFromEnumerable(new[] { waveform, waveform[..3000], [.. waveform, .. waveform] }
            .Select(clip => new ContractClip { Features = clip }));
        using AudioEmbeddingTransformer embedder = mlContext.Transforms
            .ExtractAudioEmbedding("Embedding", "Features", new AudioEmbeddingOptions { Model = options, Kind = kind }).Fit(view);
        string path = folder.File("embedder.onnx");
        foreach (OnnxExportOptions? of in new[] { s_features, null })
        {
            embedder.SaveOnnx(path, of);
            using OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path, new() { BatchSize = 3 });

            ServedColumns.AssertSame(embedder, served, view, OfFeatures);
            Assert.IsEmpty(served.ClassNames);
        }
    }

    /// <summary>Clips of several lengths in windows, and the same as streams, of features and of waveforms.</summary>
    [TestMethod]
    public void WindowsAndStreams()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        using AudioClassificationTransformer model = ContractTraining.Train(OnnxExportTests.Of("PaSST"), options =>
        {
            options.LongClips = LongClips.Windows;
            options.Windows = new WindowOptions { HopSeconds = 0.2, Pooling = WindowPooling.Maximum };
        });
        float[] waveform = [.. ContractClip.Make(5).SelectMany(clip => clip.Features)];
        IDataView view = mlContext.Data.LoadFromEnumerable(new[] { waveform, waveform[..3000], waveform[..9001] }
            .Select(clip => new ContractClip { Features = clip }));
        string path = folder.File("model.onnx");
        float[] expected = Streamed(model.CreateStreamingClassifier);
        foreach (OnnxExportOptions? options in new[] { s_features, null })
        {
            model.SaveOnnx(path, options);
            using OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path, new() { BatchSize = 4 });

            ServedColumns.AssertSame(model, served, view, OfWaveforms);
            GoldenAssert.Close(
                Array.ConvertAll(expected, value => (double)value),
                Array.ConvertAll(Streamed(served.CreateStreamingClassifier), value => (double)value),
                OfWaveforms, OfWaveforms, "stream");
        }

        float[] Streamed(Func<StreamedWindowReceiver, int, int, StreamingClassifier> create)
        {
            List<float> scores = [];
            StreamingClassifier stream = create(window => scores.AddRange(window.Scores), 0, 1);
            foreach (float[] block in waveform.Chunk(1234))
            {
                stream.Write(block);
            }

            stream.Finish();
            return [.. scores];
        }
    }

    /// <summary>
    /// Events of a recording longer than an image and of one shorter than the training clips: in a row, in a stream, and with
    /// other decoding options, by files of features and of waveforms.
    /// </summary>
    [TestMethod]
    [DataRow(OnnxModelInput.Features)]
    [DataRow(OnnxModelInput.Waveform)]
    public void EventsOfLongRecordings(OnnxModelInput input)
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        (_, Func<MLContext, IEstimator<ITransformer>> create) =
            ContractTraining.OfTask("events", OnnxExportTests.Of("HTS-AT"));
        using var model = (SoundEventDetectionTransformer)create(mlContext)
            .Fit(ContractTraining.View(mlContext, ContractClip.Make(ContractTraining.ClipCount)));
        model.Decoding = new EventDecodingOptions { Thresholds = [0.45], MedianFilterFrames = [3] };
        float[] waveform = [.. ContractClip.Make(9).SelectMany(clip => clip.Features)];
        IDataView view = mlContext.Data.LoadFromEnumerable(
            [new ContractClip { Features = waveform }, new ContractClip { Features = waveform[..3000] }]);
        string path = folder.File("model.onnx");
        model.SaveOnnx(path, new() { Input = input });
        using OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path);

        ServedColumns.AssertSame(model, served, view, OfFeatures);
        foreach (double threshold in new[] { 0.45, 0.5, 0.55 })
        {
            model.Decoding = served.Decoding = new EventDecodingOptions { Thresholds = [threshold] };
            ServedColumns.AssertSame(model, served, view, OfFeatures);
            StreamingSoundEventDetector stream = served.CreateStreamingDetector("clip");
            SoundEvent[] events = [.. stream.Write(waveform), .. stream.Finish()];
            StreamingSoundEventDetector other = model.CreateStreamingDetector("clip");
            SoundEvent[] expected = [.. other.Write(waveform), .. other.Finish()];
            CollectionAssert.AreEqual(
                expected.Select(item => (item.Label, item.Onset, item.Offset)).ToArray(),
                events.Select(item => (item.Label, item.Onset, item.Offset)).ToArray());
        }

        Assert.AreEqual(
            model.DetectEvents(view).GetColumn<double>("Onset").Count(),
            served.DetectEvents(view).GetColumn<double>("Onset").Count());
    }

    internal static void Save(ITransformer model, string path, OnnxExportOptions? options)
    {
        if (model is AudioModelTransformer clips)
        {
            clips.SaveOnnx(path, options);
            return;
        }

        ((SoundEventDetectionTransformer)model).SaveOnnx(path, options);
    }
}
