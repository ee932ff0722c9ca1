using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

[TestClass]
public sealed class ThreadedScoringTests
{
    [TestMethod]
    public void SixteenThreadsScoreTheSameBitsAsOne()
    {
        const int threads = 16;
        var mlContext = new MLContext(seed: 1);
        using AudioClassificationTransformer model = Train(mlContext);
        IDataView data = TinyModel.Data(mlContext, count: 20);
        string expected = Bits(TinyModel.Scores(model.Transform(data)));
        string[] found = new string[threads];

        OneThread.Each(threads, i =>
        {
            for (int time = 0; time < 5; time++)
            {
                string scores = Bits(TinyModel.Scores(model.Transform(data)));
                found[i] = found[i] is null || found[i] == scores ? scores : "it differs from itself";
            }
        });

        Array.ForEach(found, scores => Assert.AreEqual(expected, scores));
    }

    /// <summary>A second thread that asks in the midst of the first one's row, as two with one PredictionEngine do.</summary>
    [TestMethod]
    public void ARowThatTwoThreadsScoreAtOnceIsRefused()
    {
        IDataView data = TinyModel.Data(new MLContext(seed: 1), count: 1);
        using DataViewRowCursor row = data.GetRowCursor(data.Schema);
        row.MoveNext();
        using var scores = new InterruptedScores(row);

        float[] found = scores.Scores().ToArray();

        CollectionAssert.AreEqual(new[] { 0.25f, 0.75f }, found);
        Assert.Contains("PredictionEngine", scores.Told!.Message);
        scores.Scores();
    }

    private sealed class InterruptedScores(DataViewRow row) : RowScores(row)
    {
        public InvalidOperationException? Told { get; private set; }

        protected override ReadOnlySpan<float> Current => new[] { 0.25f, 0.75f };

        public override void Dispose()
        {
        }

        protected override void Score()
        {
            var second = new Thread(() => Told = Assert.ThrowsExactly<InvalidOperationException>(() => Scores().ToArray()));
            second.Start();
            second.Join();
        }
    }

    private static AudioClassificationTransformer Train(MLContext mlContext)
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        IDataView data = TinyModel.Data(mlContext);
        return mlContext.MulticlassClassification.Trainers.Passt(options)
            .Fit(mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data));
    }

    private static string Bits(float[][] scores) => string.Join(
        ' ', scores.SelectMany(row => row).Select(score => BitConverter.SingleToInt32Bits(score).ToString("x8")));
}
