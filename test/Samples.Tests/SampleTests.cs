using System.Globalization;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace AudioMLNet.Samples.Tests;

/// <summary>The file-based samples run on a small folder of recordings, and print what they say that they do.</summary>
[TestClass]
public sealed class SampleTests
{
    private const int Rate = 16_000;

    private static readonly TemporaryFolder s_folder = new();

    /// <summary>Makes recordings of two classes, and trains the model and the weights that other samples take.</summary>
    [ClassInitialize]
    public static void Classify(TestContext context)
    {
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        torch.set_num_threads(1);
        for (int i = 0; i < 30; i++)
        {
            string path = s_folder.File($"sounds/{(i % 2 == 0 ? "high" : "low")}/{i}.wav");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AudioFile.Write(path, Tone(i % 2 == 0 ? 1500 : 300, 0.3, i), Rate);
        }

        string printed = Run("classify.cs", "sounds", "24");

        StringAssert.Contains(printed, "accuracy 1.000 on ");
        StringAssert.Matches(printed, new(@"\bhigh +│ 1\.00 +│ 1\.00\b"));
        StringAssert.Contains(printed, "OptionsFor");
        Assert.IsTrue(File.Exists(s_folder.File("sounds.zip")));
        var mlContext = new MLContext().RegisterAudioTransformers();
        using AudioModelTransformer model = mlContext.Model.Load(s_folder.File("sounds.zip"), out _).AudioModel();
        model.Model.SaveSafetensors(s_folder.File("sounds.safetensors"));
    }

    [ClassCleanup]
    public static void Delete() => s_folder.Dispose();

    [TestMethod]
    public void ASampleIsOneJobInUnderAHundredLines()
    {
        foreach (string name in Sample.Names)
        {
            string[] lines = File.ReadAllLines(Path.Combine(Sample.Folder, name));
            Assert.IsLessThan(100, lines.Length, name);
            StringAssert.Contains(string.Join('\n', lines), $"dotnet run samples/{name} -c Release", name);
        }

        // Each has a test here.
        string tests = File.ReadAllText(Path.Combine(Checkout.Root, "test", "Samples.Tests", "SampleTests.cs"));
        string[] untested = [.. Sample.Names.Where(name => !tests.Contains($"\"{name}\"", StringComparison.Ordinal))];
        Assert.AreEqual("", string.Join(' ', untested));
    }

    [TestMethod]
    public void TagNamesTheLikeliestClasses()
    {
        string printed = Run("tag.cs", "sounds.safetensors", "sounds/high/0.wav", "sounds/low/1.wav");

        StringAssert.Contains(printed, "PaSST, 2 classes");
        string[] best = [.. Regex.Matches(printed, @"\.wav\s+(high|low)").Select(match => match.Groups[1].Value)];
        CollectionAssert.AreEqual(new[] { "high", "low" }, best, printed);
    }

    [TestMethod]
    public void DotnetRunBuildsAndRunsASample()
    {
        string printed = Sample.DotnetRun(
            "tag.cs", s_folder.Path, s_folder.File("sounds.safetensors"), s_folder.File("sounds/low/1.wav"));

        StringAssert.Contains(printed, "PaSST, 2 classes");
        StringAssert.Matches(printed, new(@"\.wav\s+low"));
    }

    [TestMethod]
    public void FineTuningStartsFromTheWeights()
    {
        string printed = Run("fine-tune.cs", "sounds.safetensors", "sounds", "1");

        StringAssert.Contains(printed, "PaSST of 2 classes, at 16000 Hz");
        StringAssert.Matches(printed, new(@"sounds\.safetensors': \d{2,} tensors loaded as they are"));
        StringAssert.Matches(printed, new(@"accuracy [01]\.\d{3} on \d "));
        Assert.IsTrue(File.Exists(s_folder.File("fine-tuned.zip")));
    }

    [TestMethod]
    public void EventsAreFoundWithTheirTimes()
    {
        string printed = Run("events.cs", "sounds", "40", "12");

        // Four scenes of two slots, in three of four of which there is a recording.
        StringAssert.Matches(printed, new(@"\b[1-9]\d* events found, [1-8] annotated, event-based F1 [01]\.\d{3}"));
    }

