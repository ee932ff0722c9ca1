using AudioMLNet.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.AudioTransformers.Hosting.Tests.HostedModels;

namespace Microsoft.ML.AudioTransformers.Hosting.Tests;

/// <summary>A hosted model answers what its transformer gives for the same sounds.</summary>
[TestClass]
public sealed class ScoresTests
{
    /// <summary>
    /// Shorter than the model's input, as long, less than a frame longer, and longer: then the beginning is heard.
    /// </summary>
    [TestMethod]
    [DataRow(Words), DataRow(OtherWords), DataRow(Actions)]
    public async Task Alone_a_sound_has_the_scores_of_a_data_view_to_the_bit(string model)
    {
        await using ServiceProvider services = Services(PathOf(model));
        int target = model == OtherWords ? 2480 : 2000;
        foreach (int length in new[] { 900, target, target + 50, 5000 })
        {
            float[] sound = Sound(length, length);
            AudioScores scores = await services.Scorer().ScoreAsync(sound);
            CollectionAssert.AreEqual(Offline(PathOf(model), sound)[0], scores.Scores.ToArray(), $"{length} samples");
            Assert.AreEqual(length == 5000, scores.IsCut);
            Assert.AreEqual(Math.Min(length, target) / 8000.0, scores.HeardSeconds);
            Assert.AreEqual(model == Actions ? 2 : 1, scores.Labels.Count);
            Assert.AreEqual(scores.Scores.Max(), scores.Labels.Max(label => label.Score));
        }
    }

    /// <summary>
    /// A data view reads batches of 1, 2 and 4 rows: the last four together are those that are scored together here.
    /// </summary>
    [TestMethod]
    [DataRow(Words), DataRow(OtherWords)]
    public async Task Together_sounds_have_the_scores_of_a_batch_of_a_data_view_to_the_bit(string model)
    {
        float[][] sounds = [.. Enumerable.Range(0, 7).Select(i => Sound(i))];
        float[][] expected = Offline(PathOf(model), sounds);
        await using ServiceProvider services = Services(PathOf(model), options => options.BatchSize = 4);
        Task<AudioScores>[] answers;
        using (HeldQueue held = await HeldQueue.Hold(services.Scorer()))
        {
            answers = new Task<AudioScores>[4];
            for (int i = 0; i < 4; i++)
            {
                answers[i] = services.Scorer().ScoreAsync(sounds[3 + i]);
                int waiting = i + 1;
                SpinWait.SpinUntil(() => services.Scorer().Queue.Length == waiting);
            }
        }

        for (int i = 0; i < 4; i++)
        {
            CollectionAssert.AreEqual(expected[3 + i], (await answers[i]).Scores.ToArray(), $"sound {i}");
        }
    }

    [TestMethod]
    [DataRow(WindowTail.ShiftBack, WindowPooling.Mean), DataRow(WindowTail.Pad, WindowPooling.Maximum)]
    [DataRow(WindowTail.Drop, WindowPooling.LogMeanExp)]
    public async Task Long_recordings_are_heard_in_windows_as_the_model_says(WindowTail tail, WindowPooling pooling)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("windows.zip");
        SaveWithWindows(Words, path, new WindowOptions { Tail = tail, Pooling = pooling, HopFraction = 0.5 });
        float[] sound = Sound(3, 9300);
        await using ServiceProvider services = Services(path);

        AudioScores scores = await services.Scorer().ScoreAsync(sound);

