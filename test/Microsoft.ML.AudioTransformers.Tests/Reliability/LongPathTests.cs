using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Reliability;

/// <summary>Paths of some thousand characters work up to the system's limit, and errors beyond it name the path.</summary>
[TestClass]
public sealed class LongPathTests
{
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void APathOf4000CharactersWorks()
    {
        using var folder = new TemporaryFolder();
        string path = Deep(folder.Path, 4000);
        Assert.AreEqual(4000, path.Length);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WriteAll(path);
        Assert.IsTrue(File.Exists(path));
    }

    /// <summary>Linux takes paths of 4,095 bytes; the temporary file beside would be longer.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void APathThatIsTooLongIsNamed()
    {
        using var folder = new TemporaryFolder();
        string path = Deep(folder.Path, 4080);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var error = Assert.Throws<IOException>(() => WriteAll(path));
        Assert.Contains(path, error.Message);
        Assert.IsEmpty(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    private static string Deep(string folder, int length)
    {
        string path = folder;
        // A name has at most 255 bytes, that of a temporary file included.
        while (length - path.Length > 200)
        {
            path = Path.Combine(path, new string('d', Math.Min(249, length - path.Length - 60)));
        }

        return Path.Combine(path, new string('f', length - path.Length - 1));
    }

    private static void WriteAll(string path)
    {
        AudioFile.Write(path, [.. Enumerable.Range(0, 800).Select(i => MathF.Sin(i))], 16_000);
        Assert.AreEqual(800, AudioInfo.Read(path).Length);
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView data = TinyModel.Data(mlContext, count: 8);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        options.WorkspacePath = Path.Combine(Path.GetDirectoryName(path)!, "r");
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(data);
        mlContext.Model.SaveAudioModel(model, data.Schema, path);
        Assert.HasCount(8, TinyModel.Scores(mlContext.Model.Load(path, out _).Transform(data)));
    }
}
