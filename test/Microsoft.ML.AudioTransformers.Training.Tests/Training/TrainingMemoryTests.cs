using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class TrainingMemoryTests
{
    // The runtime compiles methods again, in the background, the more often they run: memory that is not the training's.
    private static readonly Dictionary<string, string> s_compileOnce = new() { ["DOTNET_TieredCompilation"] = "0" };

    public TestContext TestContext { get; set; } = null!;

    /// <summary>Resident memory of a process of its own, after the second epoch and after the twentieth.</summary>
    [TestMethod]
    [DataRow("in memory")]
    [DataRow("streamed")]
    public void MemoryDoesNotGrowFromEpochToEpoch(string kind)
    {
        using var folder = new TemporaryFolder();

        double[] resident = [.. FreshProcess.Run(TrainInProcess, s_compileOnce, kind, folder.File("run")).Split(' ')
            .Select(value => double.Parse(value, CultureInfo.InvariantCulture))];

        Assert.HasCount(20, resident);
        string found = string.Create(
            CultureInfo.InvariantCulture,
            $"after epoch 2: {resident[1] / 1e6:F1} MB, after epoch 20: {resident[19] / 1e6:F1} MB ({resident[19] / resident[1] - 1:P2})");
        TestContext.WriteLine(found);
        Assert.IsLessThan(0.02 * resident[1], resident[19] - resident[1], found);
    }

    /// <returns>The resident memory after each epoch, in bytes.</returns>
    private static string TrainInProcess(string[] arguments)
    {
        torch.set_num_threads(1);
        var mlContext = new MLContext();
        PasstOptions options = TinyModel.Options();
        (options.Config.EmbedDim, options.Config.Depth, options.Epochs) = (64, 4, 20);
        options.Augmentation.TimeRollFrames = 3;
        options.Augmentation.MixupAlpha = 0.3;
        options.Augmentation.TimeMaskFrames = 4;
        options.WorkspacePath = arguments[1];
        options.Sampling.ShuffleBuffer = arguments[0] == "streamed" ? 20 : 0;
        List<long> resident = [];
        options.MetricsCallback = _ =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            resident.Add(Environment.WorkingSet);
        };
        IDataView data = mlContext.Data.LoadFromEnumerable(TinyClip.Make(400, 1, TinyModel.Classes));
        IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        options.ValidationSet = mlContext.Data.TakeRows(mapped, 60);
        mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped).Dispose();
        return string.Join(' ', resident.Select(bytes => bytes.ToString(CultureInfo.InvariantCulture)));
    }
}
