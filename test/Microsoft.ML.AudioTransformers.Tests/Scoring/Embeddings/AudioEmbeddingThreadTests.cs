using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring.Embeddings;

/// <content>An embedder of several threads, and of those who ask for few rows.</content>
public sealed partial class AudioEmbeddingTests
{
    [TestMethod]
    [DataRow(AudioEmbeddingKind.Scene)]
    [DataRow(AudioEmbeddingKind.Timestamped)]
    public void ThreadsEmbedTheSameBitsAndAPreviewNoMoreThanItShows(AudioEmbeddingKind kind)
    {
        AudioEmbeddingOptions options = Options();
        options.Kind = kind;
        Clip[] clips = Clips(6, seed: 3);
        using AudioEmbeddingTransformer transformer = Fit(options, clips[0].Waveform, out _);
        int read = 0;
        var mlContext = new MLContext(seed: 1);
        IDataView view = transformer.Transform(mlContext.Data.LoadFromEnumerable(clips.Select(clip =>
        {
            Interlocked.Increment(ref read);
            return clip;
        })));
        string Bits(IDataView embedded) => string.Join(' ', Column(embedded, "Embedding").SelectMany(row => row)
            .Select(number => BitConverter.SingleToInt32Bits(number).ToString("x8")));
        string expected = Bits(view);
        var found = new string[16];

        OneThread.Each(found.Length, thread => found[thread] = Bits(view));

        Array.ForEach(found, bits => Assert.AreEqual(expected, bits));
        read = 0;
        Assert.HasCount(2, Column(mlContext.Data.TakeRows(view, 2), "Embedding"));
        Assert.AreEqual(2, read);
    }

    /// <summary>A second thread that asks in the midst of the first one's clip.</summary>
    [TestMethod]
    public void APredictionEngineOfTwoThreadsIsTold()
    {
        float[] waveform = Noise(2100, seed: 3);
        using AudioEmbeddingTransformer transformer = Fit(Options(), waveform, out _);
        using var engine = new MLContext().Model.CreatePredictionEngine<InterruptedClip, EmbeddedClip>(
            transformer, new PredictionEngineOptions { OwnsTransformer = false });
        float[] expected = engine.Predict(new InterruptedClip { Samples = waveform }).Embedding;
        Exception? told = null;

        float[] found = engine.Predict(new InterruptedClip
        {
            Samples = waveform,
            OnRead = () => Task.Run(() => told = Assert.ThrowsExactly<InvalidOperationException>(
                () => engine.Predict(new InterruptedClip { Samples = Noise(900, seed: 4) }))).Wait(),
        }).Embedding;

        Assert.Contains("PredictionEngine", told!.Message);
        CollectionAssert.AreEqual(expected, found);
    }

    private sealed class EmbeddedClip
    {
        public float[] Embedding { get; set; } = [];
    }
}
