using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring.Windows;

/// <summary>
/// Scores of long clips in windows: what is expected is pooled here, from scores that the same model gives for clips that are
/// the windows.
/// </summary>
[TestClass]
public sealed class WindowedScoringTests
{
    private const int Rate = 4000;
    private const int Length = 800;

    private static AudioClassificationTransformer s_model = null!;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    [ClassInitialize]
    public static void Train(TestContext context)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.FrontEnd = LogMelOptions.CreatePasst(Rate);
        (options.FrontEnd.MelBins, options.FrontEnd.HighFrequency) = (8, 1800);
        options.FrontEnd.TargetSamples = Length;
        options.Epochs = 4;
        options.ScoringBatchSize = 4;
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 24).Select(i => new WaveformClip
        {
            Label = TinyModel.Classes[i % 2],
            Waveform = Tone(i % 2 == 0 ? 0.4 : 1.6, Length, i),
        }));
        IDataView keys = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        options.FeatureColumnName = "Waveform";
        s_model = (AudioClassificationTransformer)mlContext.MulticlassClassification.Trainers.Passt(options).Fit(keys);
    }

    [ClassCleanup]
    public static void DisposeModel() => s_model.Dispose();

    [TestCleanup]
    public void Cleanup()
    {
        (s_model.LongClips, s_model.Windows) = (LongClips.Cut, new WindowOptions());
        s_model.Model.Description = s_model.Model.Description with { TimeShifts = 1 };
        _folder.Dispose();
    }

    /// <summary>By files as streams, by waveforms in memory, and row by row: the pooled scores of the windows.</summary>
    [TestMethod]
    [DataRow(WindowPooling.Mean, WindowTail.ShiftBack)]
    [DataRow(WindowPooling.Maximum, WindowTail.Pad)]
    [DataRow(WindowPooling.LogMeanExp, WindowTail.Drop)]
    public void Scores_are_those_of_the_windows_pooled(WindowPooling pooling, WindowTail tail)
    {
        int[] lengths = [2500, 300, 800, 801, 5000, 1, 3210];
        float[][] waveforms = [.. lengths.Select((length, i) => Tone(0.3 + (0.2 * i), length, i))];
        var options = new WindowOptions { Pooling = pooling, Tail = tail, HopFraction = 0.75, Sharpness = 3 };
        double[][] expected = [.. waveforms.Select(waveform => Expected(waveform, options))];
        (s_model.LongClips, s_model.Windows) = (LongClips.Windows, options);

        AssertClose(expected, TinyModel.Scores(s_model.Transform(View(waveforms))));
        AssertClose(expected, TinyModel.Scores(Files(waveforms)));
        AssertClose(expected, [.. waveforms.Select(ScoreSingly)]);
        Assert.IsEmpty(_warnings);
    }

    /// <summary>
    /// Of clips of a window each, batches of one and three are four; of three windows each, of three, and then whole batches of
    /// four, the next of which is read unasked: the fifth row's end is found as the fifth batch begins, and the sixth ends in the
    /// eighth row.
    /// </summary>
    [TestMethod]
    [DataRow(Length, 1, 1)]
    [DataRow(Length, 3, 4)]
    [DataRow(3 * Length, 1, 1)]
    [DataRow(3 * Length, 5, 8)]
    public void A_preview_reads_few_rows_more_than_it_shows(int length, int shown, int most)
    {
        s_model.LongClips = LongClips.Windows;
        s_model.Windows = new WindowOptions { HopFraction = 1 };
        var mlContext = new MLContext(seed: 1);
        WaveformClip[] clips = [.. Enumerable.Range(0, 50).Select(i => new WaveformClip { Waveform = Tone(0.5, length, i) })];
        int read = 0;
        IDataView scored = s_model.Transform(mlContext.Data.LoadFromEnumerable(clips.Select(clip =>
        {
            Interlocked.Increment(ref read);
            return clip;
        })));
        float[][] all = TinyModel.Scores(scored);
        Assert.HasCount(50, all);
        read = 0;

        float[][] first = TinyModel.Scores(mlContext.Data.TakeRows(scored, shown));

        Assert.IsLessThanOrEqualTo(most, read);
        CollectionAssert.AreEqual(all[..shown].SelectMany(row => row).ToArray(), first.SelectMany(row => row).ToArray());
        read = 0;
        Assert.HasCount(shown, scored.Preview(shown).RowView);
        Assert.IsLessThanOrEqualTo(most, read);
    }

    /// <summary>What failed once is told of again: no row of that batch, and none behind it, is given.</summary>
    [TestMethod]
    public void A_pass_whose_scores_failed_goes_no_further()
    {
        s_model.LongClips = LongClips.Windows;
        s_model.Windows = new WindowOptions { HopFraction = 1 };
        IDataView scored = s_model.Transform(View([.. Enumerable.Range(0, 12).Select(i => Tone(0.5, 3 * Length, i))]));
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        Assert.IsTrue(cursor.MoveNext());
        string failed = "";
        var hook = s_model.Model.Network.register_forward_hook((_, _, output) => output / torch.zeros_like(output));
        try
        {
            while (true)
            {
                Assert.IsTrue(cursor.MoveNext(), "the end, though rows are missing");
            }
        }
        catch (InvalidOperationException exception)
        {
            failed = exception.Message;
        }
        finally
        {
            hook.remove();
        }

        StringAssert.Contains(failed, "expected a finite number", StringComparison.Ordinal);
        Assert.AreEqual(-1, cursor.Position);
        for (int call = 0; call < 3; call++)
        {
            Assert.AreEqual(failed, Assert.ThrowsExactly<InvalidOperationException>(() => cursor.MoveNext()).Message);
        }
    }

    /// <summary>The case long-clip-cut: silence for five seconds, then a tone; and silence.</summary>
    [TestMethod]
    public void A_tone_after_the_model_s_input_is_heard_in_windows_alone()
    {
        float[] late = [.. new float[5 * 16000], .. Enumerable.Range(0, 16000).Select(n => 0.3f * MathF.Sin(0.2f * n))];
        string[] files = [File("late.wav", late, 16000), File("sil6.wav", new float[6 * 16000], 16000)];

        float[][] cut = TinyModel.Scores(Files(files));
        s_model.LongClips = LongClips.Windows;
        float[][] windows = TinyModel.Scores(Files(files));

        Assert.AreEqual(0, cut[0].Zip(cut[1], (a, b) => Math.Abs(a - b)).Max(), 1e-6);
        Assert.IsGreaterThan(1e-3, windows[0].Zip(windows[1], (a, b) => Math.Abs(a - b)).Max());
        string warning = Assert.ContainsSingle(_warnings);
        StringAssert.Contains(warning, "2 of 2 clips in column 'Waveform'", StringComparison.Ordinal);
        StringAssert.Contains(warning, "0.4 s of 12 s of them are heard", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Windows_are_saved_with_the_model_and_clips_no_longer_than_it_score_as_ever()
    {
        float[][] waveforms = [Tone(0.9, 3000, 1), Tone(0.5, Length, 2), Tone(1.4, 500, 3)];
        float[][] cut = TinyModel.Scores(s_model.Transform(View(waveforms)));
        IDataView early = s_model.Transform(View(waveforms));
        s_model.LongClips = LongClips.Windows;
        s_model.Windows = new WindowOptions { HopSeconds = 0.05, Pooling = WindowPooling.Maximum };
        float[][] windows = TinyModel.Scores(s_model.Transform(View(waveforms)));
        CollectionAssert.AreNotEqual(cut[0], windows[0]);
        AssertClose([.. cut[1..].Select(row => row.Select(score => (double)score).ToArray())], windows[1..]);
        CollectionAssert.AreEqual(cut[0], TinyModel.Scores(early)[0], "a view keeps what it was made with");

        var mlContext = new MLContext().RegisterAudioTransformers();
        string path = _folder.File("model.zip");
        mlContext.Model.Save(s_model, View(waveforms).Schema, path);
        using var loaded = (AudioClassificationTransformer)mlContext.Model.Load(path, out _);

        Assert.AreEqual(LongClips.Windows, loaded.LongClips);
        Assert.AreEqual(0.05, loaded.Windows.HopSeconds);
        CollectionAssert.AreEqual(windows[0], TinyModel.Scores(loaded.Transform(View(waveforms)))[0]);
    }

    /// <summary>A file of weights alone scores as the model that it is of: in windows, and as often shifted.</summary>
    [TestMethod]
    public void Windows_and_time_shifts_are_in_a_file_of_weights()
    {
        float[][] waveforms = [Tone(0.9, 3000, 1), Tone(1.4, 500, 3)];
        float[][] cut = TinyModel.Scores(s_model.Transform(View(waveforms)));
        s_model.LongClips = LongClips.Windows;
        s_model.Windows = new WindowOptions { HopSeconds = 0.05, Pooling = WindowPooling.Maximum };
        float[][] once = TinyModel.Scores(s_model.Transform(View(waveforms)));
        s_model.Model.Description = s_model.Model.Description with { TimeShifts = 3 };
        float[][] shifted = TinyModel.Scores(s_model.Transform(View(waveforms)));
        CollectionAssert.AreNotEqual(cut[0], once[0]);
        CollectionAssert.AreNotEqual(once[0], shifted[0]);
        string path = _folder.File("weights.safetensors");
        s_model.Model.SaveSafetensors(path);

        var mlContext = new MLContext();
        using AudioModelTransformer loaded = mlContext.Model.LoadAudioCheckpoint(path);
        using AudioModelTransformer unshifted =
            mlContext.Model.LoadAudioCheckpoint(path, new AudioCheckpointOptions { ScoringTimeShifts = 1 });

        Assert.AreEqual(
            (LongClips.Windows, 0.05, WindowPooling.Maximum),
            (loaded.LongClips, loaded.Windows.HopSeconds, loaded.Windows.Pooling));
        for (int row = 0; row < waveforms.Length; row++)
        {
            CollectionAssert.AreEqual(shifted[row], TinyModel.Scores(loaded.Transform(View(waveforms)))[row]);
            CollectionAssert.AreEqual(once[row], TinyModel.Scores(unshifted.Transform(View(waveforms)))[row]);
        }
    }

    [TestMethod]
    [DataRow("\"LongClips\":7", "LongClips is 7")]
    [DataRow("\"LongClips\":\"Windows\",\"Windows\":{\"HopSeconds\":0.21}", "Windows.HopSeconds is 0.21")]
    [DataRow("\"Windows\":{\"HopFraction\":2}", "Windows.HopFraction is 2")]
    [DataRow("\"TimeShifts\":0", "TimeShifts is 0; expected 1 or more")]
    public void Windows_and_time_shifts_of_a_damaged_file_are_named(string damage, string expected)
    {
        string json = WeightsMetadata.Of(s_model.Model.Description, s_model.Model.Task)!;

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => WeightsMetadata.FromJson($"{json[..^1]},{damage}}}"));

        StringAssert.Contains(error.Message, expected, StringComparison.Ordinal);
    }

    /// <summary>The columns that are asked for go with their own rows, though windows of several rows are scored together.
    /// </summary>
    [TestMethod]
    public void Rows_keep_their_own_values()
    {
        float[][] waveforms = [.. Enumerable.Range(0, 9).Select(i => Tone(0.2 * i, 100 + (i * 700 % 3000), i))];
        s_model.LongClips = LongClips.Windows;
        IDataView scored = s_model.Transform(View(waveforms));
        float[][] scores = TinyModel.Scores(scored);

        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<ReadOnlyMemory<char>> label = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Label"]);
        ValueGetter<VBuffer<float>> waveform = cursor.GetGetter<VBuffer<float>>(scored.Schema["Waveform"]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        ReadOnlyMemory<char> name = default;
        VBuffer<float> values = default;
        int row = 0;
        for (; cursor.MoveNext(); row++)
        {
            Assert.AreEqual(row, cursor.Position);
            label(ref name);
            Assert.AreEqual($"{row}", name.ToString());
            waveform(ref values);
            CollectionAssert.AreEqual(waveforms[row], values.DenseValues().ToArray());
            score(ref values);
            CollectionAssert.AreEqual(scores[row], values.DenseValues().ToArray());
        }

        Assert.AreEqual(waveforms.Length, row);
        Assert.IsFalse(cursor.MoveNext());
        Assert.ThrowsExactly<InvalidOperationException>(() => score(ref values));
    }

    [TestMethod]
    public void Options_that_do_not_fit_are_named()
    {
        var mlContext = new MLContext();
        PasstOptions options = TinyModel.Options();
        options.LongClips = LongClips.Windows;
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(options));
        StringAssert.Contains(error.Message, "LongClips is Windows; expected Cut without a FrontEnd", StringComparison.Ordinal);

        s_model.LongClips = LongClips.Windows;
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => s_model.Windows = new WindowOptions { HopSeconds = 0.21 });
        StringAssert.Contains(error.Message, "Windows.HopSeconds is 0.21", StringComparison.Ordinal);
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => s_model.Windows = new WindowOptions { HopFraction = 0 });
        StringAssert.Contains(error.Message, "Windows.HopFraction", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_damaged_file_is_named_with_its_column_and_row()
    {
        string[] files = [File("a.wav", Tone(1, 2000, 1)), File("b.wav", Tone(1, 2000, 1))];
        byte[] bytes = System.IO.File.ReadAllBytes(files[1]);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        System.IO.File.WriteAllBytes(files[1], bytes);
        s_model.LongClips = LongClips.Windows;

        Exception error = Assert.Throws<Exception>(() => TinyModel.Scores(Files(files)));

        StringAssert.Contains(error.ToString(), "Column 'Path', row 1", StringComparison.Ordinal);
        StringAssert.Contains(error.ToString(), "b.wav", StringComparison.Ordinal);
    }

    // Clips of the windows' samples, each scored by itself and cut; then pooled by the formula, in double precision.
    private static double[] Expected(float[] waveform, WindowOptions options)
    {
        const int Hop = 600;
        int window = LogMelOptions.CreatePasst(Rate).WindowLength;
        List<float[]> clips = [waveform[..Math.Min(Length, waveform.Length)]];
        int start = Hop;
        for (; start + Length <= waveform.Length; start += Hop)
        {
            clips.Add(waveform[start..(start + Length)]);
        }

        int rest = waveform.Length - (start - Hop + Length);
        if (rest > window && options.Tail != WindowTail.Drop)
        {
            clips.Add(options.Tail == WindowTail.Pad ? waveform[start..] : waveform[^Length..]);
        }

        float[][] scores = TinyModel.Scores(s_model.Transform(View([.. clips])));
        return [.. Enumerable.Range(0, 2).Select(label => options.Pooling switch
        {
            WindowPooling.Mean => scores.Average(row => (double)row[label]),
            WindowPooling.Maximum => scores.Max(row => (double)row[label]),
            _ => Math.Log(scores.Average(row => Math.Exp(3.0 * row[label]))) / 3,
        })];
    }

    private static float[] ScoreSingly(float[] waveform)
    {
        var mlContext = new MLContext();
        using var engine = mlContext.Model.CreatePredictionEngine<WaveformClip, Scored>(
            s_model, new PredictionEngineOptions { InputSchemaDefinition = null, OwnsTransformer = false });
        return engine.Predict(new WaveformClip { Waveform = waveform }).Score;
    }

    private static void AssertClose(double[][] expected, float[][] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int row = 0; row < expected.Length; row++)
        {
            for (int label = 0; label < expected[row].Length; label++)
            {
                Assert.AreEqual(expected[row][label], actual[row][label], 2e-6, $"row {row}, class {label}");
            }
        }
    }

    private static float[] Tone(double step, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(n =>
            (float)((0.3 * Math.Sin(step * n * (1 + (n / 5000.0)))) + (0.05 * (random.NextDouble() - 0.5))))];
    }

    private static IDataView View(float[][] waveforms) => new MLContext().Data.LoadFromEnumerable(
        waveforms.Select((waveform, i) => new WaveformClip { Label = $"{i}", Waveform = waveform }).ToArray());

    private IDataView Files(float[][] waveforms) =>
        Files([.. waveforms.Select((waveform, i) => File($"{i}.wav", waveform))]);

    private IDataView Files(string[] paths)
    {
        var mlContext = new MLContext();
        mlContext.Log += (_, entry) => Add(entry);
        IDataView data = mlContext.Data.LoadFromEnumerable(paths.Select(path => new FileClip { Path = path }).ToArray());

        // The model's own channel is that of the context that it was trained in or loaded by.
        string saved = _folder.File("files.zip");
        mlContext.RegisterAudioTransformers().Model.Save(s_model, null, saved);
        ITransformer model = mlContext.Model.Load(saved, out _);
        return mlContext.Transforms.LoadAudio("Waveform", "Path", Rate).Fit(data).Append(model).Transform(data);
    }

    private void Add(LoggingEventArgs entry)
    {
        if (entry.Kind == ChannelMessageKind.Warning)
        {
            _warnings.Add(entry.Message);
        }
    }

    private string File(string name, float[] samples, int sampleRate = Rate)
    {
        AudioFile.Write(_folder.File(name), samples, sampleRate);
        return _folder.File(name);
    }

    private sealed class WaveformClip
    {
        public string Label { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }

    private sealed class FileClip
    {
        public string Path { get; set; } = "";
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
