using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.AudioTransformers.Hosting.Batching;
using Microsoft.ML.AudioTransformers.Hosting.Scorers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.AudioTransformers.Hosting.Tests.HostedModels;

namespace Microsoft.ML.AudioTransformers.Hosting.Tests;

/// <summary>What becomes of requests: in batches, refused, cancelled, and at the end.</summary>
[TestClass]
public sealed class QueueTests
{
    [TestMethod]
    public async Task Batches_are_filled_and_measured()
    {
        using var measured = new Measured();
        var activities = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == AudioHostingTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (activities)
                {
                    activities.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using (ServiceProvider services = Services(PathOf(Words), options => options.BatchSize = 4))
        {
            Task<AudioScores>[] answers = await Held(services.Scorer(), 8);
            await Task.WhenAll(answers);
        }

        CollectionAssert.AreEqual(new double[] { 4, 4 }, measured.Of("audio.batch.size").Where(size => size > 1).ToArray());
        Assert.HasCount(8, measured.Of("audio.request.duration"));
        Assert.HasCount(8, measured.Of("audio.queue.duration"));
        Assert.IsTrue(measured.Of("audio.queue.duration").All(seconds => seconds is > 0 and < 120));
        Assert.AreEqual(0, measured.Of("audio.requests.active").Sum());
        Assert.IsTrue(measured.Values.All(value => value.Tags.StartsWith("model=words", StringComparison.Ordinal)));
        Assert.IsNotEmpty(measured.Of("audio.real_time_factor"));
        Activity[] batches = [.. activities.Where(activity => activity.OperationName == "audio.batch")];
        Assert.HasCount(2, batches);
        CollectionAssert.AreEquivalent(
            activities.Where(activity => activity.OperationName == "audio.request").Select(activity => activity.SpanId)
                .ToArray(),
            batches.SelectMany(batch => batch.Links).Select(link => link.Context.SpanId).ToArray());
    }

    /// <summary>The batch of silence at the start, which no request is in, is not among what was measured.</summary>
    [TestMethod]
    public async Task A_loaded_model_is_ready_and_has_measured_nothing()
    {
        using var measured = new Measured();
        await using ServiceProvider services = Services(PathOf(Words), options => options.BatchSize = 4);
        AudioScorer scorer = services.Scorer();
        Assert.IsFalse(scorer.IsReady);
        await scorer.LoadAsync(default);
        Assert.IsTrue(scorer.IsReady);
        Assert.AreEqual(0, scorer.Queue.Length);
        Assert.IsEmpty(measured.Of("audio.batch.size"));
        Assert.AreEqual(0.0, scorer.Queue.SecondsAWindow);
    }

    /// <summary>A queue that has ended warms no model up.</summary>
    [TestMethod]
    public async Task A_model_that_is_let_go_while_it_loads_does_not_become_ready()
    {
        await using ServiceProvider services = Services(PathOf(Words));
        AudioScorer scorer = services.Scorer();
        scorer.Queue.Dispose();
        await Assert.ThrowsExactlyAsync<AudioModelUnavailableException>(() => scorer.LoadAsync(default));
        Assert.IsFalse(scorer.IsReady);
    }

    [TestMethod]
    public async Task A_full_queue_refuses_and_says_when_to_try_again()
    {
        await using ServiceProvider services = Services(PathOf(Words), options => options.MaximumRequests = 3);
        AudioScorer scorer = services.Scorer();
        Task<AudioScores>[] begun;
        using (HeldQueue held = await HeldQueue.Hold(scorer))
        {
            begun = [.. Enumerable.Range(0, 3).Select(i => scorer.ScoreAsync(Sound(i)))];
            AudioQueueFullException full = await Assert.ThrowsExactlyAsync<AudioQueueFullException>(() =>
                scorer.ScoreAsync(Sound(9)));
            Assert.IsGreaterThanOrEqualTo(TimeSpan.FromSeconds(1), full.RetryAfter);
        }

        Assert.HasCount(3, await Task.WhenAll(begun));
        Assert.AreEqual(1, (await scorer.ScoreAsync(Sound(9))).Windows);
    }

    [TestMethod]
    public async Task A_request_that_left_takes_no_place_in_a_batch()
    {
        using var measured = new Measured();
        await using ServiceProvider services = Services(PathOf(Words), options => options.BatchSize = 8);
        AudioScorer scorer = services.Scorer();
        using var left = new CancellationTokenSource();
        Task<AudioScores> stays;
        using (HeldQueue held = await HeldQueue.Hold(scorer))
        {
            Task<AudioScores> leaves = scorer.ScoreAsync(Sound(1), cancellation: left.Token);
            stays = scorer.ScoreAsync(Sound(2));
            SpinWait.SpinUntil(() => scorer.Queue.Length == 2);
            await left.CancelAsync();

            // Its place in the queue is found when the queue comes to it, which is held up.
            held.Release();
            await Assert.ThrowsAsync<OperationCanceledException>(() => leaves);
        }

        await stays;
        Assert.AreEqual(1, measured.Of("audio.batch.size").Last());
        CollectionAssert.AreEqual(
            new[] { "model=words, outcome=answered", "model=words, outcome=cancelled" },
            measured.Values.Where(value => value.Name == "audio.request.duration").Select(value => value.Tags).Order()
                .ToArray());
    }

    /// <summary>Samples that are no numbers are their sender's error, not that of whoever is in the same batch.</summary>
    [TestMethod]
    public async Task A_wrong_waveform_fails_alone()
    {
        await using ServiceProvider services = Services(PathOf(Words), options => options.BatchSize = 2);
        AudioScorer scorer = services.Scorer();
        float[] wrong = Sound(1);
        wrong[wrong.Length / 2] = float.NaN;
        Task<AudioScores> fails, answered;
        using (HeldQueue held = await HeldQueue.Hold(scorer))
        {
            fails = scorer.ScoreAsync(wrong);
            answered = scorer.ScoreAsync(Sound(2));
            SpinWait.SpinUntil(() => scorer.Queue.Length + (fails.IsCompleted ? 1 : 0) == 2);
        }

        StringAssert.Contains((await Assert.ThrowsAsync<ArgumentException>(() => fails)).Message, "NaN");
        float[] offline = Offline(PathOf(Words), Sound(2))[0];
        float[] scores = [.. (await answered).Scores];
        Assert.HasCount(offline.Length, scores);
        for (int i = 0; i < scores.Length; i++)
        {
            Assert.AreEqual(offline[i], scores[i], 1e-5);
        }
    }

    /// <summary>Of windows for which the model gives no number, here those at the second place of a batch.</summary>
    [TestMethod]
    public async Task A_window_without_finite_scores_fails_alone()
    {
        await using ServiceProvider services = Services(PathOf(Words), options => options.BatchSize = 3);
        AudioScorer scorer = services.Scorer();
        await scorer.LoadAsync(default);
        HostedModel model = await scorer.File.AcquireAsync(CancellationToken.None);
        Task<AudioScores>[] answers;
        int calls = 0;

        // One call has all three.
        var hook = model.Classifier!.Model.Network.register_forward_hook((_, _, output) =>
        {
            Interlocked.Increment(ref calls);
            using TorchSharp.torch.Tensor one = output.narrow(0, 1, 1);
            using TorchSharp.torch.Tensor none = one / TorchSharp.torch.zeros_like(one);
            one.copy_(none / none);
            return output;
        });
        try
        {
            answers = await Held(scorer, 3);
            await Task.WhenAny(Task.WhenAll(answers));
        }
        finally
        {
            hook.remove();
            model.Release();
        }

        Assert.AreEqual(1, calls);
        string message =
            (await Assert.ThrowsAsync<InvalidOperationException>(() => answers.Single(answer => answer.IsFaulted))).Message;
        StringAssert.Contains(message, "as NaN, from finite features");
        float[][] offline = Offline(PathOf(Words), Sound(0), Sound(1), Sound(2));
        for (int i = 0; i < 3; i++)
        {
            if (!answers[i].IsFaulted)
            {
                float[] scores = [.. (await answers[i]).Scores];
                for (int j = 0; j < scores.Length; j++)
                {
                    Assert.AreEqual(offline[i][j], scores[j], 1e-5);
                }
            }
        }
    }

    [TestMethod]
    public async Task A_stop_finishes_what_is_begun_and_refuses_the_rest()
    {
        var lifetime = new Lifetime();
        await using ServiceProvider services = Services(add => add
            .AddSingleton<IHostApplicationLifetime>(lifetime)
            .AddAudioModel("words", PathOf(Words)));
        AudioModelPool pool = services.GetRequiredService<AudioModelPool>();
        Assert.AreSame(pool, services.GetServices<IHostedService>().Single());
        await pool.StartAsync(default);
        Assert.IsTrue(pool.IsReady);
        AudioScorer scorer = services.Scorer();
        Task<List<AudioFinding>> stream = Listen(scorer, Endless());
        Task<AudioScores>[] begun;
        Task stop;
        using (HeldQueue held = await HeldQueue.Hold(scorer))
        {
            begun = [.. Enumerable.Range(0, 3).Select(i => scorer.ScoreAsync(Sound(i)))];
            lifetime.StopApplication();
            stop = pool.StopAsync(default);
            Assert.IsFalse(pool.IsReady);
            await Assert.ThrowsExactlyAsync<AudioModelUnavailableException>(() => scorer.ScoreAsync(Sound(9)));
            Assert.IsFalse(stop.IsCompleted);
        }

        Assert.HasCount(3, await Task.WhenAll(begun));
        Assert.IsInstanceOfType<AudioEndFinding>((await stream)[^1]);
        await stop;
    }

    [TestMethod]
    public async Task A_stop_without_patience_cancels_what_is_begun()
    {
        await using ServiceProvider services = Services(PathOf(Words));
        AudioScorer scorer = services.Scorer();
        Task<AudioScores> begun;
        using (HeldQueue held = await HeldQueue.Hold(scorer))
        {
            begun = scorer.ScoreAsync(Sound(1));
            SpinWait.SpinUntil(() => scorer.Queue.Length == 1);
            Task stop = services.GetRequiredService<AudioModelPool>().StopAsync(new CancellationToken(canceled: true));
            held.Release();
            await Assert.ThrowsAsync<OperationCanceledException>(() => begun);
            await stop;
        }
    }

    [TestMethod]
    public async Task Several_models_answer_by_their_names()
    {
        await using ServiceProvider services = Services(add => add
            .AddAudioModel("words", PathOf(Words)).AddAudioModel("events", PathOf(Events))
                .AddAudioModel("actions", PathOf(Actions)));
        AudioModelPool pool = services.GetRequiredService<AudioModelPool>();
        await pool.StartAsync(default);
        CollectionAssert.AreEqual(new[] { "words", "events", "actions" }, pool.Names.ToArray());
        Assert.AreSame(pool["events"], services.GetRequiredKeyedService<IAudioScorer>("events"));
        AudioScores[] answers = await Task.WhenAll(pool.Names.Select(name => pool[name].ScoreAsync(Sound(1))));
        for (int i = 0; i < 3; i++)
        {
            CollectionAssert.AreEqual(Offline(PathOf(new[] { Words, Events, Actions }[i]), Sound(1))[0],
                answers[i].Scores.ToArray());
        }

        AudioModelInfo info = await pool["words"].GetModelAsync();
        Assert.AreEqual(("words", 8000, 0.25, 0.125, false),
            (info.Name, info.SampleRate, info.WindowSeconds, info.HopSeconds, info.IsLongHeard));
        CollectionAssert.AreEqual(new[] { "low", "middle", "high" }, info.ClassNames.ToArray());
        Assert.IsNull(pool.Find("none"));
        Assert.Contains("'words', 'events', 'actions'",
            Assert.ThrowsExactly<KeyNotFoundException>(() => pool["none"]).Message);
    }

    [TestMethod]
    public void Names_and_options_are_checked()
    {
        Assert.ThrowsExactly<ArgumentException>(
            () => Services(add => add.AddAudioModel("words", "a.zip").AddAudioModel("words", "b.zip")));
        using ServiceProvider services = Services("none.zip", options => options.BatchSize = 0);
        ArgumentOutOfRangeException error =
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => services.GetRequiredService<AudioModelPool>());
        Assert.Contains("words.BatchSize is 0", error.Message);
        using ServiceProvider missing = Services("none.zip");
        Assert.ThrowsExactlyAsync<FileNotFoundException>(() => missing.GetRequiredService<AudioModelPool>()
            .StartAsync(default)).Wait();
    }

