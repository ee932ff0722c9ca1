using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Presence maps and embeddings of exported models, for clips of several lengths.</summary>
[TestClass]
public sealed class OnnxOutputsTests
{
    private const double Allowed = 1e-3;

    public static IEnumerable<object[]> Families => ContractModels.Families;

    /// <summary>Of one detector and of two whose presence maps are averaged, of waveforms and of features.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void PresenceMapsOfClipsOfAnyLength(int models)
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        ContractClip[] clips = ContractClip.Make(ContractTraining.ClipCount);
        IDataView view = ContractTraining.View(mlContext, clips);
        SoundEventDetectionTransformer[] detectors = [.. Enumerable.Range(0, models).Select(seed =>
        {
            (var options, Func<MLContext, IEstimator<ITransformer>> create) =
                ContractTraining.OfTask("events", OnnxExportTests.Of("HTS-AT"));
            ((SoundEventDetectionTrainer.Options)options).Model.Seed = seed;
            return (SoundEventDetectionTransformer)create(mlContext).Fit(view);
        })];
        using SoundEventDetectionTransformer model =
            models == 1 ? detectors[0] : mlContext.Model.CreateSoundEventEnsemble(detectors);
        LogMelOptions frontEnd = model.Description.FrontEnd!;
        var extractor = new LogMelExtractor(frontEnd);
        (string ofWaveforms, string ofFeatures) = (folder.File("waveforms.onnx"), folder.File("features.onnx"));
        model.SaveOnnx(ofWaveforms);
        model.SaveOnnx(ofFeatures, new() { Input = OnnxModelInput.Features });
        using OnnxRun waveforms = OnnxRun.Open(ofWaveforms);
        using OnnxRun features = OnnxRun.Open(ofFeatures);

        // Waveforms up to the front end's length are made as long as the training clips; features are stretched.
        foreach (int samples in new[] { clips[0].Features.Length, 3000, frontEnd.TargetSamples })
        {
            float[] waveform = [.. clips.SelectMany(clip => clip.Features).Take(samples)];
            float[] expected = model.Presence(extractor.Extract(waveform)).Presence;
            AssertStarts(expected, waveforms.Run("presence", "waveform", waveform, 1, samples), $"{samples} samples");
        }

        foreach (int frames in new[] { 64, 37, 1 })
        {
            float[] clip = extractor.Extract(clips[0].Features)[..(frames * extractor.Bands)];
            AssertStarts(
                model.Presence(clip).Presence, features.Run("presence", "features", clip, 1, frames, extractor.Bands),
                $"{frames} frames");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EmbeddingsOfClips(string family)
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext();
        string weights = folder.File("weights.safetensors");
        using (AudioClassificationTransformer trained =
            ContractTraining.Train(OnnxExportTests.Of(family), options => options.Epochs = 1))
        {
            trained.Model.SaveSafetensors(weights);
        }

        AudioTrainerOptions model = OnnxExportTests.Of(family).CreateSmall(ContractClip.SampleRate);
        model.PretrainedWeights = weights;
        float[][] waveforms = [ContractClip.Make(1)[0].Features, ContractClip.Make(1, seed: 4)[0].Features[..5000]];
        IDataView view = mlContext.Data.LoadFromEnumerable(
            waveforms.Select(waveform => new ContractClip { Features = waveform }));
        using AudioEmbeddingTransformer embedder = mlContext.Transforms
            .ExtractAudioEmbedding("Embedding", "Features", new AudioEmbeddingOptions { Model = model }).Fit(view);
        string path = folder.File("embedder.onnx");
        embedder.SaveOnnx(path);
        using OnnxRun run = OnnxRun.Open(path);

        float[][] expected = [.. embedder.Transform(view).GetColumn<float[]>("Embedding")];

        for (int i = 0; i < waveforms.Length; i++)
        {
            AssertStarts(
                expected[i], run.Run("embedding", "waveform", waveforms[i], 1, waveforms[i].Length),
                $"{waveforms[i].Length} samples");
        }

        Assert.AreEqual("embeddings", run.Session.ModelMetadata.CustomMetadataMap[OnnxMetadata.Task]);
    }

    private static void AssertStarts(float[] expected, float[] actual, string what)
    {
        Assert.IsGreaterThanOrEqualTo(expected.Length, actual.Length, what);
        GoldenAssert.Close(
            Array.ConvertAll(expected, value => (double)value),
            Array.ConvertAll(actual[..expected.Length], value => (double)value), Allowed, Allowed, what);
    }
}
