using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Training on files of which some cannot be read.</summary>
[TestClass]
public sealed class DamagedTrainingTests
{
    private const int SampleRate = 4000;
    private const int Count = 16;

    [TestMethod]
    [DataRow(0)]
    [DataRow(4)]
    public void A_training_is_not_lost_to_a_file(int shuffleBuffer)
    {
        using TemporaryFolder folder = CreateFiles();
        PasstOptions options = Options(folder);
        options.Damaged = DamagedAudio.Skip;
        options.Sampling.ShuffleBuffer = shuffleBuffer;
        List<string> told = Train(folder, options);

        Assert.HasCount(1, told.Where(message => message.Contains("cannot be read", StringComparison.Ordinal)).ToArray());
        StringAssert.Contains(
            told.Single(message => message.Contains("cannot be read", StringComparison.Ordinal)),
            $"2 of {Count} rows of the training set are left out",
            StringComparison.Ordinal);
        string[] lines = File.ReadAllLines(folder.File("workspace/skipped.tsv"));
        Assert.HasCount(3, lines);
        Assert.AreEqual("Set\tRow\tFile\tReason", lines[0]);
        string[][] cells = [.. lines[1..].Select(line => line.Split('\t'))];
        CollectionAssert.AreEqual(new[] { "training set", "3", folder.File("3.wav") }, cells[0][..3]);
        CollectionAssert.AreEqual(new[] { "training set", "10", folder.File("10.wav") }, cells[1][..3]);
        StringAssert.Contains(cells[0][3], "does not exist", StringComparison.Ordinal);
        StringAssert.Contains(cells[1][3], "is damaged at 0.1 s", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Rows_that_loading_leaves_out_are_listed_as_well()
    {
        using TemporaryFolder folder = CreateFiles();
        Train(folder, Options(folder), DamagedAudio.Skip);

        string[] lines = File.ReadAllLines(folder.File("workspace/skipped.tsv"));
        Assert.HasCount(3, lines);
        StringAssert.StartsWith(lines[1], $"training set\t3\t{folder.File("3.wav")}\t", StringComparison.Ordinal);
        StringAssert.StartsWith(lines[2], $"training set\t10\t{folder.File("10.wav")}\t", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Warn_names_each_file()
    {
        using TemporaryFolder folder = CreateFiles();
        PasstOptions options = Options(folder);
        options.Damaged = DamagedAudio.Warn;
        List<string> told = Train(folder, options);

        foreach (string name in new[] { "3.wav", "10.wav" })
        {
            Assert.HasCount(
                1,
                told.Where(message => message.Contains("A row of the training set is left out.", StringComparison.Ordinal)
                    && message.Contains(name, StringComparison.Ordinal)).ToArray());
        }
    }

    [TestMethod]
    public void By_default_the_first_file_ends_the_training()
    {
        using TemporaryFolder folder = CreateFiles();
        var exception = Assert.ThrowsExactly<FileNotFoundException>(() => Train(folder, Options(folder)));
        StringAssert.Contains(exception.Message, "3.wav", StringComparison.Ordinal);
        Assert.IsFalse(File.Exists(folder.File("workspace/skipped.tsv")));
    }

    private static TemporaryFolder CreateFiles()
    {
        var folder = new TemporaryFolder();
        for (int i = 0; i < Count; i++)
        {
            float[] tone = [.. Enumerable.Range(0, 800).Select(n => 0.3f * MathF.Sin((i % 2 == 0 ? 0.4f : 1.6f) * n))];
            AudioFile.Write(folder.File($"{i}.wav"), tone, SampleRate, format: AudioFileFormat.WavPcm16);
        }

        File.Delete(folder.File("3.wav"));
        byte[] whole = File.ReadAllBytes(folder.File("10.wav"));
        File.WriteAllBytes(folder.File("10.wav"), whole[..(44 + (2 * 400))]);
        return folder;
    }

    private static PasstOptions Options(TemporaryFolder folder)
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        options.WorkspacePath = folder.File("workspace");
        options.FrontEnd = LogMelOptions.CreatePasst(SampleRate);
        options.FrontEnd.MelBins = 8;
        options.FrontEnd.HighFrequency = 1800;
        options.FrontEnd.TargetSamples = 800;
        return options;
    }

    private static List<string> Train(
        TemporaryFolder folder, PasstOptions options, DamagedAudio loading = DamagedAudio.Error)
    {
        var mlContext = new MLContext(seed: 1);
        var told = new List<string>();
        mlContext.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
            {
                told.Add(message.Message);
            }
        };
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(
            i => new Row { Path = folder.File($"{i}.wav"), Label = TinyModel.Classes[i % 2] }));
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio(
                "Features", "Path", new AudioLoadingEstimator.Options { SampleRate = SampleRate, Damaged = loading }))
            .Append(mlContext.MulticlassClassification.Trainers.Passt(options))
            .Fit(data);
        (model as IDisposable)?.Dispose();
        return told;
    }

    private sealed class Row
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