        // 2000 samples each 1000: 0 to 7000 are 8 whole ones, and 300 samples are left.
        Assert.AreEqual(tail == WindowTail.Drop ? 8 : 9, scores.Windows);
        float[] expected = Offline(path, sound)[0];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], scores.Scores[i], 1e-6f);
        }

        Assert.IsFalse(scores.IsCut);
    }

    [TestMethod]
    [DataRow("sound.wav", AudioFileFormat.WavFloat32, 2), DataRow("sound.flac", AudioFileFormat.Flac16, 1)]
    public async Task Recordings_are_resampled_and_mixed_as_LoadAudio_does(string name, AudioFileFormat format, int channels)
    {
        using TemporaryFolder folder = new();
        string path = folder.File(name);
        AudioFile.Write(path, Sound(4, 11025 * channels), 11025, channels, format);
        await using ServiceProvider services = Services(PathOf(Words));
        var mlContext = new MLContext();
        IDataView loaded = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: Rate)
            .Fit(mlContext.Data.LoadFromEnumerable(new[] { new { Path = path } }))
            .Transform(mlContext.Data.LoadFromEnumerable(new[] { new { Path = path } }));
        float[] waveform = loaded.GetColumn<VBuffer<float>>("Waveform").Single().DenseValues().ToArray();
        float[] expected = Offline(PathOf(Words), waveform)[0];

        AudioScores ofFile = await services.Scorer().ScoreFileAsync(path);
        using FileStream stream = File.OpenRead(path);
        AudioScores ofStream = await services.Scorer().ScoreAsync(stream);

        CollectionAssert.AreEqual(expected, ofFile.Scores.ToArray());
        CollectionAssert.AreEqual(expected, ofStream.Scores.ToArray());
    }

    [TestMethod]
    public async Task A_stream_has_the_windows_of_a_streaming_classifier()
    {
        float[] sound = Sound(5, 22050);
        List<(double Start, double End, float[] Scores)> expected = [];
        var mlContext = new MLContext().RegisterAudioTransformers();
        using (var model = (IDisposable)mlContext.Model.Load(PathOf(Words), out _))
        {
            var classifier = model as AudioModelTransformer ?? ((IEnumerable<ITransformer>)model)
                .OfType<AudioModelTransformer>().Single();
            StreamingClassifier stream = classifier.CreateStreamingClassifier(
                window => expected.Add((window.Start, window.End, window.Scores.ToArray())), 11025, 2);
            stream.Write(sound);
            stream.Finish();
        }

        await using ServiceProvider services = Services(PathOf(Words));
        List<AudioWindowFinding> windows = [];
        AudioEndFinding? end = null;
        await foreach (AudioFinding finding in services.Scorer().ListenAsync(Blocks(sound, 777), 11025, 2))
        {
            windows.AddRange(finding is AudioWindowFinding window ? [window] : []);
            end = finding as AudioEndFinding;
        }

        Assert.HasCount(expected.Count, windows);
        for (int i = 0; i < windows.Count; i++)
        {
            Assert.AreEqual((expected[i].Start, expected[i].End), (windows[i].Start, windows[i].End));
            CollectionAssert.AreEqual(expected[i].Scores, windows[i].Scores.ToArray());
        }

        Assert.AreEqual(windows.Count, end!.Scores.Windows);
        Assert.AreEqual(windows.Average(window => window.Scores[0]), end.Scores.Scores[0], 1e-6);
    }

    [TestMethod]
    [DataRow(3000), DataRow(40_000)]
    public async Task A_detector_finds_the_events_of_its_transformer(int length)
    {
        float[] sound = Sound(6, length);
        var mlContext = new MLContext().RegisterAudioTransformers();
        SoundEvent[] expected;
        using (var model = (IDisposable)mlContext.Model.Load(PathOf(Events), out _))
        {
            SoundEventDetectionTransformer detector = model as SoundEventDetectionTransformer
                ?? ((IEnumerable<ITransformer>)model).OfType<SoundEventDetectionTransformer>().Single();
            expected = [.. mlContext.Data.CreateEnumerable<SoundEventRow>(detector.DetectEvents(
                mlContext.Data.LoadFromEnumerable(new[] { new WaveformRow { Waveform = sound } })), reuseRowObject: false)
                .Select(row => new SoundEvent("", row.Label, row.Onset, row.Offset, row.Score))];
        }

        await using ServiceProvider services = Services(PathOf(Events));
        AudioScores scores = await services.Scorer().ScoreAsync(sound);
        List<SoundEvent> streamed = [];
        await foreach (AudioFinding finding in services.Scorer().ListenAsync(Blocks(sound, 501)))
        {
            streamed.AddRange(finding is AudioEventFinding { Event: var item } ? [item] : []);
        }

        Assert.IsNotEmpty(expected);
        CollectionAssert.AreEqual(expected, scores.Events!.ToArray());
        CollectionAssert.AreEqual(
            expected, streamed.OrderBy(item => item.Onset).ThenBy(item => item.Label, StringComparer.Ordinal).ToArray());
        CollectionAssert.AreEqual(Offline(PathOf(Events), sound)[0], scores.Scores.ToArray());
    }

    [TestMethod]
    public async Task What_is_no_recording_is_said_and_counts_no_request()
    {
        await using ServiceProvider services = Services(PathOf(Words), options =>
        {
            options.MaximumSeconds = 1;
            options.MaximumRequests = 1;
        });
        IAudioScorer scorer = services.Scorer();
        using var text = new MemoryStream("What is this?"u8.ToArray());
        await Assert.ThrowsExactlyAsync<InvalidDataException>(() => scorer.ScoreAsync(text));
        await Assert.ThrowsExactlyAsync<InvalidDataException>(() => scorer.ScoreAsync(ReadOnlyMemory<float>.Empty));
        await Assert.ThrowsAsync<ArgumentException>(() => scorer.ScoreAsync(new float[] { 0, float.NaN }));
        await Assert.ThrowsAsync<ArgumentException>(() => scorer.ScoreAsync(Sound(1), sampleRate: 100));
        await Assert.ThrowsExactlyAsync<FileNotFoundException>(() => scorer.ScoreFileAsync("none.wav"));

        // By what its header claims, before it is heard: 8001 samples at 8000 Hz.
        using var file = new MemoryStream();
        AudioFile.Write(file, Sound(1, 8001), Rate);
        file.Position = 0;
        AudioTooLongException tooLong = await Assert.ThrowsExactlyAsync<AudioTooLongException>(() =>
            scorer.ScoreAsync(file));
        Assert.AreEqual(1, tooLong.MaximumSeconds);
        await Assert.ThrowsExactlyAsync<AudioTooLongException>(async () =>
        {
            await foreach (AudioFinding _ in scorer.ListenAsync(Blocks(Sound(1, 9000), 100)))
            {
            }
        });
        Assert.AreEqual(1, (await scorer.ScoreAsync(Sound(1))).Windows);
    }

    [TestMethod]
    public async Task A_model_of_features_is_refused()
    {
        await using ServiceProvider services = Services(PathOf("classification-pipeline.zip"));
        InvalidDataException error = await Assert.ThrowsExactlyAsync<InvalidDataException>(
            () => services.GetRequiredService<AudioModelPool>().StartAsync(default));
        Assert.Contains("FrontEnd", error.Message);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<float>> Blocks(float[] samples, int length)
    {
        for (int start = 0; start < samples.Length; start += length)
        {
            await Task.Yield();
            yield return samples.AsMemory(start, Math.Min(length, samples.Length - start));
        }
    }

    private sealed class SoundEventRow
    {
        public string Label { get; set; } = "";

        public double Onset { get; set; }

        public double Offset { get; set; }

        public double Score { get; set; }
    }
}
