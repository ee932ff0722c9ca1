using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>What newcomers stumbled over.</summary>
[TestClass]
public sealed class NewcomerTests
{
    [TestMethod]
    public void SpeedAndTimeLeftAreToldWithinTheFirstEpoch()
    {
        var mlContext = new MLContext(seed: 1);
        List<string> messages = [];
        mlContext.Log += (_, log) => messages.Add(log.Message);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 2;

        TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext, count: 48));

        int told = messages.FindIndex(message => message.Contains("epoch 1/2, 24 of 48 clips: ", StringComparison.Ordinal)
            && message.Contains(" clips/s, about 00:00:0", StringComparison.Ordinal));
        Assert.IsGreaterThan(0, told);
        Assert.IsGreaterThan(told, messages.FindIndex(
            message => message.Contains("epoch 1/2: loss", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void ModelOfAChainIsFound()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
        ITransformer within = new TransformerChain<ITransformer>(model);

        CollectionAssert.AreEqual(TinyModel.Classes, within.AudioModel().Model.ClassNames.ToArray());
        var error = Assert.ThrowsExactly<ArgumentException>(
            () => within.FindTransformer<SoundEventDetectionTransformer>());
        BadInputTests.AssertMentions(
            error, "no SoundEventDetectionTransformer", "ValueToKeyMappingTransformer, AudioClassificationTransformer");
    }

    [TestMethod]
    public void CursorThatFailedFailsAgainAndLeavesNoRowOut()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
        TinyClip[] clips = TinyClip.Make(20, seed: 2, TinyModel.Classes);
        clips[9].Features[0] = float.NaN;
        IDataView scored = model.Transform(mlContext.Data.LoadFromEnumerable(clips));

        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> value = default;
        int rows = 0;
        for (int call = 0; call < 30; call++)
        {
            try
            {
                if (!cursor.MoveNext())
                {
                    Assert.Fail("The cursor takes the failure for the end.");
                }

                rows++;
            }
            catch (InvalidDataException error)
            {
                BadInputTests.AssertMentions(error, "row 9", "NaN");
                Assert.ThrowsExactly<InvalidOperationException>(() => score(ref value), "there is no row");
            }
        }

        // Batches of 1 and 3 rows; the failure is in the third, of which some rows were read.
        Assert.AreEqual(4, rows);
    }

    [TestMethod]
    public void FileInAMissingFolderIsNamedAsTheUserDid()
    {
        string path = Path.Combine(Path.GetTempPath(), $"none-{Guid.NewGuid():N}", "report.html");
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute([0, 1], [[0.9f, 0.1f], [0.2f, 0.8f]]);

        var error = Assert.ThrowsExactly<DirectoryNotFoundException>(() => metrics.SaveReport(path));

        BadInputTests.AssertMentions(error, $"'{path}' cannot be written: there is no folder '{Path.GetDirectoryName(path)}'");
        Assert.DoesNotContain(".tmp", error.Message);
    }

    [TestMethod]
    public void ReportHasNoMorePlacesThanClasses()
    {
        string path = Path.Combine(Path.GetTempPath(), $"report-{Guid.NewGuid():N}.html");
        float[][] scores = [[0.7f, 0.2f, 0.1f], [0.1f, 0.6f, 0.3f], [0.2f, 0.3f, 0.5f], [0.4f, 0.5f, 0.1f]];
        try
        {
            AudioClassificationMetrics.Compute([0, 1, 2, 0], scores).SaveReport(path);
            string page = File.ReadAllText(path);
            StringAssert.Contains(page, "Top-2 accuracy");
            Assert.DoesNotContain("Top-5 accuracy", page);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
