using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Reliability;

/// <summary>A sweep's folder with bytes changed at random: it is gone on with, or refused by an error that names the file.</summary>
[TestClass]
public sealed class MutatedSweepTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void AMutatedTrialIsReadOrRefusedByName()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);
        TinySweep.Run(mlContext, TinySweep.Options(folder.File("good"), trials: 1));
        string name = Path.GetFileName(Directory.GetFiles(folder.File("good"), "trial-*.metrics.json").Single());
        byte[] whole = File.ReadAllBytes(Path.Combine(folder.File("good"), name));
        string path = Path.Combine(Directory.CreateDirectory(folder.File("sweep")).FullName, name);
        var mutator = new Mutator(whole, seed: 43);
        (int read, int refused) = (0, 0);
        for (int i = 0; i < 300; i++)
        {
            File.WriteAllBytes(path, mutator.Next());
            long start = Stopwatch.GetTimestamp();
            try
            {
                // Trials that are asked for without being run read all that is there.
                mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), TinySweep.Options(folder.File("sweep"), trials: 1))
                    .WriteTrials();
                read++;
            }
            catch (InvalidDataException error)
            {
                Assert.Contains(name, error.Message, $"mutation {i}");
                refused++;
            }

            Assert.IsLessThan(5, Stopwatch.GetElapsedTime(start).TotalSeconds, $"mutation {i}");
            foreach (string other in Directory.GetFiles(folder.File("sweep")).Where(other => other != path))
            {
                File.Delete(other);
            }
        }

        TestContext.WriteLine($"{read} read, {refused} refused");
        Assert.IsGreaterThan(30, refused);
    }
}
