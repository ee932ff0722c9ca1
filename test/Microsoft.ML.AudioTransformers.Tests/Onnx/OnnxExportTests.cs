using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Files that trained models of each family and task are exported to.</summary>
[TestClass]
public sealed class OnnxExportTests
{
    // The scores of this library on LibTorch are what a file is to give: of waveforms within 1e-3, of features within 1e-4.
    private const double OfWaveforms = 1e-3;
    private const double OfFeatures = 1e-4;

    public static IEnumerable<object[]> Tasks => ModelContractTests.Tasks;

    public static IEnumerable<object[]> Families => ContractModels.Families;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void GivesTheScoresOfTheModel(string family, string task)
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        ContractClip[] clips = ContractClip.Make(ContractTraining.ClipCount);
        IDataView view = ContractTraining.View(mlContext, clips);
        (_, Func<MLContext, IEstimator<ITransformer>> create) = ContractTraining.OfTask(task, Of(family));
        ITransformer model = create(mlContext).Fit(view);
        using var disposable = (IDisposable)model;
        string path = folder.File("model.onnx");
        Save(model, path, null);
        using OnnxRun run = OnnxRun.Open(path);
        IDataView scored = model.Transform(view);

        foreach ((string output, string column) in Outputs(task))
        {
            float[] expected = Vectors(scored, column);
            float[] actual = run.Run(
                output, "waveform", [.. clips.SelectMany(clip => clip.Features)], clips.Length, clips[0].Features.Length);
            AssertClose(expected, actual, OfWaveforms, output);
        }

