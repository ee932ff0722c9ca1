using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Scoring;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <content>A detector of several threads, and of those who ask for few rows.</content>
public sealed partial class SoundEventDetectionTests
{
    [TestMethod]
    public void ThreadsDetectTheSameBitsAndAPreviewNoMoreThanItShows()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        int read = 0;
        IDataView data = mlContext.Data.LoadFromEnumerable(Recordings().Select(recording =>
        {
            Interlocked.Increment(ref read);
            return recording;
        }));
        using SoundEventDetectionTransformer detector = Detector(mlContext, folder, data);
        string expected = ContractTraining.Scores(detector, data);
        var found = new string[16];

        OneThread.Each(found.Length, thread => found[thread] = ContractTraining.Scores(detector, data));

        Array.ForEach(found, rows => Assert.AreEqual(expected, rows));
        read = 0;
        IDataView few = mlContext.Data.TakeRows(detector.Transform(data), 2);
        Assert.HasCount(2, mlContext.Data.CreateEnumerable<Detected>(few, reuseRowObject: false).ToArray());
        Assert.AreEqual(2, read);
    }

    /// <summary>A second thread that asks in the midst of the first one's recording.</summary>
    [TestMethod]
    public void APredictionEngineOfTwoThreadsIsTold()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        Recording[] recordings = Recordings();
        using SoundEventDetectionTransformer detector =
            Detector(mlContext, folder, mlContext.Data.LoadFromEnumerable(recordings));
        using PredictionEngine<InterruptedClip, Detected> engine = mlContext.Model.CreatePredictionEngine<InterruptedClip, Detected>(
            detector, new PredictionEngineOptions { OwnsTransformer = false });
        Detected expected = engine.Predict(new InterruptedClip { Samples = recordings[0].Features });
        Exception? told = null;

        Detected found = engine.Predict(new InterruptedClip
        {
            Samples = recordings[0].Features,
            OnRead = () => Task.Run(() => told ??= Assert.ThrowsExactly<InvalidOperationException>(
                () => engine.Predict(new InterruptedClip { Samples = recordings[1].Features }))).Wait(),
        });

        Assert.Contains("PredictionEngine", told!.Message);
        CollectionAssert.AreEqual(expected.Score, found.Score);
        CollectionAssert.AreEqual(expected.EventOnsets, found.EventOnsets);
    }
}
