using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Detectors of untrained weights, whose maps are known.</summary>
[TestClass]
public sealed class SoundEventEnsembleTests
{
    private const int SampleRate = 8000;
    private static readonly string[] s_classes = ["ping", "pong", "hum"];

    [TestMethod]
    public void MapsAndScoresAreAveraged()
    {
        using var folder = new TemporaryFolder();
        float[] clip = Recording(8000);
        SoundEventDetectionTransformer[] detectors = [Detector(folder, 1), Detector(folder, 2, embedDim: 16)];
        (float[] Presence, double)[] maps = [.. detectors.Select(detector => detector.Presence(Features(clip)))];
        float[][] scores = [.. detectors.Select(detector => detector.Detect("", clip, detector.Description).Scores)];

        using SoundEventDetectionTransformer ensemble = new MLContext().Model.CreateSoundEventEnsemble(detectors);

        Assert.AreEqual(2, ensemble.ModelCount);
        (float[] presence, double seconds) = ensemble.Presence(Features(clip));
        Assert.AreEqual(maps[0].Item2, seconds);
        Assert.HasCount(maps[0].Presence.Length, presence);
        AssertMean(maps[0].Presence, maps[1].Presence, presence);
        AssertMean(scores[0], scores[1], ensemble.Detect("", clip, ensemble.Description).Scores);
        Assert.IsGreaterThan(1e-3, Math.Abs(scores[0][0] - scores[1][0]), "the models differ");
    }

    [TestMethod]
    public void ClassesMayBeInAnotherOrder()
    {
        using var folder = new TemporaryFolder();
        float[] clip = Recording(8000);
        SoundEventDetectionTransformer first = Detector(folder, 1);
        SoundEventDetectionTransformer second = Detector(folder, 2, classes: ["hum", "ping", "pong"]);
        float[] a = first.Detect("", clip, first.Description).Scores;
        float[] b = second.Detect("", clip, second.Description).Scores;

        using SoundEventDetectionTransformer ensemble = new MLContext().Model.CreateSoundEventEnsemble([first, second]);

        CollectionAssert.AreEqual(s_classes, ensemble.ClassNames.ToArray());
        AssertMean(a, [b[1], b[2], b[0]], ensemble.Detect("", clip, ensemble.Description).Scores);
    }

    [TestMethod]
    public void ALoadedEnsembleFindsTheSameInPiecesOfAnySize()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        float[] recording = Recording(30_000);
        IDataView data = mlContext.Data.LoadFromEnumerable(new[] { new Clip { Features = recording } });
        SoundEventDetectionTransformer inner = mlContext.Model.CreateSoundEventEnsemble([Detector(folder, 1), Detector(folder, 2)]);
        using SoundEventDetectionTransformer ensemble = mlContext.Model.CreateSoundEventEnsemble([inner, Detector(folder, 3)]);
        float[] scores = ensemble.Detect("", recording, ensemble.Description).Scores;
        ensemble.Decoding = new EventDecodingOptions { Thresholds = [.. scores.Select(score => (double)score)] };
        string path = folder.File("ensemble.zip");
        mlContext.Model.Save(ensemble, data.Schema, path);

        using var loaded = (SoundEventDetectionTransformer)new MLContext().RegisterAudioTransformers().Model.Load(path, out _);

        Assert.AreEqual(3, loaded.ModelCount);
        SoundEvent[] events = [.. ensemble.Detect("", recording, ensemble.Description).Events];
        Assert.IsNotEmpty(events);
        CollectionAssert.AreEqual(events, loaded.Detect("", recording, loaded.Description).Events.ToArray());
        StreamingSoundEventDetector stream = loaded.CreateStreamingDetector("");
        List<SoundEvent> streamed = [.. recording.Chunk(777).SelectMany(piece => stream.Write(piece))];
        streamed.AddRange(stream.Finish());
        CollectionAssert.AreEquivalent(events, streamed);
    }

    [TestMethod]
    public void DetectorsThatDoNotFitAreAnErrorThatNamesBoth()
    {
        using var folder = new TemporaryFolder();
        AssertError(Detector(folder, 2, classes: ["ping", "pong", "ring"]), "their classes: hum; and ring.");
        AssertError(
            Detector(folder, 2, imageSize: 64),
            "their images: 128 frames with a step of 8, short clips stretched; and 512 frames");
        AssertError(Detector(folder, 2, window: 200), "their front end: WindowLength 256; and WindowLength 200.");

        Assert.ThrowsExactly<ArgumentException>(() => new MLContext().Model.CreateSoundEventEnsemble([]));

        void AssertError(SoundEventDetectionTransformer other, string expected)
        {
            using SoundEventDetectionTransformer first = Detector(folder, 1);
            using (other)
            {
                var error = Assert.ThrowsExactly<ArgumentException>(
                    () => new MLContext().Model.CreateSoundEventEnsemble([first, other]));
                StringAssert.Contains(error.Message, "Detector 1 and Detector 2 differ in " + expected);
            }
        }
    }

    private static void AssertMean(float[] a, float[] b, float[] mean)
    {
        for (int i = 0; i < mean.Length; i++)
        {
            Assert.AreEqual((a[i] + b[i]) / 2, mean[i], 1e-6f);
        }
    }

    private static SoundEventDetectionTransformer Detector(
        TemporaryFolder folder, ulong seed, int embedDim = 8, int imageSize = 32, int window = 256, string[]? classes = null)
    {
        var mlContext = new MLContext(seed: 1);
        LogMelOptions frontEnd = FrontEnd();
        frontEnd.WindowLength = window;
        string path = folder.File($"{Guid.NewGuid():N}.safetensors");
        HtsAtOptions model = new()
        {
            Config = { ImageSize = imageSize, EmbedDim = embedDim, Depths = [1, 1], Heads = [1, 2], WindowSize = 4 },
            FrontEnd = frontEnd,
            PretrainedWeights = path,
        };
        using (HtsAt network = new(model.Config with { MelBins = 8, Classes = 3 }, new torch.Generator(seed)))
        {
            ModuleWeights.Save(network, path);
        }

        return mlContext.SoundEventDetection()
            .Pretrained(new SoundEventDetectionEstimator.Options { Model = model, ClassNames = classes ?? s_classes })
            .Fit(mlContext.Data.LoadFromEnumerable(new[] { new Clip() }));
    }

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(SampleRate);
        frontEnd.WindowLength = 256;
        frontEnd.MelBins = 8;
        frontEnd.TargetSamples = SampleRate;
        return frontEnd;
    }

    private static float[] Features(float[] clip) => new LogMelExtractor(FrontEnd()).Extract(clip);

    private static float[] Recording(int length)
    {
        var random = new Random(3);
        return
        [
            .. Enumerable.Range(0, length).Select(i =>
                (0.5f * MathF.Sin(i * 0.1f) * MathF.Sin(i * 0.002f)) + (0.1f * (random.NextSingle() - 0.5f))),
        ];
    }

    private sealed class Clip
    {
        public float[] Features { get; set; } = [];
    }
}
