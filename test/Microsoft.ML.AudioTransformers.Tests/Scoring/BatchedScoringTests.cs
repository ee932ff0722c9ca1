using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

[TestClass]
public sealed class BatchedScoringTests
{
    [TestMethod]
    public void ScoresDoNotDependOnTheBatchSizeAndComeInRowOrder()
    {
        var mlContext = new MLContext(seed: 1);
        (string[] Names, float[][] Scores)? first = null;
        foreach (int batchSize in new[] { 1, 2, 7, 40, 100 })
        {
            IDataView scored = Scored(mlContext, batchSize, _ => { });
            (string[] Names, float[][] Scores) result = (scored.GetColumn<string>("Name").ToArray(), TinyModel.Scores(scored));
            first ??= result;
            CollectionAssert.AreEqual(first.Value.Names, result.Names);
            for (int i = 0; i < result.Scores.Length; i++)
            {
                for (int c = 0; c < result.Scores[i].Length; c++)
                {
                    Assert.AreEqual(first.Value.Scores[i][c], result.Scores[i][c], 1e-5f, $"batch size {batchSize}, row {i}");
                }
            }
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, 40).Select(i => $"clip{i}").ToArray(), first!.Value.Names);
    }

    [TestMethod]
    public void RowsKeepTheirOwnValuesWhileOthersAreReadAhead()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView scored = Scored(mlContext, batchSize: 7, _ => { });
        TinyClip[] clips = TinyClip.Make(40, seed: 2, TinyModel.Classes);

        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<ReadOnlyMemory<char>> nameGetter = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Name"]);
        ValueGetter<VBuffer<float>> featureGetter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Features"]);
        ValueGetter<VBuffer<float>> scoreGetter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        ValueGetter<uint> labelGetter = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
        int rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            ReadOnlyMemory<char> name = default;
            VBuffer<float> features = default;
            VBuffer<float> score = default;
            uint label = 0;
            nameGetter(ref name);
            featureGetter(ref features);
            scoreGetter(ref score);
            labelGetter(ref label);
            Assert.AreEqual(rows, cursor.Position);
            Assert.AreEqual(clips[rows].Name, name.ToString());
            CollectionAssert.AreEqual(clips[rows].Features, features.DenseValues().ToArray());
            Assert.AreEqual(Array.IndexOf(TinyModel.Classes, clips[rows].Label) + 1u, label);
            Assert.AreEqual(score.GetItemOrDefault((int)label - 1), score.DenseValues().Max());
        }

        Assert.AreEqual(40, rows);
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void CursorThatAsksForNoOutputComputesNothing()
    {
        var mlContext = new MLContext(seed: 1);
        int featuresRead = 0;
        IDataView scored = Scored(mlContext, batchSize: 8, _ => featuresRead++);

        using (DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Name"]]))
        {
            while (cursor.MoveNext())
            {
            }
        }

        Assert.AreEqual(0, featuresRead);
        Assert.HasCount(40, TinyModel.Scores(scored));
        Assert.AreEqual(40, featuresRead, "each row's features are computed once");
    }

    /// <summary>Batches of 1, 3 and 9 rows are 13, and of 1 and 3 are 4.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void APreviewReadsFewRowsMoreThanItShows(bool mapsKeys)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        (options.ScoringBatchSize, options.Epochs) = (64, 1);
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);
        IEstimator<ITransformer> pipeline = mlContext.MulticlassClassification.Trainers.Passt(options);
        ITransformer model = (mapsKeys
            ? pipeline.Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            : pipeline).Fit(mapped);
        int read = 0;
        IDataView scored = model.Transform(mlContext.Data.LoadFromEnumerable(
            TinyClip.Make(1000, seed: 2, TinyModel.Classes).Select(clip =>
            {
                Interlocked.Increment(ref read);
                return clip;
            })));

        Assert.HasCount(10, TinyModel.Scores(mlContext.Data.TakeRows(scored, 10)));

        Assert.IsLessThanOrEqualTo(15, read);
        read = 0;
        Assert.HasCount(3, scored.Preview(maxRows: 3).RowView);

        // ML.NET hands rows to several threads, hundreds ahead, as soon as a column that its own transformer adds is asked
        // for.
        Assert.IsTrue(mapsKeys || read <= 7, $"{read} rows");
    }

    /// <summary>Of batches of four, 1, 3, 4 and 4 rows are 12; then the next four are read unasked.</summary>
    [TestMethod]
    public void RowsAreReadWhileABatchIsScored()
    {
        var mlContext = new MLContext(seed: 1);
        int read = 0;
        IDataView scored = ScoredRows(mlContext, batchSize: 4, () => Interlocked.Increment(ref read));
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        for (int i = 0; i < 8; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
        }

        Assert.AreEqual(8, Volatile.Read(ref read));
        Assert.IsTrue(cursor.MoveNext());

        Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref read) == 16, TimeSpan.FromMinutes(1)), $"{read} rows");
        int rows = 9;
        for (; cursor.MoveNext(); rows++)
        {
        }

        Assert.AreEqual(40, rows);
        Assert.AreEqual(40, read);
    }

    /// <summary>The error of a row that was read ahead is told where its batch begins, and again at each further call.</summary>
    [TestMethod]
    public void AnErrorOfARowThatIsReadAheadIsToldInItsPlace()
    {
        var mlContext = new MLContext(seed: 1);
        int read = 0;
        IDataView scored = ScoredRows(mlContext, batchSize: 4, () =>
        {
            if (++read == 14)
            {
                throw new InvalidDataException("the fourteenth row");
            }
        });
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        for (int i = 0; i < 12; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
        }

        Assert.Contains("the fourteenth row", Assert.Throws<Exception>(() => cursor.MoveNext()).ToString());
        Assert.Contains("the fourteenth row", Assert.Throws<Exception>(() => cursor.MoveNext()).ToString());
    }

    /// <summary>Disposal waits for the row that is read, reads no further one, and is not told of its error.</summary>
    [TestMethod]
    public void ACursorThatReadsAheadIsDisposed()
    {
        var mlContext = new MLContext(seed: 1);
        int read = 0;
        using var reading = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        IDataView scored = ScoredRows(mlContext, batchSize: 4, () =>
        {
            if (++read == 13)
            {
                reading.Set();
                goOn.Wait();
                throw new InvalidDataException("the thirteenth row");
            }
        });
        DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        for (int i = 0; i < 9; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
        }

        Assert.IsTrue(reading.Wait(TimeSpan.FromMinutes(1)));
        Task disposal = Task.Run(cursor.Dispose);
        Assert.IsFalse(disposal.IsCompleted, "the row is still read");
        goOn.Set();
        disposal.GetAwaiter().GetResult();

        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(13, read);
    }

    /// <summary>Small models keep their weights for scoring in another form, which another precision does not use.</summary>
    [TestMethod]
    public void PrecisionThatIsSetBackGivesTheScoresOfBefore()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        (options.Epochs, options.ScoringPrecision) = (1, AudioPrecision.Float32);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options)
            .Fit(PasstTrainerTests.MapLabels(mlContext, out _));
        IDataView clips = mlContext.Data.LoadFromEnumerable(TinyClip.Make(5, seed: 2, TinyModel.Classes));
        float[][] before = TinyModel.Scores(model.Transform(clips));

        model.Precision = AudioPrecision.BFloat16;
        float[][] rounded = TinyModel.Scores(model.Transform(clips));
        model.Precision = AudioPrecision.Float32;
        float[][] after = TinyModel.Scores(model.Transform(clips));

        CollectionAssert.AreNotEqual(before.SelectMany(row => row).ToArray(), rounded.SelectMany(row => row).ToArray());
        CollectionAssert.AreEqual(before.SelectMany(row => row).ToArray(), after.SelectMany(row => row).ToArray());
    }

    [TestMethod]
    public void FeaturesAskedForBesideTheScoreAreComputedOnce()
    {
        var mlContext = new MLContext(seed: 1);
        int featuresRead = 0;
        IDataView scored = Scored(mlContext, batchSize: 8, _ => featuresRead++);

        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Features"], scored.Schema["Score"]]);
        ValueGetter<VBuffer<float>> features = cursor.GetGetter<VBuffer<float>>(scored.Schema["Features"]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            features(ref value);
            score(ref value);
        }

        Assert.AreEqual(40, featuresRead);
    }

    /// <summary>A view scored by a small model, whose features are made by a mapping that can be watched.</summary>
    private static IDataView Scored(MLContext mlContext, int batchSize, Action<string> featuresRead)
    {
        PasstOptions options = TinyModel.Options();
        options.ScoringBatchSize = batchSize;
        options.Seed = 1;
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);
        AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);
        IDataView clips = mlContext.Data.LoadFromEnumerable(
            TinyClip.Make(40, seed: 2, TinyModel.Classes).Select(clip => new RawClip { Name = clip.Name, Raw = clip.Features }));
        IDataView features = mlContext.Transforms.CustomMapping<RawClip, Watched>(
            (source, target) =>
            {
                featuresRead(source.Name);
                target.Features = source.Raw;
            },
            contractName: null).Fit(clips).Transform(clips);
        return model.Transform(features);
    }

    /// <summary>A view scored by a small model, whose rows are made when they are read.</summary>
    private static IDataView ScoredRows(MLContext mlContext, int batchSize, Action rowRead)
    {
        PasstOptions options = TinyModel.Options();
        (options.ScoringBatchSize, options.Epochs) = (batchSize, 1);
        ITransformer model = mlContext.MulticlassClassification.Trainers.Passt(options)
            .Fit(PasstTrainerTests.MapLabels(mlContext, out _));
        return model.Transform(mlContext.Data.LoadFromEnumerable(
            TinyClip.Make(40, seed: 2, TinyModel.Classes).Select(clip =>
            {
                rowRead();
                return clip;
            })));
    }

    private sealed class RawClip
    {
        public string Name { get; set; } = "";

        [VectorType(TinyClip.Frames * TinyClip.Mels)]
        public float[] Raw { get; set; } = [];
    }

    private sealed class Watched
    {
        [VectorType(TinyClip.Frames, TinyClip.Mels)]
        public float[] Features { get; set; } = [];
    }
}
