using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

/// <summary>
/// Finite weights of which no finite score comes, as of a file from elsewhere whose variance lies below zero: each model that is
/// made of it says so where it computes, and gives no NaN.
/// </summary>
[TestClass]
public sealed class NotFiniteScoresTests
{
    private static readonly TemporaryFolder s_folder = new();
    private static readonly ModelFamily s_family = ModelFamilies.All.Single(family => family.Name == "HTS-AT");

    private static readonly Lazy<string> s_weights = new(() =>
    {
        string path = s_folder.File("below-zero.safetensors");
        using AudioClassificationTransformer model = ContractTraining.Train(s_family, options => options.Epochs = 1);
        model.Model.SaveSafetensors(path);
        TamperedFile.Change(path, path, file => file.Set("bn0.running_var", 3, -1));
        return path;
    });

    private readonly MLContext _mlContext = new(seed: 1);

    [ClassCleanup]
    public static void Cleanup() => s_folder.Dispose();

    [TestMethod]
    public void AClassifierNamesTheClass()
    {
        using AudioModelTransformer model = Loaded();

        Assert.Contains("HTS-AT model gives the score of 'dull' as NaN", Refused(model));
    }

    [TestMethod]
    public void TheClipOfABatchIsNamed()
    {
        float[] values = [1, 2, 3, 4, 5, float.PositiveInfinity];

        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => FiniteOutput.Check(values, count: 3, "AST", "score", ["a", "b"]));

        Assert.Contains("the score of 'b' as Infinity for clip 2 of a batch of 3, counted from 0", error.Message);
        Assert.IsTrue(FiniteOutput.IsOfOneClip(new AggregateException(error)));
        Assert.IsFalse(FiniteOutput.IsOfOneClip(new InvalidOperationException("")));
        FiniteOutput.Check(values.AsSpan(0, 4), count: 2, "AST", "score");
    }

    [TestMethod]
    public void SoDoesItsExportOnOnnxRuntime()
    {
        string path = s_folder.File("model.onnx");
        using AudioModelTransformer model = Loaded();
        model.SaveOnnx(path);
        using OnnxAudioTransformer served = _mlContext.Model.LoadOnnxAudioModel(path);

        Assert.Contains("output 'scores' as NaN", Refused(served));
    }

    [TestMethod]
    public void SoDoesAnEmbedder()
    {
        using AudioEmbeddingTransformer embedder = _mlContext.Transforms
            .ExtractAudioEmbedding("Score", "Features", new AudioEmbeddingOptions { Model = Options() }).Fit(Clips());

        Assert.Contains("gives the embedding as NaN", Refused(embedder));
    }

    [TestMethod]
    public void SoDoesADetector()
    {
        using SoundEventDetectionTransformer detector = _mlContext.SoundEventDetection()
            .Pretrained(new SoundEventDetectionEstimator.Options { Model = Options(), ClassNames = ContractClip.Classes })
            .Fit(Clips());

        Assert.Contains("gives the score as NaN", Refused(detector));
    }

    private AudioModelTransformer Loaded() => _mlContext.Model.LoadAudioCheckpoint(
        s_weights.Value, new AudioCheckpointOptions { FeatureColumnName = nameof(ContractClip.Features) });

    private static AudioTrainerOptions Options() =>
        ContractTraining.Options(s_family, options => options.PretrainedWeights = s_weights.Value);

    private IDataView Clips() => ContractTraining.View(_mlContext, ContractClip.Make(2));

    private string Refused(ITransformer model)
    {
        IDataView scored = model.Transform(Clips());
        string name = scored.Schema.GetColumnOrNull("Score") is null ? "EventScores" : "Score";
        return Assert.ThrowsExactly<InvalidOperationException>(() => Right.Read(scored, name)).Message;
    }
}