        Dictionary<string, string> metadata = run.Session.ModelMetadata.CustomMetadataMap;
        Assert.AreEqual(ContractClip.SampleRate.ToString(), metadata[OnnxMetadata.SampleRate]);
        Assert.AreEqual(task == "events" ? "sound events" : task, metadata[OnnxMetadata.Task]);
        string[] labels = task == "actions" ? ["dull", "bright", "first", "second"] : ["dull", "bright"];
        CollectionAssert.AreEquivalent(labels, JsonSerializer.Deserialize<string[]>(metadata[OnnxMetadata.Labels])!);
        StringAssert.Contains(metadata[OnnxMetadata.Model], family);
    }

    /// <summary>In all precisions and versions of operators, of features; each file is a whole one for ONNX Runtime.</summary>
    [TestMethod]
    [DynamicData(nameof(Families))]
    public void OfFeaturesInEachPrecision(string family)
    {
        using var folder = new TemporaryFolder();
        using AudioClassificationTransformer model = ContractTraining.Train(Of(family));
        ContractClip[] clips = ContractClip.Make(ContractTraining.ClipCount);
        float[] expected = Vectors(model.Transform(ContractTraining.View(new MLContext(), clips)), "Score");
        float[] features = Features(model, clips, out int frames, out int mels);
        string path = folder.File("model.onnx");
        var sizes = new Dictionary<OnnxPrecision, long>();
        foreach ((int opset, OnnxPrecision precision, double allowed) in new[]
        {
            (17, OnnxPrecision.Float32, OfFeatures), (21, OnnxPrecision.Float32, OfFeatures),
            (17, OnnxPrecision.Float16, 5e-3), (18, OnnxPrecision.Int8, 5e-2), (20, OnnxPrecision.Float32, OfFeatures),
        })
        {
            model.SaveOnnx(path, new() { Input = OnnxModelInput.Features, Opset = opset, Precision = precision });
            sizes[precision] = new FileInfo(path).Length;
            using OnnxRun run = OnnxRun.Open(path);

            float[] actual = run.Run("scores", "features", features, clips.Length, frames, mels);

            AssertClose(expected, actual, allowed, $"{precision} of version {opset}");
        }

        Assert.IsLessThan(0.65 * sizes[OnnxPrecision.Float32], sizes[OnnxPrecision.Float16]);
        Assert.IsLessThan(0.45 * sizes[OnnxPrecision.Float32], sizes[OnnxPrecision.Int8]);
    }

    [TestMethod]
    public void WeightsInAFileOfTheirOwn()
    {
        using var folder = new TemporaryFolder();
        using AudioClassificationTransformer model = ContractTraining.Train(Of("PaSST"));
        ContractClip[] clips = ContractClip.Make(2);
        float[] waveforms = [.. clips.SelectMany(clip => clip.Features)];
        string path = folder.File("model.onnx");
        float[] Run()
        {
            using OnnxRun run = OnnxRun.Open(path);
            return run.Run("scores", "waveform", waveforms, 2, clips[0].Features.Length);
        }

        model.SaveOnnx(path);
        float[] inOne = Run();
        long whole = new FileInfo(path).Length;
        model.SaveOnnx(path, new() { ExternalData = true });
        string[] files = [.. Directory.EnumerateFiles(folder.Path).Select(file => Path.GetFileName(file)).Order()];

        Assert.HasCount(2, files);
        StringAssert.Matches(files[1], new("^model\\.onnx\\.[0-9a-f]{16}\\.data$"));
        Assert.IsLessThan(whole / 4, new FileInfo(path).Length);
        CollectionAssert.AreEqual(inOne, Run());

        // A file in one again takes its place, and the weights beside it are gone.
        model.SaveOnnx(path);
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
        CollectionAssert.AreEqual(inOne, Run());
    }

    [TestMethod]
    public void AFailureLeavesTheOldFile()
    {
        using var folder = new TemporaryFolder();
        AudioClassificationTransformer model = ContractTraining.Train(Of("PaSST"));
        string path = folder.File("model.onnx");
        File.WriteAllText(path, "before");

        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.SaveOnnx(path));
        Assert.AreEqual("before", File.ReadAllText(path));

        using AudioClassificationTransformer other = ContractTraining.Train(Of("PaSST"));
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => other.SaveOnnx(path, new() { Opset = 16 }));
        StringAssert.Contains(error.Message, "Opset is 16; expected");
        foreach (bool isExternal in new[] { false, true })
        {
            string missing = Path.Combine(folder.Path, "missing", "model.onnx");
            Assert.ThrowsExactly<DirectoryNotFoundException>(
                () => other.SaveOnnx(missing, new() { ExternalData = isExternal }));
        }

        Assert.AreEqual("before", File.ReadAllText(path));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));

        File.WriteAllText($"{path}.{Guid.NewGuid():N}.tmp", "of a process that was killed");
        other.SaveOnnx(path);
        Assert.AreEqual(path, Directory.GetFiles(folder.Path).Single());
        Assert.AreNotEqual("before", File.ReadAllText(path));
    }

    /// <summary>A clip that is scored several times, each time rolled further, is so in the graph.</summary>
    [TestMethod]
    public void TimeShiftsAreAveraged()
    {
        using var folder = new TemporaryFolder();
        ContractClip[] clips = ContractClip.Make(3);
        using AudioClassificationTransformer model =
            ContractTraining.Train(Of("PaSST"), options => options.ScoringTimeShifts = 3);
        using AudioClassificationTransformer once = ContractTraining.Train(Of("PaSST"));
        IDataView view = ContractTraining.View(new MLContext(), clips);
        float[] expected = Vectors(model.Transform(view), "Score");
        string path = folder.File("model.onnx");
        model.SaveOnnx(path);
        using OnnxRun run = OnnxRun.Open(path);

        float[] actual = run.Run(
            "scores", "waveform", [.. clips.SelectMany(clip => clip.Features)], clips.Length, clips[0].Features.Length);

        AssertClose(expected, actual, OfWaveforms, "scores");
        float[] unshifted = Vectors(once.Transform(view), "Score");
        Assert.IsGreaterThan(OfWaveforms, expected.Zip(unshifted, (shifted, plain) => Math.Abs(shifted - plain)).Max());
    }

    /// <summary>The graph scores one window, and the metadata tells whoever cuts them.</summary>
    [TestMethod]
    public void WindowsOfLongClipsAreInTheMetadata()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.onnx");
        using AudioClassificationTransformer model = ContractTraining.Train(Of("PaSST"), options =>
        {
            options.LongClips = LongClips.Windows;
            options.Windows = new WindowOptions { HopSeconds = 0.25 };
        });

        model.SaveOnnx(path);

        using OnnxRun run = OnnxRun.Open(path);
        StringAssert.Contains(run.Session.ModelMetadata.CustomMetadataMap[OnnxMetadata.Windows], "\"HopSeconds\":0.25");
    }

    /// <summary>An ensemble of two models with front ends of their own, in one file.</summary>
    [TestMethod]
    public void AnEnsembleInOneFile()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        ContractClip[] clips = ContractClip.Make(ContractTraining.ClipCount);
        IDataView view = ContractTraining.View(mlContext, clips);
        AudioClassificationTransformer first = ContractTraining.Train(Of("PaSST"));
        AudioClassificationTransformer second = ContractTraining.Train(
            Of("AST"), options => options.FrontEnd!.NormalizationMean = -3);
        using AudioEnsembleTransformer ensemble = mlContext.Model.CreateAudioEnsemble([first, second]);
        string path = folder.File("ensemble.onnx");
        ensemble.SaveOnnx(path, new() { License = "MIT" });
        using OnnxRun run = OnnxRun.Open(path);

        float[] actual = run.Run(
            "scores", "waveform", [.. clips.SelectMany(clip => clip.Features)], clips.Length, clips[0].Features.Length);

        AssertClose(Vectors(ensemble.Transform(view), "Score"), actual, OfWaveforms, "scores");
        Assert.AreEqual("MIT", run.Session.ModelMetadata.CustomMetadataMap[OnnxMetadata.License]);
        Assert.AreEqual("""["PaSST","AST"]""", run.Session.ModelMetadata.CustomMetadataMap[OnnxMetadata.Model]);
    }

    /// <summary>An ensemble's file tells its windows as one model's does, and models that cut otherwise are not in one file.</summary>
    [TestMethod]
    public void WindowsOfAnEnsembleAreInTheMetadata()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("ensemble.onnx");
        AudioClassificationTransformer[] models = [.. new[] { "PaSST", "AST" }.Select(family => ContractTraining.Train(
            Of(family), options =>
            {
                options.LongClips = LongClips.Windows;
                options.Windows = new WindowOptions { HopSeconds = 0.25 };
            }))];
        using AudioEnsembleTransformer ensemble = new MLContext().Model.CreateAudioEnsemble(models);

        ensemble.SaveOnnx(path);

        using (OnnxRun run = OnnxRun.Open(path))
        {
            StringAssert.Contains(run.Session.ModelMetadata.CustomMetadataMap[OnnxMetadata.Windows], "\"HopSeconds\":0.25");
        }

        File.Delete(path);
        models[1].Windows = new WindowOptions { HopSeconds = 0.25, Pooling = WindowPooling.Maximum };
        var error = Assert.ThrowsExactly<NotSupportedException>(() => ensemble.SaveOnnx(path));
        StringAssert.Contains(error.Message, "Pooling Maximum");
        StringAssert.Contains(error.Message, "Pooling Mean");
        StringAssert.Contains(error.Message, "Model 2");
        models[1].LongClips = LongClips.Cut;
        error = Assert.ThrowsExactly<NotSupportedException>(() => ensemble.SaveOnnx(path));
        StringAssert.Contains(error.Message, "the beginning of long clips");
        Assert.IsFalse(File.Exists(path));
    }

    internal static ModelFamily Of(string family) => ModelFamilies.All.Single(candidate => candidate.Name == family);

    private static void Save(ITransformer model, string path, OnnxExportOptions? options)
    {
        switch (model)
        {
            case AudioModelTransformer clips:
                clips.SaveOnnx(path, options);
                break;
            default:
                ((SoundEventDetectionTransformer)model).SaveOnnx(path, options);
                break;
        }
    }

    private static (string Output, string Column)[] Outputs(string task) => task == "actions"
        ? [("verb_scores", "VerbScore"), ("noun_scores", "NounScore")]
        : [("scores", "Score")];

    private static float[] Features(
        AudioClassificationTransformer model, ContractClip[] clips, out int frames, out int mels)
    {
        var reader = model.Model.Description.CreateReader();
        (frames, mels) = (reader.Shape.Frames, reader.Shape.Mels);
        var features = new float[clips.Length * reader.Shape.Length];
        for (int i = 0; i < clips.Length; i++)
        {
            reader.ToFeatures(clips[i].Features, features.AsSpan(i * reader.Shape.Length, reader.Shape.Length));
        }

        return features;
    }

    private static float[] Vectors(IDataView view, string column) =>
        [.. view.GetColumn<float[]>(column).SelectMany(values => values)];

    private static void AssertClose(float[] expected, float[] actual, double allowed, string what) => GoldenAssert.Close(
        Array.ConvertAll(expected, value => (double)value), Array.ConvertAll(actual, value => (double)value), allowed, 0, what);
}
