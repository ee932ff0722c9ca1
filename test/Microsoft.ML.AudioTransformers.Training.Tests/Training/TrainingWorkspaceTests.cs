using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class TrainingWorkspaceTests
{
    [TestMethod]
    public void AnotherRunsLockAndAFolderThatCannotBeWrittenAreToldApart()
    {
        using var folder = new TemporaryFolder();
        using var first = new TrainingWorkspace(folder.File("run"));

        Assert.Contains("Another training run has the workspace", Refused(folder.File("run")));

        // A folder in the lock's place cannot be opened as a file, not even by root, whom no permission stops.
        Directory.CreateDirectory(Path.Combine(folder.File("taken"), "lock"));
        string taken = Refused(folder.File("taken"));
        Assert.Contains("cannot be written", taken);
        Assert.DoesNotContain("Another", taken);
        File.WriteAllText(folder.File("file"), "");
        Assert.Contains("cannot be written", Refused(folder.File("file")));

        static string Refused(string path)
        {
            string message = Assert.ThrowsExactly<IOException>(() => new TrainingWorkspace(path)).Message;
            Assert.Contains($"'{path}'", message);
            return message;
        }
    }

    [TestMethod]
    public void AWorkspaceIsOpenedBeforeTheClipsAreRead()
    {
        using var folder = new TemporaryFolder();
        using var other = new TrainingWorkspace(folder.Path);
        var mlContext = new MLContext(seed: 1);
        int read = 0;
        IDataView data = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Fit(TinyModel.Data(mlContext)).Transform(mlContext.Data.LoadFromEnumerable(TinyClip.Make(8, 1, TinyModel.Classes)
                .Select(clip =>
                {
                    read++;
                    return clip;
                })));
        PasstOptions options = TinyModel.Options();
        options.WorkspacePath = folder.Path;

        Assert.ThrowsExactly<IOException>(() => mlContext.MulticlassClassification.Trainers.Passt(options).Fit(data));

        Assert.AreEqual(0, read);
    }

    [TestMethod]
    [DataRow(2, "")]
    [DataRow(3, "No weights are averaged: WeightAveragingFirstEpoch is 3, and there are 2 epochs.")]
    public void AnAverageThatNeverBeginsIsTold(int firstEpoch, string expected)
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(expected, string.Join('\n', Train(folder.Path, "averaged", options =>
            options.Optimization.WeightAveragingFirstEpoch = firstEpoch)));
    }

    [TestMethod]
    public void ResumingIsTold()
    {
        using var folder = new TemporaryFolder();
        Assert.IsEmpty(Train(folder.Path));

        string told = Train(folder.Path).Single();

        Assert.Contains(folder.Path, told);
        Assert.Contains("2 of 2 epochs are done", told);
    }

    /// <summary>Trains for two epochs.</summary>
    /// <returns>The trainer's messages with a part in them.</returns>
    private static List<string> Train(string workspace, string part = "Resuming", Action<PasstOptions>? change = null)
    {
        var mlContext = new MLContext(seed: 1);
        List<string> told = [];
        mlContext.Log += (_, entry) =>
        {
            if (entry.RawMessage.Contains(part, StringComparison.Ordinal))
            {
                told.Add(entry.RawMessage);
            }
        };
        PasstOptions options = TinyModel.Options();
        (options.WorkspacePath, options.Epochs) = (workspace, 2);
        change?.Invoke(options);
        IDataView data = TinyModel.Data(mlContext);
        using var model = (IDisposable)TinyModel.Pipeline(mlContext, options).Fit(data);
        return told;
    }
}
