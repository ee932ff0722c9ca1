using System.Text.Json;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioTransformers.Tests.Reports;

[TestClass]
public class TrainingReportTests
{
    [TestMethod]
    public void ATrainingHasItsCurvesItsDataAndItsCode()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("training.html");
        var mlContext = new MLContext(1);
        IDataView clips = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Fit(mlContext.Data.LoadFromEnumerable(TinyClip.Make(8, 1, "low", "high")))
            .Transform(mlContext.Data.LoadFromEnumerable(TinyClip.Make(8, 1, "low", "high")));
        PasstOptions options = TinyModel.Options();
        options.Epochs = 2;
        options.Seed = 7;
        using AudioClassificationTransformer model = mlContext.AudioClassification().Trainer(options).Fit(clips);
        AudioTrainingInfo training = model.Model.Training!;

        training.SaveReport(path);

        Assert.AreEqual(("PaSST", 8, 0, 2), (
            training.ModelName, training.TrainingClipCount, training.ValidationClipCount, training.ClassCount));
        Assert.HasCount(2, training.History);
        var report = new ReportFile(path);
        report.AssertIsClosed();
        JsonElement loss = report.Section("Loss").GetProperty("curves")[0];
        CollectionAssert.AreEqual(
            new[] { 1.0, 2 }, loss.GetProperty("x").EnumerateArray().Select(epoch => epoch.GetDouble()).ToArray());
        Assert.AreEqual(training.History[1].Loss, loss.GetProperty("y")[1].GetDouble(), 1e-5);
        string[][] facts =
        [
            .. report.Section("Training").GetProperty("items").EnumerateArray()
                .Select(item => item.EnumerateArray().Select(text => text.GetString()!).ToArray()),
        ];
        CollectionAssert.Contains(facts.Select(fact => string.Join(": ", fact)).ToArray(), "epochs: 2 of 2");
        string code = report.Section("Code").GetProperty("text").GetString()!;
        StringAssert.StartsWith(code, "var options = new PasstOptions();");
        StringAssert.Contains(code, "options.Epochs = 2;\n");
        StringAssert.Contains(code, "options.Seed = 7;\n");
        StringAssert.Contains(code, "options.Config.EmbedDim = 16;\n");
    }
}