    [TestMethod]
    public void ListenHearsStandardInput()
    {
        float[] samples = [.. Tone(300, 1, 1), .. Tone(1500, 1, 2)];
        byte[] bytes = [.. samples.SelectMany(sample => BitConverter.GetBytes((short)(sample * 32767)))];

        string[] lines = Sample.RunWithInput(
            "listen.cs", s_folder.Path, bytes, s_folder.File("sounds.zip"), $"{Rate}", "1").Trim().Split('\n');

        StringAssert.Contains(lines[0], " low (");
        StringAssert.Contains(lines[^1], " high (");
        StringAssert.Contains(lines[^1], " - 2.00 s");
    }

    [TestMethod]
    public void AdaptorsAreCompared()
    {
        string printed = Run("adaptor.cs", "sounds", "1");

        string[] rows = [.. Regex
            .Matches(printed, @"│ (None|Learnable|Gaussian|Laplacian) +│ ([\d.]+) +│ \d+\.\d{3} │ [01]\.\d{3}")
            .Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}")];
        CollectionAssert.AreEqual(
            new[] { "None 0", "Learnable 0.2", "Learnable 0.005", "Gaussian 0.005", "Laplacian 0.005" }, rows, printed);
    }

    [TestMethod]
    public void LookDrawsAPictureOfEachClass()
    {
        string printed = Run("look.cs", "sounds", "1");

        StringAssert.Contains(printed, "accuracy ");
        foreach (string name in new[] { "high", "low" })
        {
            string picture = File.ReadAllText(s_folder.File($"looks-at/{name}.svg"));
            StringAssert.Contains(picture, $"{name}, by ");
            Assert.HasCount(160, Regex.Matches(picture, "<circle"));
        }
    }

    [TestMethod]
    public void SweepKeepsTheBestTrial()
    {
        string printed = Run("sweep.cs", "sounds", "2", "1");

        double[] accuracies = [.. Regex.Matches(printed, @"│ \d +│ ([01]\.\d{3})")
            .Select(row => double.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.HasCount(2, accuracies);
        StringAssert.Contains(printed, string.Create(CultureInfo.InvariantCulture, $", accuracy {accuracies.Max():F3}"));
        string model = Regex.Match(printed, "^model (.*)$", RegexOptions.Multiline).Groups[1].Value.Trim();
        Assert.IsTrue(File.Exists(model), printed);
    }

    [TestMethod]
    public void EmbeddingsFeedAStockTrainerAndASearch()
    {
        string printed = Run("embed.cs", "sounds.safetensors", "sounds");

        StringAssert.Contains(printed, "30 vectors of ");
        StringAssert.Contains(printed, "stock trainer: accuracy 1.000 on ");
        Match similar = Regex.Match(printed, @"same class for ([1-9]\d*) of (\d+)");
        Assert.IsTrue(similar.Success, printed);
        Assert.AreEqual(similar.Groups[2].Value, similar.Groups[1].Value, printed);
    }

    [TestMethod]
    public void TextAndSoundDecideTogether()
    {
        string printed = Run("text-and-sound.cs", "sounds", "24");

        StringAssert.Contains(printed, "by sound and text: accuracy 1.000");
        StringAssert.Matches(printed, new(@"\.wav +│ (leave it alone|please leave it) +│ leave (high|low)"));
    }

    [TestMethod]
    public void AMissingGpuIsSaidAndTheProcessorTaken()
    {
        string printed = Run("gpu.cs", "7", "sounds", "1");

        StringAssert.Contains(printed, "GpuDeviceId is 7, but LibTorch finds ");
        StringAssert.Matches(printed, new(@"on the processor: \d+ clips a second, accuracy [01]\.\d{3}"));
    }

    [TestMethod]
    public void AnEnsembleIsAModelLikeItsMembers()
    {
        string printed = Run("ensemble.cs", "sounds", "1");

        string[] rows = [.. Regex.Matches(printed, @"│ (PaSST|AST|HTS-AT|all three) +│ \d\.\d\d +│ [01]\.\d{3}")
            .Select(row => row.Groups[1].Value)];
        CollectionAssert.AreEqual(new[] { "PaSST", "AST", "HTS-AT", "all three" }, rows, printed);
        Assert.IsTrue(File.Exists(s_folder.File("ensemble.zip")));
    }

    private static string Run(string name, params string[] arguments) => Sample.Run(name, s_folder.Path, arguments);

    private static float[] Tone(double pitch, double seconds, int seed)
    {
        var random = new Random(seed);
        double tuned = pitch * (0.95 + (0.1 * random.NextDouble()));
        return [.. Enumerable.Range(0, (int)(seconds * Rate)).Select(
            i => (float)((0.4 * Math.Sin(Math.Tau * tuned * i / Rate)) + (0.01 * random.NextDouble())))];
    }
}
