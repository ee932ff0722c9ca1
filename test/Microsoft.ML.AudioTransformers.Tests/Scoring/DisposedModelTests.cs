using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

/// <summary>
/// A disposed model says so at every entry, and names what keeps it: PredictionEngineOptions.OwnsTransformer.
/// </summary>
[TestClass]
public sealed class DisposedModelTests
{
    private readonly MLContext _mlContext = new MLContext(seed: 1).RegisterAudioTransformers();

    [TestMethod]
    public void AnEngineThatOwnsItsModelLeavesItUnusableByName()
    {
        IDataView data = TinyModel.Data(_mlContext);
        ITransformer model = Train(data);
        IDataView scored = model.Transform(data);
        using (var owner = _mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(model))
        {
            owner.Predict(TinyClip.Make(1, 1, TinyModel.Classes)[0]);
        }

        IsNamed("Save", () => _mlContext.Model.Save(model, data.Schema, new MemoryStream()));
        using var folder = new TemporaryFolder();
        IsNamed("new file", () => _mlContext.Model.SaveAudioModel(model, data.Schema, folder.File("new.zip")));
        File.WriteAllText(folder.File("old.zip"), "old");
        IsNamed("old file", () => _mlContext.Model.SaveAudioModel(model, data.Schema, folder.File("old.zip")));
        Assert.AreEqual("old", File.ReadAllText(folder.File("old.zip")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        IsNamed("Transform", () => model.Transform(data));
        IsNamed("mapper", () => model.GetRowToRowMapper(data.Schema));
        IsNamed("schema", () => model.GetOutputSchema(data.Schema));
        IsNamed("engine", () => _mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(model));
        IsNamed("rows of an earlier view", () => TinyModel.Scores(scored));
        IsNamed("evaluation", () => _mlContext.AudioClassification().Evaluate(scored));
        var own = ((IEnumerable<ITransformer>)model).OfType<AudioClassificationTransformer>().Single();
        IsNamed("parameters", () => _ = own.Model.ParameterCount);
        IsNamed("weights", () => own.Model.SaveSafetensors(folder.File("unwritten.safetensors")));
        IsNamed("export", () => own.SaveOnnx(folder.File("unwritten.onnx")));
        IsNamed("precision", () => own.Precision = AudioPrecision.Float32);
        using AudioEnsembleTransformer ensemble = _mlContext.Model.CreateAudioEnsemble([model]);
        IsNamed("ensemble", () => ensemble.Transform(data));
        IsNamed("saved ensemble", () => _mlContext.Model.Save(ensemble, data.Schema, new MemoryStream()));
        IsNamed("exported ensemble", () => ensemble.SaveOnnx(folder.File("unwritten.onnx")));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    /// <summary>Of a model of waveforms, those that hear a stream, and what is drawn of a network.</summary>
    [TestMethod]
    public void StreamsAndPicturesAreNamedToo()
    {
        AudioClassificationTransformer model = ContractTraining.Train(
            ModelFamilies.All.Single(family => family.Name == "DATAR"), options => options.Epochs = 1);
        StreamingClassifier stream = model.CreateStreamingClassifier(_ => { });
        stream.Write(new float[100]);
        float[] features = new float[model.Model.Description.Shape.Length];
        Assert.IsNotEmpty(model.Model.GetDeformablePoints(features));
        model.Dispose();

        IsNamed("CreateStreamingClassifier", () => model.CreateStreamingClassifier(_ => { }));
        IsNamed("Write", () => stream.Write(new float[ContractClip.SampleRate]));
        IsNamed("points", () => model.Model.GetDeformablePoints(features));
    }

    [TestMethod]
    public void AnEngineThatDoesNotOwnItsModelLeavesItAsItWas()
    {
        IDataView data = TinyModel.Data(_mlContext);
        ITransformer model = Train(data);
        float[] before = TinyModel.Scores(model.Transform(data))[0];
        var options = new PredictionEngineOptions { OwnsTransformer = false };
        using (var guest = _mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(model, options))
        {
            guest.Predict(TinyClip.Make(1, 1, TinyModel.Classes)[0]);
        }

        CollectionAssert.AreEqual(before, TinyModel.Scores(model.Transform(data))[0]);
        var late = _mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(model, options);
        ((IDisposable)model).Dispose();
        IsNamed("Predict", () => late.Predict(TinyClip.Make(1, 1, TinyModel.Classes)[0]));
    }

    [TestMethod]
    public void DetectorsAndEmbeddersAreNamedToo()
    {
        using var folder = new TemporaryFolder();
        IDataView data = Right.View(Right.Clips());
        IDataView waveforms = Right.Context.Transforms.CopyColumns("Waveform", "Features").Fit(Right.Silence(16, 8))
            .Transform(Right.Silence(16, 8));
        AudioEmbeddingTransformer embedder = Right.Context.Transforms
            .ExtractAudioEmbedding("Score", "Waveform", WrongDetectorInput.Options(folder)).Fit(waveforms);
        embedder.Dispose();
        IsNamed("embeddings", () => embedder.Transform(waveforms));
        IsNamed("Save", () => _mlContext.Model.Save(embedder, data.Schema, new MemoryStream()));
        IsNamed("export", () => embedder.SaveOnnx(folder.File("unwritten.onnx")));
        IsNamed("schema", () => embedder.GetOutputSchema(waveforms.Schema));

        SoundEventDetectionTransformer detector = WrongDetectorInput.Detector(folder);
        SoundEventDetectionTransformer combined = _mlContext.Model.CreateSoundEventEnsemble([detector]);
        IDataView events = detector.DetectEvents(data);
        detector.Dispose();
        IsNamed("rows of an earlier view", () => Read(events));
        IsNamed("DetectEvents", () => detector.DetectEvents(data));
        IsNamed("Transform", () => detector.Transform(data));
        IsNamed("Save", () => _mlContext.Model.Save(detector, data.Schema, new MemoryStream()));
        IsNamed("export", () => detector.SaveOnnx(folder.File("unwritten.onnx")));
        IsNamed("precision", () => detector.Precision = AudioPrecision.Float32);
        IsNamed("ensemble of disposed", () => _mlContext.Model.CreateSoundEventEnsemble([detector]));
        IsNamed("earlier ensemble", () => combined.Transform(data));

        SoundEventDetectionTransformer streaming =
            WrongDetectorInput.Detector(folder, WrongDetectorInput.HearWaveforms);
        StreamingSoundEventDetector stream = streaming.CreateStreamingDetector("a");
        streaming.Dispose();
        IsNamed("Write", () => stream.Write(new float[10]));
        IsNamed("Finish", () => stream.Finish());
        IsNamed("CreateStreamingDetector", () => streaming.CreateStreamingDetector("a"));
    }

    private static void Read(IDataView events)
    {
        using DataViewRowCursor cursor = events.GetRowCursor(events.Schema);
        cursor.MoveNext();
    }

    private static void IsNamed(string entry, Action use)
    {
        var error = Assert.ThrowsExactly<ObjectDisposedException>(use, entry);
        StringAssert.Contains(error.Message, "model is disposed", entry);
        StringAssert.Contains(error.Message, "OwnsTransformer", entry);
    }

    private ITransformer Train(IDataView data)
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        return TinyModel.Pipeline(_mlContext, options).Fit(data);
    }
}
