using AudioMLNet.Reproduce.Synthetic;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioDatasets.Tests;

/// <summary>The small data that samples/Reproduce makes is in the layouts that the readers read.</summary>
[TestClass]
public sealed class SyntheticDatasetsTests
{
    [TestMethod]
    // Four classes, two clips each of every split.
    [DataRow("audioset", "balanced: 8, evaluation: 8, unbalanced: 8", 24)]
    [DataRow("esc50", "", 40)]
    [DataRow("speechcommands", "background: 1, test: 8, train: 8, validation: 8", 25)]
    [DataRow("openmic", "test: 8, train: 8", 16)]
    [DataRow("tau2020", "test: 8, train: 8", 16)]
    [DataRow("fsd50k", "test: 8, train: 8, validation: 8", 24)]
    [DataRow("desed", "public: 8, synthetic2021: 8, validation: 8, weak: 8", 32)]
    [DataRow("kinetics", "train: 8, validation: 8", 16)]
    [DataRow("vggsound", "test: 8, train: 8", 16)]
    [DataRow("epic", "train: 8, validation: 8", 16)]
    public void A_reader_reads_all_of_it(string name, string splits, int count)
    {
        using var folder = new TemporaryFolder();
        SyntheticDatasets.Makers[name](folder.Path, 2);
        AudioDataset dataset = Load(name, folder.Path);
        Assert.AreEqual(count, dataset.Report.ClipCount);
        Assert.AreEqual(splits, string.Join(", ", dataset.Report.Splits.Select(split => $"{split.Key}: {split.Value}")));
        Assert.IsEmpty(dataset.Report.Extra);
        if (name == "esc50")
        {
            Assert.HasCount(5, dataset.Folds);
        }
    }

    [TestMethod]
    public void Every_set_that_can_be_made_is_tested()
    {
        var method = typeof(SyntheticDatasetsTests).GetMethod(nameof(A_reader_reads_all_of_it))!;
        string?[] tested = [.. method.GetCustomAttributes(typeof(DataRowAttribute), false)
            .Select(row => ((DataRowAttribute)row).Data[0] as string)];
        CollectionAssert.AreEquivalent(SyntheticDatasets.Makers.Keys.ToArray(), tested);
    }

    [TestMethod]
    public void Segments_are_read_by_the_columns_that_the_loader_takes()
    {
        using var folder = new TemporaryFolder();
        SyntheticDatasets.Makers["epic"](folder.Path, 1);
        AudioDataset epic = Load("epic", folder.Path);
        IDataView clips = DatasetTree.Context.Transforms.LoadAudio(
            "Waveform", "Path", new AudioLoadingEstimator.Options { OffsetColumnName = "Start", DurationColumnName = "Duration" })
            .Fit(epic.Train).Transform(epic.Train);
        int[] lengths = [.. clips.GetColumn<float[]>("Waveform").Select(waveform => waveform.Length)];
        CollectionAssert.AreEqual(new[] { 16_000, 16_000, 16_000, 16_000 }, lengths);
    }

    /// <summary>Loads a data set by its name in <see cref="SyntheticDatasets.Makers"/>.</summary>
    internal static AudioDataset Load(string name, string folder, AudioDatasetOptions? options = null) => SyntheticLoaders.Load(
        DatasetTree.Context.Data, name, folder, options ?? new AudioDatasetOptions { Check = AudioFileCheck.Headers });
}
