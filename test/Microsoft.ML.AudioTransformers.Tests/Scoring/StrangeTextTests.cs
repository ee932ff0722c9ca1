using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

/// <summary>
/// Names of classes with characters that tables, JSON and SVG give a meaning, and cultures that write numbers otherwise.
/// </summary>
[TestClass]
public sealed class StrangeTextTests
{
    private static readonly string[] s_classes = ["a, \"b\"\nc\t<&>\\", "\U0001F3B5 müzik\u202E"];

    [TestMethod]
    public void AnyTextIsTheNameOfAClass()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView data = mlContext.Data.LoadFromEnumerable(TinyClip.Make(16, 1, s_classes));
        ITransformer model = TinyModel.Pipeline(mlContext, Options()).Fit(data);
        mlContext.Model.SaveAudioModel(model, data.Schema, folder.File("model.zip"));
        ITransformer loaded = mlContext.Model.Load(folder.File("model.zip"), out _);
        AudioClassificationTransformer own = ((IEnumerable<ITransformer>)loaded).OfType<AudioClassificationTransformer>().Single();
        own.Model.SaveSafetensors(folder.File("model.safetensors"));

        CollectionAssert.AreEqual(s_classes, own.Model.ClassNames.ToArray());
        CollectionAssert.IsSubsetOf(
            loaded.Transform(data).GetColumn<string>("PredictedLabel").Distinct().ToArray(), s_classes);
        using (SafetensorsFile file = SafetensorsFile.Open(folder.File("model.safetensors")))
        {
            CollectionAssert.AreEqual(s_classes, JsonSerializer.Deserialize<string[]>(file.Metadata["classes"]));
        }

        IDataView keyed = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(own.Transform(keyed));
        CollectionAssert.AreEqual(s_classes, metrics.ClassNames.ToArray());
        metrics.ConfusionTable.ToChart().Save(folder.File("confusion.svg"));
        Assert.Contains("müzik", XDocument.Load(folder.File("confusion.svg")).ToString());
    }

    /// <summary>
    /// Numbers with a comma, another minus sign and none of the digits' usual groups, as tr-TR, de-DE and fa-IR write them.
    /// </summary>
    [TestMethod]
    public void NoCultureChangesWhatIsTrainedSavedOrWritten()
    {
        (string Model, string Log, string Error) expected = TrainIn(CultureInfo.InvariantCulture);
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NumberGroupSeparator = ".";
        comma.NumberFormat.NegativeSign = "\u200E\u2212";

        (string Model, string Log, string Error) found = TrainIn(comma);

        Assert.AreEqual(expected.Model, found.Model);
        Assert.AreEqual(expected.Log, found.Log);
        Assert.AreEqual(expected.Error, found.Error);
        Assert.Contains("-0.5", found.Error);
    }

    private static (string Model, string Log, string Error) TrainIn(CultureInfo culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            using var folder = new TemporaryFolder();
            var mlContext = new MLContext(seed: 1);
            IDataView data = TinyModel.Data(mlContext, count: 16);
            PasstOptions options = Options();
            options.WorkspacePath = folder.File("run");
            options.Augmentation.MixupAlpha = 0.3;
            ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(data);
            using var file = new MemoryStream();
            mlContext.Model.Save(model, data.Schema, file);
            file.Position = 0;
            string scores = string.Join(' ', TinyModel.Scores(mlContext.Model.Load(file, out _).Transform(data))
                .SelectMany(row => row).Select(BitConverter.SingleToInt32Bits).Select(bits => $"{bits:x8}"));

            // The log's last two columns are times.
            string[] log = [.. File.ReadLines(Path.Combine(folder.File("run"), "training.csv"))
                .Select(line => string.Join(',', line.Split(',').Take(4)))];
            options.LearningRate = -0.5;
            string error = Assert.Throws<ArgumentException>(() => TinyModel.Pipeline(mlContext, options).Fit(data)).Message;
            return (scores, string.Join('\n', log), error);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static PasstOptions Options()
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 2;
        return options;
    }
}