    /// <summary>Four minutes and one of sound take the same memory: what is held is a batch or two of windows.</summary>
    [TestMethod]
    public async Task A_long_stream_takes_the_memory_of_a_short_one()
    {
        await using ServiceProvider services = Services(PathOf(Words), options => options.MaximumSeconds = 0);
        long Memory(int seconds)
        {
            long most = 0;
            long windows = 0;
            Task.Run(async () =>
            {
                await foreach (AudioFinding finding in services.Scorer().ListenAsync(Seconds(seconds)))
                {
                    if (finding is AudioWindowFinding && ++windows % 100 == 0)
                    {
                        most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
                    }
                }
            }).Wait();
            Assert.AreEqual((8 * seconds) - 1, windows);
            return most;
        }

        long ofOne = Memory(60);
        Assert.IsLessThan(ofOne + (1 << 20), Memory(240));
    }

    private static async Task<Task<AudioScores>[]> Held(AudioScorer scorer, int count)
    {
        using HeldQueue held = await HeldQueue.Hold(scorer);
        Task<AudioScores>[] answers = [.. Enumerable.Range(0, count).Select(i => scorer.ScoreAsync(Sound(i)))];
        SpinWait.SpinUntil(() => scorer.Queue.Length == count);
        return answers;
    }

    private static async Task<List<AudioFinding>> Listen(AudioScorer scorer, IAsyncEnumerable<ReadOnlyMemory<float>> samples)
    {
        List<AudioFinding> found = [];
        await foreach (AudioFinding finding in scorer.ListenAsync(samples))
        {
            found.Add(finding);
        }

        return found;
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Endless(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        yield return Sound(1, 3000);
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Seconds(int count)
    {
        float[] second = Sound(1, Rate);
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return second;
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => _stopping.Cancel();
    }
}
