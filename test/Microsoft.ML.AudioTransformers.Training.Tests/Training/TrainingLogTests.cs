using System.Globalization;
using System.Xml.Linq;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class TrainingLogTests
{
    [TestMethod]
    public void WorkspaceHasTableAndCurveOfAllEpochs()
    {
        using var folder = new TemporaryFolder();
        List<AudioTrainingMetrics> metrics = [];
        var mlContext = new MLContext();
        PasstOptions options = TinyModel.Options();
        options.Epochs = 3;
        options.WorkspacePath = folder.File("run");
        options.MetricsEverySteps = 4;
        options.MetricsCallback = metrics.Add;
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out IDataView validation);
        options.ValidationSet = validation;
        mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped).Dispose();

        // Six steps an epoch: the fourth, and multiples of it that end no epoch.
        CollectionAssert.AreEqual(new long[] { 4, 6, 8, 12, 16, 18 }, metrics.Select(item => item.Step).ToArray());
        Assert.IsTrue(metrics.TrueForAll(item => item.StepCount == 18 && item.WaitingShare is >= 0 and <= 1));
        Assert.AreEqual(TimeSpan.Zero, metrics[^1].Remaining);

        string[] lines = File.ReadAllLines(Path.Combine(options.WorkspacePath, "training.csv"));
        AudioTrainingMetrics[] epochs = [.. metrics.Where(item => item.IsEpochEnd)];
        Assert.HasCount(1 + epochs.Length, lines);
        string[] names = lines[0].Split(',');
        for (int i = 0; i < epochs.Length; i++)
        {
            string[] values = lines[i + 1].Split(',');
            double Value(string name) => double.Parse(values[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
            Assert.HasCount(names.Length, values);
            Assert.AreEqual(epochs[i].Epoch, Value("epoch"));
            Assert.AreEqual(epochs[i].Loss, Value("loss"));
            Assert.AreEqual(epochs[i].ValidationAccuracy, Value("validation_accuracy"));
        }

        XElement svg = XElement.Load(Path.Combine(options.WorkspacePath, "training.svg"));
        XElement[] curves = [.. svg.Elements().Where(element => element.Name.LocalName == "polyline")];
        Assert.HasCount(4, curves);
        Assert.IsTrue(Array.TrueForAll(curves, curve => curve.Attribute("points")!.Value.Split(' ').Length == 3));
    }

    [TestMethod]
    public void TableAndChartHaveMeanAveragePrecisionWhereItWasMeasured()
    {
        AudioTrainingMetrics[] history =
        [
            new() { Epoch = 1, Loss = 0.5, Accuracy = 0.25, ValidationLoss = 0.4, ValidationAccuracy = 0.5 },
            new()
            {
                Epoch = 2, Loss = 0.4, Accuracy = 0.5, ValidationLoss = 0.3, ValidationAccuracy = 0.5,
                ValidationMeanAveragePrecision = 0.625,
            },
        ];

        string[] lines = TrainingLog.ToCsv(history).TrimEnd('\n').Split('\n');
        Assert.AreEqual("validation_mean_average_precision", lines[0].Split(',')[^1]);
        CollectionAssert.AreEqual(new[] { "", "0.625" }, lines[1..].Select(line => line.Split(',')[^1]).ToArray());

        XElement[] curves = Curves(TrainingLog.ToChart(history));
        Assert.HasCount(5, curves);
        Assert.HasCount(1, curves[^1].Attribute("points")!.Value.Split(' '));
        Assert.HasCount(4, Curves(TrainingLog.ToChart(history[..1])));

        static XElement[] Curves(SvgChart chart) =>
            [.. XElement.Parse(chart.ToString()).Elements().Where(element => element.Name.LocalName == "polyline")];
    }

    [TestMethod]
    public void LineOfMetricsCountsMoreThanADayInHours()
    {
        var metrics = new AudioTrainingMetrics { Epoch = 1, EpochCount = 9, Remaining = new TimeSpan(2, 3, 4, 5) };

        StringAssert.EndsWith(metrics.ToString(), ", 51:04:05 left");
    }

    [TestMethod]
    public void LineOfMetricsTellsSpeedAndTimeLeft()
    {
        var metrics = new AudioTrainingMetrics
        {
            Epoch = 2, EpochCount = 9, IsEpochEnd = true, Loss = 0.5, Accuracy = 0.75, LearningRate = 0.001,
            ClipsPerSecond = 12.4, Remaining = new TimeSpan(1, 2, 3),
        };

        Assert.AreEqual(
            "epoch 2/9: loss 0.5000, accuracy 0.750, learning rate 0.001, 12 clips/s, 01:02:03 left", metrics.ToString());
    }
}
