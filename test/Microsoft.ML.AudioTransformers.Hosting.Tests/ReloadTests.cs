using AudioMLNet.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML.AudioTransformers.Hosting.Batching;
using Microsoft.ML.AudioTransformers.Hosting.Scorers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.AudioTransformers.Hosting.Tests.HostedModels;

namespace Microsoft.ML.AudioTransformers.Hosting.Tests;

/// <summary>What becomes of a model, and of requests, when its file changes.</summary>
[TestClass]
public sealed class ReloadTests
{
    [TestMethod]
    public async Task A_reload_under_load_loses_no_request()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.zip");
        File.Copy(PathOf(Words), path);
        float[] old = Offline(PathOf(Words), Sound(1))[0];
        float[] changed = Offline(PathOf(OtherWords), Sound(1))[0];
        await using ServiceProvider services = Services(path, options => options.BatchSize = 1);
        AudioScorer scorer = services.Scorer();
        await scorer.LoadAsync(default);
        HostedModel before = await scorer.File.AcquireAsync(default);
        before.Release();
        bool isReloaded = false;
        int[] answered = new int[2];
        Task[] clients =
        [
            .. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                for (bool isLast = false; !isLast;)
                {
                    isLast = Volatile.Read(ref isReloaded);
                    float[] scores = [.. (await scorer.ScoreAsync(Sound(1))).Scores];
                    int which = scores.SequenceEqual(old) ? 0 : scores.SequenceEqual(changed) ? 1
                        : throw new AssertFailedException("Wrong.");
                    Assert.IsTrue(!isLast || which == 1, "A request that began after the reload has the old model.");
                    Interlocked.Increment(ref answered[which]);
                }
            })),
        ];
        SpinWait.SpinUntil(() => Volatile.Read(ref answered[0]) > 10);

        Replace(path, PathOf(OtherWords));
        Assert.IsTrue(await scorer.ReloadAsync());
        Volatile.Write(ref isReloaded, true);
        await Task.WhenAll(clients);

        Assert.IsGreaterThan(10, answered[0]);
        Assert.IsGreaterThanOrEqualTo(4, answered[1]);
        Assert.IsFalse(before.TryAcquire(), "The old model is still in memory.");
        Assert.IsFalse(await scorer.ReloadAsync(), "Nothing has changed since.");
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void What_is_no_file_is_refused_by_its_name()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.zip");
        SpecialFile.AssertRefused(path, () => HostedModel.Load(new AudioModelOptions { Path = path }));
    }

    [TestMethod]
    public async Task A_bad_file_leaves_the_model_as_it_was_and_is_logged_once()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("model.zip");
        File.Copy(PathOf(Words), path);
        var log = new LogList();
        await using ServiceProvider services = Services(add => add
            .AddSingleton<ILoggerFactory>(new LogFactory(log))
            .AddAudioModel("words", path, options => options.ReloadSeconds = 0.01));
        AudioScorer scorer = services.Scorer();
        AudioScores before = await scorer.ScoreAsync(Sound(1));
        byte[] half = File.ReadAllBytes(path)[..9000];
        File.WriteAllBytes(path + ".new", half);
        Replace(path, path + ".new");
        SpinWait.SpinUntil(() => log.Lines.Any(line => line.StartsWith("Error", StringComparison.Ordinal)));
        Assert.IsFalse(await scorer.ReloadAsync());
        CollectionAssert.AreEqual(before.Scores.ToArray(), (await scorer.ScoreAsync(Sound(1))).Scores.ToArray());

        // Without a file, the model stays too; the next good one is loaded by itself.
        File.Delete(path);
        Assert.IsFalse(await scorer.ReloadAsync());
        Replace(path, PathOf(OtherWords));
        SpinWait.SpinUntil(() => log.Lines.Length >= 3);
        AudioScores after = await scorer.ScoreAsync(Sound(1));
        CollectionAssert.AreEqual(Offline(PathOf(OtherWords), Sound(1))[0], after.Scores.ToArray());
        Assert.AreNotEqual(before.ModelVersion, after.ModelVersion);
        CollectionAssert.AreEqual(
            new[] { "Information", "Error", "Information" }, log.Lines.Select(line => line.Split(':')[0]).ToArray());
        Assert.Contains($"Model 'words' stays as it was: the changed file '{path}' cannot be loaded.", log.Lines[1]);
    }

    private static void Replace(string path, string by)
    {
        // Copied beside, stamped, and renamed: two files written in one tick of the clock are still told apart by
        // their length.
        string beside = path + ".beside";
        File.Copy(by, beside, overwrite: true);
        File.Move(beside, path, overwrite: true);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
    }
}
