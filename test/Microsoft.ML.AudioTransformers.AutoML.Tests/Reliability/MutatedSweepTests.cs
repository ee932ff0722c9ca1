using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;
using Microsoft.ML.AudioTransformers.Sweeps;
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
        double longest = 0;
        int count = Mutator.Count(300);
        for (int i = 0; i < count; i++)
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

            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            Mutator.CheckTime(longest, most: 5, $"mutation {i}");
            foreach (string other in Directory.GetFiles(folder.File("sweep")).Where(other => other != path))
            {
                File.Delete(other);
            }
        }

        TestContext.WriteLine($"{read} read, {refused} refused, {longest:F3} s at most");
        Assert.IsGreaterThan(count / 10, refused);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void WhatIsNoFileIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1);

        SpecialFile.AssertRefused(
            folder.File("trial-0000.metrics.json"),
            () => mlContext.CreateAudioSweep(TinySweep.Pipeline(mlContext), TinySweep.Options(folder.Path, trials: 1)).WriteTrials(),
            isFolderLeftOut: true);
        SpecialFile.AssertRefused(
            folder.File("trial-0000.options.json"), () => SweepFolder.ReadProposal(folder.File("trial-0000.options.json")));
        SpecialFile.AssertRefused(
            folder.File("trial-0000.claim-1"),
            () => new TrialClaims(folder.Path, TimeSpan.FromSeconds(1)).TryClaim(0)?.Dispose(),
            isFolderLeftOut: true);
    }

    /// <summary>Another worker that has an empty claim to itself asks at this moment whether it is over.</summary>
    [TestMethod]
    public void AnEmptyClaimThatIsLockedIsAnothersForNow()
    {
        using var folder = new TemporaryFolder();
        var claims = new TrialClaims(folder.Path, TimeSpan.Zero);
        using (new FileStream(
            folder.File("trial-0000.claim-1"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.IsNull(claims.TryClaim(0));
        }

        using TrialClaim? claim = claims.TryClaim(0);
        Assert.IsNotNull(claim, "nobody has it any more");
    }

    /// <summary>A number in a name says nothing of how many claims there are.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public void AClaimOfAnyNumberIsRemoved()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "trial-0003.claim-1", "trial-0003.claim-2147483647", "trial-0003.claim-x" })
        {
            File.WriteAllText(folder.File(name), "1 1 1");
        }

        File.WriteAllText(folder.File("trial-0033.claim-1"), "1 1 1");

        TrialClaims.Remove(folder.Path, 3);

        Assert.AreEqual("trial-0033.claim-1", Path.GetFileName(Assert.ContainsSingle(Directory.GetFiles(folder.Path))));
    }
}
