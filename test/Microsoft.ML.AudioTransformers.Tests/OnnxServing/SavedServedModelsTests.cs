using System.Security.Cryptography;
using AudioMLNet.TestSupport;
using Google.Protobuf;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Onnx;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.OnnxServing;

/// <summary>Models on ONNX Runtime in saved pipelines, on several threads, and of files that are not what they should be.
/// </summary>
[TestClass]
public sealed class SavedServedModelsTests
{
    private static readonly Lazy<AudioClassificationTransformer> s_model =
        new(() => ContractTraining.Train(OnnxExportTests.Of("PaSST")));

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _mlContext = new();

    private static AudioClassificationTransformer Model => s_model.Value;

    [ClassCleanup]
    public static void Cleanup()
    {
        if (s_model.IsValueCreated)
        {
            s_model.Value.Dispose();
        }
    }

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    /// <summary>The file, and that of its weights, need not be there when the pipeline is loaded.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void IsSavedInAPipeline(bool isExternal)
    {
        IDataView view = ContractTraining.View(_mlContext, ContractClip.Make(4));
        string onnx = Export(new() { ExternalData = isExternal });
        string zip = _folder.File("pipeline.zip");
        string again = _folder.File("again.zip");
        double[][] expected;
        var pipeline = _mlContext.Transforms.ScoreAudioOnnx(onnx, options: new() { BatchSize = 2, Threads = 1 })
            .Append(_mlContext.Transforms.Conversion.MapKeyToValue("Word", "PredictedLabel"));
        TransformerChain<KeyToValueMappingTransformer> fitted = pipeline.Fit(view);
        using (fitted)
        {
            expected = Scores(fitted, view);
            _mlContext.Model.SaveAudioModel(fitted, view.Schema, zip);
        }

        foreach (string file in Directory.GetFiles(_folder.Path, "*.onnx*"))
        {
            File.Delete(file);
        }

        ITransformer loaded = new MLContext().RegisterOnnxAudio().Model.Load(zip, out _);
        using var disposable = (IDisposable)loaded;
        _mlContext.Model.Save(loaded, view.Schema, again);
        using var twice = (IDisposable)_mlContext.Model.Load(again, out _);

        AssertEqual(expected, Scores(loaded, view));
        AssertEqual(expected, Scores((ITransformer)twice, view));
        Assert.HasCount(2, Directory.GetFiles(_folder.Path));
    }

    [TestMethod]
    public void ADamagedPipelineIsRefused()
    {
        IDataView view = ContractTraining.View(_mlContext, ContractClip.Make(2));
        using OnnxAudioTransformer served = _mlContext.Model.LoadOnnxAudioModel(Export());
        using var stream = new MemoryStream();
        _mlContext.Model.Save(served, view.Schema, stream);
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
        {
            var entry = zip.Entries.Single(candidate => candidate.Name == "Model.bin");
            using Stream content = entry.Open();
            content.Position = content.Length / 2;
            int value = content.ReadByte();
            content.Position--;
            content.WriteByte((byte)(value ^ 1));
        }

        stream.Position = 0;
        Exception error = Assert.Throws<Exception>(() => _mlContext.Model.Load(stream, out _));
        StringAssert.Contains($"{error}", "The saved ONNX audio model is damaged");
    }

    [TestMethod]
    public void AFileThatChangedIsNotSaved()
    {
        string path = Export();
        using OnnxAudioTransformer served = _mlContext.Model.LoadOnnxAudioModel(path);
        string zip = _folder.File("model.zip");
        File.AppendAllText(path, " ");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => _mlContext.Model.SaveAudioModel(served, null, zip));

