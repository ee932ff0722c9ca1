using System.Runtime.InteropServices;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

[TestClass]
public sealed class ScoringPrecisionTests
{
    [TestMethod]
    public void TheDefaultIsAutoAndSmallModelsStayInFloat32()
    {
        PasstOptions options = TinyModel.Options();
        using AudioModel network = TinyModel.Build(
            options, new FeatureShape(TinyClip.Frames, TinyClip.Mels), TinyModel.Classes.Length, seed: 1);
        Assert.AreEqual(AudioPrecision.Auto, options.Optimization.Precision);
        Assert.AreEqual(AudioPrecision.Auto, options.ScoringPrecision);
        Assert.IsFalse(PrecisionChoice.Of(AudioPrecision.Auto, network, CPU).IsBFloat16);
        Assert.IsTrue(PrecisionChoice.Of(AudioPrecision.BFloat16, network, CPU).IsBFloat16);
        Assert.AreEqual(
            "Scoring in float32, since models of fewer than 5000000 parameters stay in it.",
            PrecisionChoice.Of(AudioPrecision.Auto, network, CPU).Describe("Scoring"));
    }

    [TestMethod]
    public void LargeModelsTakeBFloat16WhereTheProcessorHasIt()
    {
        PasstOptions options = TinyModel.Options();
        (options.Config.EmbedDim, options.Config.Depth) = (256, 8);
        using AudioModel network = TinyModel.Build(
            options, new FeatureShape(TinyClip.Frames, TinyClip.Mels), TinyModel.Classes.Length, seed: 1);
        bool isRight = NativeSelfTest.Default.Passes(CPU, ScalarType.BFloat16);
        Assert.AreEqual(
            MixedPrecision.IsFastOnCpu && isRight, PrecisionChoice.Of(AudioPrecision.Auto, network, CPU).IsBFloat16);
        Assert.IsFalse(PrecisionChoice.Of(AudioPrecision.Float32, network, CPU).IsBFloat16);
    }

    [TestMethod]
    public void CapabilityIsUnknownWithoutADriver() => Assert.AreEqual(
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _) && cuda.is_available(),
        CudaCapability.Major(0) > 0);

    /// <summary>The choice is saved, changes nothing of the weights, and can be taken back.</summary>
    [TestMethod]
    public void BFloat16RoundsScoresAndFloat32GivesThemBack()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.ScoringPrecision = AudioPrecision.BFloat16;
        IDataView clips = mlContext.Data.LoadFromEnumerable(TinyClip.Make(5, seed: 3, TinyModel.Classes));
        IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Fit(TinyModel.Data(mlContext)).Transform(TinyModel.Data(mlContext));
        using AudioClassificationTransformer model = mlContext.AudioClassification().Trainer(options).Fit(mapped);
        Assert.AreEqual(AudioPrecision.BFloat16, model.Precision);
        float[][] rounded = TinyModel.Scores(model.Transform(clips));
        using var file = new MemoryStream();
        mlContext.Model.Save(model, null, file);
        file.Position = 0;
        using var loaded = (AudioClassificationTransformer)mlContext.Model.Load(file, out _);
        Assert.AreEqual(AudioPrecision.BFloat16, loaded.Precision);
        AssertSame(rounded, TinyModel.Scores(loaded.Transform(clips)));

        loaded.Precision = AudioPrecision.Float32;
        model.Precision = AudioPrecision.Float32;
        float[][] exact = TinyModel.Scores(model.Transform(clips));
        AssertSame(exact, TinyModel.Scores(loaded.Transform(clips)));
        Assert.IsFalse(exact[0].SequenceEqual(rounded[0]), "bfloat16 rounds");
        for (int clip = 0; clip < exact.Length; clip++)
        {
            for (int label = 0; label < exact[clip].Length; label++)
            {
                // Eight bits of mantissa, and a probability of at most 1.
                Assert.AreEqual(exact[clip][label], rounded[clip][label], 0.02);
            }
        }
    }

    [TestMethod]
    public void WeightsAreRoundedOnceAndFreedWithTheModel()
    {
        using AudioModel network = TinyModel.Build(
            TinyModel.Options(), new FeatureShape(TinyClip.Frames, TinyClip.Mels), TinyModel.Classes.Length, seed: 1);
        network.eval();
        network.ChooseScoring(AudioPrecision.BFloat16, CPU);
        using IDisposable guard = no_grad();
        using Tensor features = rand(1, TinyClip.Frames, TinyClip.Mels);
        using Tensor clip = network.FromFeatures(features);
        void Score()
        {
            using MixedPrecision.Section precision = network.BeginScoring();
            network.call(clip).Dispose();
        }

        Assert.IsGreaterThan(0, LiveTensors.LeftBy(Score));
        Assert.AreEqual(0, LiveTensors.LeftBy(Score));
        Assert.IsFalse(MixedPrecision.IsOn);
    }

    [TestMethod]
    public void TheSameSeedTrainsTheSameModelInBFloat16()
    {
        byte[] Train()
        {
            var mlContext = new MLContext(seed: 1);
            PasstOptions options = TinyModel.Options();
            options.Epochs = 2;
            options.Optimization.Precision = AudioPrecision.BFloat16;
            IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Fit(TinyModel.Data(mlContext)).Transform(TinyModel.Data(mlContext));
            using AudioClassificationTransformer model = mlContext.AudioClassification().Trainer(options).Fit(mapped);
            string path = Path.GetTempFileName();
            try
            {
                model.Model.SaveSafetensors(path);
                return File.ReadAllBytes(path);
            }
            finally
            {
                File.Delete(path);
            }
        }

        Assert.IsTrue(Train().AsSpan().SequenceEqual(Train()));
    }

    private static void AssertSame(float[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int clip = 0; clip < expected.Length; clip++)
        {
            CollectionAssert.AreEqual(expected[clip], actual[clip]);
        }
    }
}
