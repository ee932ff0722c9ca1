using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

[TestClass]
public sealed class SavedClassifierTests
{
    [TestMethod]
    public void LoadedModelSavesAgain()
    {
        using var folder = new TemporaryFolder();
        string first = folder.File("first.zip");
        string second = folder.File("second.zip");
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        ITransformer model = TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(data);
        mlContext.Model.Save(model, data.Schema, first);

        ITransformer loaded = mlContext.Model.Load(first, out DataViewSchema schema);
        mlContext.Model.Save(loaded, schema, second);
        ITransformer again = mlContext.Model.Load(second, out _);

        Assert.AreEqual(InBits(TinyModel.Scores(model.Transform(data))), InBits(TinyModel.Scores(again.Transform(data))));
    }

    [TestMethod]
    public void ASavedAudioModelReplacesTheFileAndRemovesWhatAKilledSaveLeft()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        File.WriteAllText(path, "an older model");
        File.WriteAllText(folder.File($"model.zip.{Guid.NewGuid():N}.tmp"), "half");
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView data = TinyModel.Data(mlContext);
        ITransformer model = TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(data);

        mlContext.Model.SaveAudioModel(model, data.Schema, path);

        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
        ITransformer loaded = mlContext.Model.Load(path, out _);
        Assert.AreEqual(InBits(TinyModel.Scores(model.Transform(data))), InBits(TinyModel.Scores(loaded.Transform(data))));
    }

    [TestMethod]
    public void DamagedFileIsAnErrorWhereverItWasDamaged()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        mlContext.Model.Save(TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(data), data.Schema, path);
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(5);

        for (int i = 0; i < 20; i++)
        {
            string damaged = folder.File("damaged.zip");
            File.WriteAllBytes(damaged, whole[..random.Next(whole.Length)]);
            Exception? error = Assert.Throws<Exception>(() => new MLContext().RegisterAudioTransformers().Model.Load(damaged, out _));
            Assert.IsNotInstanceOfType<NullReferenceException>(error);
            Assert.IsNotInstanceOfType<OutOfMemoryException>(error);
        }
    }

    /// <summary>Files and native tensors, after models were loaded, have scored and were disposed.</summary>
    [TestMethod]
    public void LoadedModelsGiveFilesAndTensorsBack()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView data = TinyModel.Data(mlContext, count: 2);
        ITransformer model = TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(data);
        mlContext.Model.SaveAudioModel(model, data.Schema, path);
        TinyClip clip = TinyClip.Make(1, 1, TinyModel.Classes)[0];
        using var engine = mlContext.Model.CreatePredictionEngine<TinyClip, TinyPrediction>(
            model, new PredictionEngineOptions { OwnsTransformer = false });

        LeakCheck.NoGrowth(() => LiveTensors.Count, () => engine.Predict(clip), steps: 200);
        LeakCheck.NoGrowth(OpenFiles, Load, steps: 40);

        void Load()
        {
            ITransformer loaded = mlContext.Model.Load(path, out _);
            TinyModel.Scores(loaded.Transform(data));
            ((IDisposable)loaded).Dispose();
        }

        static long OpenFiles() => OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0;
    }

    /// <summary>Of a file with everything compressed, as ML.NET saves it, and of one with weights as they are.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AFlippedBitIsAnErrorOrChangesNoScore(bool isCompressed)
    {
        const int Flips = 250;
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        IDataView data = TinyModel.Data(mlContext, count: 2);
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(data);
        if (isCompressed)
        {
            mlContext.Model.Save(model, data.Schema, path);
        }
        else
        {
            mlContext.Model.SaveAudioModel(model, data.Schema, path);
        }

        string scores = InBits(TinyModel.Scores(model.Transform(data)));
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(5);
        List<string> wrong = [];
        int refused = 0;
        for (int i = 0; i < Flips; i++)
        {
            byte[] flipped = [.. whole];
            int bit = random.Next(whole.Length * 8);
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                using var loaded = (IDisposable)mlContext.Model.Load(new MemoryStream(flipped), out _);
                if (InBits(TinyModel.Scores(((ITransformer)loaded).Transform(data))) != scores)
                {
                    wrong.Add($"bit {bit} of {whole.Length * 8}: other scores");
                }
            }
            catch (Exception error)
            {
                refused++;
                if (error is NullReferenceException or OutOfMemoryException or IndexOutOfRangeException)
                {
                    wrong.Add($"bit {bit} of {whole.Length * 8}: {error}");
                }
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(Flips / 2, refused);
    }

    private static string InBits(float[][] scores) => string.Join(
        '\n', scores.Select(row => string.Join(' ', row.Select(BitConverter.SingleToInt32Bits))));
}