        StringAssert.Contains(error.Message, "has changed since it was loaded");
        Assert.IsFalse(File.Exists(zip));
    }

    /// <summary>To the bit, for one session runs the same batches.</summary>
    [TestMethod]
    public void SixteenThreadsScoreTheSame()
    {
        IDataView view = ContractTraining.View(_mlContext, ContractClip.Make(6));
        using OnnxAudioTransformer served = _mlContext.Model.LoadOnnxAudioModel(Export());
        double[][] expected = Scores(served, view);
        var found = new double[16][][];

        Thread[] threads = [.. found.Select((_, i) => new Thread(() => found[i] = Scores(served, view)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Array.ForEach(found, scores => AssertEqual(expected, scores));
    }

    /// <summary>A disposed model says so where a score is read, and columns that it does not add cost no score.</summary>
    [TestMethod]
    public void ADisposedModelSaysSo()
    {
        IDataView view = ContractTraining.View(_mlContext, ContractClip.Make(2));
        OnnxAudioTransformer served = _mlContext.Model.LoadOnnxAudioModel(Export());
        IDataView scored = served.Transform(view);
        StreamingClassifier stream = served.CreateStreamingClassifier(_ => { });
        stream.Write(new float[100]);
        served.Dispose();
        served.Dispose();

        Assert.AreEqual(2, scored.GetColumn<uint>("Label").Count());
        foreach (Action use in new Action[]
        {
            () => _ = scored.GetColumn<float[]>("Score").ToArray(),
            () => served.Transform(view),
            () => served.CreateStreamingClassifier(_ => { }),
            () => stream.Finish(),
            () => _mlContext.Model.SaveAudioModel(served, view.Schema, _folder.File("unwritten.zip")),
            () => _mlContext.Model.Save(served, view.Schema, Stream.Null),
        })
        {
            var error = Assert.ThrowsExactly<ObjectDisposedException>(use);
            Assert.AreEqual(nameof(OnnxAudioTransformer), error.ObjectName);
            Assert.Contains("is disposed", error.Message);
            Assert.Contains("OwnsTransformer", error.Message);
        }
    }

    [TestMethod]
    public void OptionsAreChecked()
    {
        string path = Export();
        AssertRefused<ArgumentOutOfRangeException>(path, "BatchSize is 0", new() { BatchSize = 0 });
        AssertRefused<ArgumentOutOfRangeException>(path, "ExecutionProviders[0] is Cuda", new() { ExecutionProviders = ["Cuda"] });
        string[] available = OrtEnv.Instance().GetAvailableProviders();
        foreach ((string provider, string own) in new[]
        {
            ("CUDA", "CUDA"), ("DirectML", "Dml"), ("CoreML", "CoreML"), ("OpenVINO", "OpenVINO"),
        })
        {
            if (!available.Contains($"{own}ExecutionProvider"))
            {
                AssertRefused<NotSupportedException>(
                    path, $"has no execution provider {provider}; it has", new() { ExecutionProviders = [provider, "CPU"] });
            }
        }

        using OnnxAudioTransformer served =
            _mlContext.Model.LoadOnnxAudioModel(path, new() { ExecutionProviders = ["CPU"], Threads = 1 });
        Assert.AreEqual("classification", served.Task);
    }

    [TestMethod]
    public void FilesThatAreNoAudioModelsAreRefused()
    {
        string path = _folder.File("other.onnx");
        Assert.ThrowsExactly<FileNotFoundException>(() => _mlContext.Model.LoadOnnxAudioModel(path));
        File.WriteAllText(path, "no model at all");
        AssertRefused<InvalidDataException>(path, $"'{path}' is no ONNX model that ONNX Runtime");
        File.WriteAllBytes(path, []);
        AssertRefused<InvalidDataException>(path, "is no ONNX model");

        byte[] whole = File.ReadAllBytes(Export());
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        AssertRefused<InvalidDataException>(path, "is no ONNX model");

        Change(whole, path, OnnxMetadata.Format, null);
        AssertRefused<InvalidDataException>(path, "no audio model that this library exported");
        Change(whole, path, OnnxMetadata.Format, "3");
        AssertRefused<InvalidDataException>(path, "'audio.format' is 3; expected 1 or 2");
        Change(whole, path, OnnxMetadata.Task, "translation");
        AssertRefused<InvalidDataException>(path, "'audio.task' is translation; expected classification");
        Change(whole, path, OnnxMetadata.Labels, """["dull","bright","third"]""");
        AssertRefused<InvalidDataException>(path, "'audio.labels' is dull, bright, third; expected those");
        Change(whole, path, OnnxMetadata.Description, "{");
        AssertRefused<InvalidDataException>(path, "'audio.description' is damaged");
        Change(whole, path, OnnxMetadata.FrontEnd, null);
        AssertRefused<InvalidDataException>(path, "'audio.front_end' is missing");
        Change(whole, path, OnnxMetadata.ExternalData, "../weights.data");
        AssertRefused<InvalidDataException>(path, "without folders");

        // Description and labels agree, but the scores have another length.
        string three = """{"Labels":{"ValueKind":"Text","Names":["a","b","c"]},"ScoreColumnName":"S","PredictedLabelColumnName":"P"}""";
        Change(whole, path, OnnxMetadata.Description, three, (OnnxMetadata.Labels, """["a","b","c"]"""));
        AssertRefused<InvalidDataException>(path, "3 labels");
    }

    /// <summary>As files of embedders were before waveforms had features beside them.</summary>
    [TestMethod]
    public void AnEmbedderOfWaveformsOnlyIsRefused()
    {
        AudioTrainerOptions options = OnnxExportTests.Of("PaSST").CreateSmall(ContractClip.SampleRate);
        options.PretrainedWeights = _folder.File("weights.safetensors");
        Model.Model.SaveSafetensors(options.PretrainedWeights);
        using AudioEmbeddingTransformer embedder = _mlContext.Transforms
            .ExtractAudioEmbedding("Embedding", "Features", new AudioEmbeddingOptions { Model = options })
            .Fit(ContractTraining.View(_mlContext, ContractClip.Make(1)));
        string path = _folder.File("embedder.onnx");
        embedder.SaveOnnx(path);
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        model.Graph.Input.Remove(model.Graph.Input.Single(input => input.Name == "features"));
        WriteSummed(path, model);

        AssertRefused<NotSupportedException>(path, "takes waveforms only");
    }

    private static void Change(
        byte[] whole, string path, string key, string? value, params (string Key, string Value)[] others)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(whole);
        foreach ((string name, string? text) in others.Select(other => (other.Key, (string?)other.Value)).Append((key, value)))
        {
            if (model.MetadataProps.SingleOrDefault(entry => entry.Key == name) is { } old)
            {
                model.MetadataProps.Remove(old);
            }

            if (text is not null)
            {
                model.MetadataProps.Add(new StringStringEntryProto { Key = name, Value = text });
            }
        }

        WriteSummed(path, model);
    }

    private static void WriteSummed(string path, ModelProto model)
    {
        if (model.MetadataProps.SingleOrDefault(entry => entry.Key == OnnxSum.Key) is { } old)
        {
            model.MetadataProps.Remove(old);
        }

        byte[] bytes = model.ToByteArray();
        File.WriteAllBytes(path, [.. bytes, .. OnnxSum.Entry(SHA256.HashData(bytes))]);
    }

    private static double[][] Scores(ITransformer model, IDataView view)
    {
        IDataView scored = model.Transform(view);
        return ServedColumns.Values(scored, scored.Schema["Score"]);
    }

    private static void AssertEqual(double[][] expected, double[][] actual) => CollectionAssert.AreEqual(
        expected.SelectMany(row => row).ToArray(), actual.SelectMany(row => row).ToArray());

    private string Export(OnnxExportOptions? options = null)
    {
        string path = _folder.File("model.onnx");
        Model.SaveOnnx(path, options);
        return path;
    }

    private void AssertRefused<TException>(string path, string message, OnnxAudioOptions? options = null)
        where TException : Exception
    {
        TException error = Assert.ThrowsExactly<TException>(() => _mlContext.Model.LoadOnnxAudioModel(path, options));
        StringAssert.Contains(error.Message, message);
    }
}
