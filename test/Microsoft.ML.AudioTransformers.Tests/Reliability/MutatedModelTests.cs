using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Reliability;

/// <summary>
/// A saved model with bytes changed at random: it scores as it did, to the bit, or is refused; quickly, with memory as the
/// file's size allows, and nothing is written beside it. ML.NET, which opens the archive, does not name it in errors of its
/// own. AUDIOML_MUTATIONS is the number, 300 where it is not set.
/// </summary>
[TestClass]
public sealed class MutatedModelTests
{
    private const long MostBytes = 1 << 26;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void AMutatedModelScoresTheSameOrIsRefused()
    {
        using var folder = new TemporaryFolder();
        using var temporary = new TemporaryFolder();

        // ML.NET leaves an empty folder where it cannot open an archive.
        var mlContext = new MLContext(seed: 1) { TempFilePath = temporary.Path };
        mlContext.RegisterAudioTransformers();
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        IDataView data = TinyModel.Data(mlContext, count: 4);
        string path = folder.File("model.zip");
        string expected;
        using (AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options)
            .Fit(mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data)))
        {
            expected = Bits(model, data);
            mlContext.Model.SaveAudioModel(model, data.Schema, path);
        }

        byte[] whole = File.ReadAllBytes(path);
        var mutator = new Mutator(whole, seed: 61);
        int count = Mutator.Count(300);
        (int same, double longest, Dictionary<string, int> refused) = (0, 0, []);
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next();
            File.WriteAllBytes(path, bytes);
            long before = GC.GetTotalAllocatedBytes();
            long start = Stopwatch.GetTimestamp();
            string? found = null;
            try
            {
                ITransformer loaded = mlContext.Model.Load(path, out _);
                using var disposable = loaded as IDisposable;
                found = Bits(loaded, data);
            }
            catch (Exception exception)
            {
                // ML.NET reads the archive and its parts, and throws what it likes; it makes our parts by reflection.
                Exception thrown = exception;
                while (thrown is TargetInvocationException { InnerException: { } inner })
                {
                    thrown = inner;
                }

                Assert.IsTrue(thrown is InvalidDataException || IsOfMLNet(thrown), $"mutation {i}: {exception}");
                string kind = exception.GetType().Name;
                refused[kind] = refused.GetValueOrDefault(kind) + 1;
            }

            if (found is not null)
            {
                Assert.AreEqual(expected, found, $"mutation {i}");
                same++;
            }

            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            Mutator.CheckTime(longest, most: 10, $"mutation {i}");
            Assert.IsLessThan(MostBytes, GC.GetTotalAllocatedBytes() - before, $"mutation {i}");
            Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
        }

        TestContext.WriteLine(
            $"{same} score the same, {longest:F3} s at most; refused: {string.Join(", ", refused.OrderBy(pair => -pair.Value))}");
        Assert.IsGreaterThan(count / 2, refused.Values.Sum());

        // Finalizers of ML.NET delete folders in the temporary one, which then goes.
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>
    /// Without the name of its sum, a model seems to be of a version before the sums: mutation 7,712 of 15,000 changed that name
    /// and a weight.
    /// </summary>
    [TestMethod]
    public void AModelWithoutItsSumIsRefused()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        mlContext.RegisterAudioTransformers();
        IDataView data = TinyModel.Data(mlContext, count: 4);
        LogMelOptions frontEnd = LogMelOptions.CreatePasst(16_000);
        string path = folder.File("model.zip");
        mlContext.Model.SaveAudioModel(
            mlContext.Transforms.LoadLogMel("Log-mel", "Name", frontEnd).Fit(data), data.Schema, path);
        _ = mlContext.Model.Load(path, out _);
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            zip.Entries.Single(entry => entry.Name == "Model.bin.sha256").Delete();
        }

        Exception error = Assert.Throws<Exception>(() => mlContext.Model.Load(path, out _));

        Assert.Contains("there is no stream 'Model.bin.sha256', which was saved with it", error.ToString());
    }

    // Whether it is the code of ML.NET rather than ours that threw, or that called what threw.
    private static bool IsOfMLNet(Exception exception) => new StackTrace(exception).GetFrames()
        .Select(frame => frame.GetMethod()?.DeclaringType?.Assembly.GetName().Name ?? "")
        .FirstOrDefault(name => name.StartsWith("Microsoft.ML", StringComparison.Ordinal)) is { } name
        && !name.StartsWith("Microsoft.ML.Audio", StringComparison.Ordinal);

    private static string Bits(ITransformer model, IDataView data) => string.Join(
        ' ', TinyModel.Scores(model.Transform(data)).SelectMany(row => row)
            .Select(score => BitConverter.SingleToInt32Bits(score).ToString("x8")));
}
