using System.Diagnostics;
using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioShards.Tests;

/// <summary>Shards that are scored, stopped, resumed and joined.</summary>
[TestClass]
public sealed class ScoreShardTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void OneShardAndFiveJoinToTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 40);
        Score(folder, "one", AudioShard.Whole);
        for (int i = 0; i < 5; i++)
        {
            AudioShardResult result = Score(folder, "five", new AudioShard(i, 5), workers: 3, pieceFiles: 4);
            Assert.AreEqual(0, result.Resumed);
        }

        _mlContext.Data.JoinScores(folder.File("one"), folder.File("one.parquet"));
        _mlContext.Data.JoinScores(folder.File("five"), folder.File("five.parquet"));
        CollectionAssert.AreEqual(
            File.ReadAllBytes(folder.File("one.parquet")), File.ReadAllBytes(folder.File("five.parquet")));

        IDataView joined = _mlContext.Data.LoadScores(folder.File("five"));
        CollectionAssert.AreEqual(levels.Keys, joined.GetColumn<string>("Path").ToArray());
        float[] expected = [.. levels.Values.SelectMany(level => (float[])[level, 1 - level])];
        CollectionAssert.AreEqual(expected, joined.GetColumn<float[]>("Score").SelectMany(scores => scores).ToArray());
        CollectionAssert.AreEqual(
            levels.Values.Select(level => level >= 0.5f ? "0" : "1").ToArray(),
            joined.GetColumn<string>("PredictedLabel").ToArray());

        KeyValuePair<string, string> unscored = _mlContext.Data.LoadUnscored(folder.File("five")).Single();
        Assert.AreEqual("broken.wav", unscored.Key);
        StringAssert.Contains(unscored.Value, "broken.wav");
        Assert.DoesNotContain(", row ", unscored.Value);
        CollectionAssert.AreEqual(
            new[] { unscored }, _mlContext.Data.LoadUnscored(folder.File("one")).ToArray());
        CollectionAssert.AreEquivalent(
            new[] { "part-00000-of-00001.parquet", "_unscored-00000-of-00001.parquet", "_sums-00000-of-00001.sha256" },
            Directory.GetFileSystemEntries(folder.File("one")).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void AStoppedShardGoesOnAfterItsLastPiece()
    {
        using var folder = new TemporaryFolder();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 20);
        string pieces = folder.File("scores/_pieces-00000-of-00001");

        // Of 21 recordings, broken.wav is the eighth: the tenth that is scored is the third of the third piece.
        int scored = 0;
        using var stop = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext, _ => { if (++scored == 10) { stop.Cancel(); } }), inputSchema: null,
            folder.File("recordings"), folder.File("scores"), Options(AudioShard.Whole, pieceFiles: 4), stop.Token));
        CollectionAssert.IsSubsetOf(
            new[] { "piece-000000000.parquet", "piece-000000004.parquet" },
            Directory.GetFiles(pieces).Select(Path.GetFileName).ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => _mlContext.Data.LoadScores(folder.File("scores"))).Message,
            "lacks 1 of 1 parts");

        // What a killed process leaves: parts of files under their temporary names.
        string[] begun =
        [
            Path.Combine(pieces, "piece-000000008.parquet"), folder.File("scores/part-00000-of-00001.parquet"),
            folder.File("scores/_unscored-00000-of-00001.parquet"), folder.File("scores/_sums-00000-of-00001.sha256"),
        ];
        Array.ForEach(begun, path => File.WriteAllText($"{path}.{Guid.NewGuid():N}.tmp", "PAR1"));

        // A piece in which a broken disk changed one bit of a name or number is not taken for one.
        byte[] second = File.ReadAllBytes(Path.Combine(pieces, "piece-000000004.parquet"));
        second[second.Length / 3] ^= 1;
        File.WriteAllBytes(Path.Combine(pieces, "piece-000000004.parquet"), second);

        int before = scored;
        AudioShardResult resumed = Score(folder, "scores", AudioShard.Whole, scored: _ => scored++, pieceFiles: 4);
        Assert.AreEqual((21, 1, 4), (resumed.Files, resumed.Unscored, resumed.Resumed));
        Assert.AreEqual(16, scored - before);
        Assert.HasCount(3, Directory.GetFileSystemEntries(folder.File("scores")));
        CollectionAssert.AreEqual(
            levels.Keys, _mlContext.Data.LoadScores(folder.File("scores")).GetColumn<string>("Path").ToArray());

        before = scored;
        AudioShardResult again = Score(folder, "scores", AudioShard.Whole, scored: _ => scored++);
        Assert.AreEqual((21, 1, 21), (again.Files, again.Unscored, again.Resumed));
        Assert.AreEqual(before, scored);

        // While a longer list is scored, what there is of the shorter one can be read.
        LevelModel.Write(folder.File("recordings"), count: 21);
        using var stopped = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext, _ => stopped.Cancel()), inputSchema: null, folder.File("recordings"),
            folder.File("scores"), Options(AudioShard.Whole), stopped.Token));
        Assert.HasCount(20, Read(folder));
        Assert.AreEqual(22, Score(folder, "scores", AudioShard.Whole).Files);

        // A recording of the same name that is another one.
        LevelModel.Write(folder.File("recordings"), count: 21, samples: 101);
        before = scored;
        Assert.AreEqual(0, Score(folder, "scores", AudioShard.Whole, scored: _ => scored++).Resumed);
        Assert.AreEqual(21, scored - before);
    }

    /// <summary>What was scored before stays, and what comes after it is written once there is room.</summary>
    [TestMethod]
    public void AFullDiskEndsAShardThatGoesOnLater()
    {
        using var folder = new TemporaryFolder();
        using var disk = new SmallDisk();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 20);
        string filler = "";
        int scored = 0;
        Assert.Throws<IOException>(() => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext, _ => filler = ++scored == 10 ? disk.Fill() : filler), inputSchema: null,
            folder.File("recordings"), disk.File("scores"), Options(AudioShard.Whole, pieceFiles: 4)));
        Assert.IsEmpty(Directory.GetFiles(disk.Path, "*.tmp", SearchOption.AllDirectories));
        Assert.IsEmpty(Directory.GetFiles(disk.File("scores"), "part-*"));

        File.Delete(filler);
        AudioShardResult resumed = _mlContext.ScoreShard(
            LevelModel.Create(_mlContext, _ => { }), inputSchema: null, folder.File("recordings"), disk.File("scores"),
            Options(AudioShard.Whole, pieceFiles: 4));

        Assert.AreEqual((21, 1, 8), (resumed.Files, resumed.Unscored, resumed.Resumed));
        CollectionAssert.AreEqual(
            levels.Keys, _mlContext.Data.LoadScores(disk.File("scores")).GetColumn<string>("Path").ToArray());
    }

    [TestMethod]
    public void ARecordingThatKillsItsProcessesIsLeftOut()
    {
        using var folder = new TemporaryFolder();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 12);

        // The first process, which scores one at a time, dies at the fourth recording, as by chance; the others, which score
        // two at a time, at the eighth.
        string[] names = [.. levels.Keys];
        (string unlucky, string deadly) = (names[3], names[7]);
        string[] arguments =
        [
            folder.Path, levels[unlucky].ToString(CultureInfo.InvariantCulture),
            levels[deadly].ToString(CultureInfo.InvariantCulture),
        ];
        for (int process = 0; process < 3; process++)
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidOperationException>(() => FreshProcess.Run(ScoreDeadly, arguments)).Message,
                "ended with 137");
        }

        // Which the deadly one has killed two of, so that the next does not try.
        int before = Directory.GetFiles(folder.File("scores/_pieces-00000-of-00001"), "piece-*.parquet").Length;
        Assert.IsGreaterThan(0, before);
        AudioShardOptions options = Options(AudioShard.Whole);
        options.MaxDeaths = 2;
        AudioShardResult result = _mlContext.ScoreShard(
            LevelModel.Create(_mlContext, level => Assert.AreNotEqual(levels[deadly], level)), inputSchema: null,
            folder.File("recordings"), folder.File("scores"), options);
        Assert.AreEqual((13, 2), (result.Files, result.Unscored));

        // What comes before it, broken.wav among them, is in the pieces of the processes that died.
        Assert.AreEqual(8, result.Resumed);
        KeyValuePair<string, string>[] unscored = [.. _mlContext.Data.LoadUnscored(folder.File("scores"))];
        CollectionAssert.AreEqual(
            new[] { "broken.wav", deadly }.Order(StringComparer.Ordinal).ToArray(),
            unscored.Select(file => file.Key).ToArray());
        StringAssert.Contains(unscored.Single(file => file.Key == deadly).Value, "2 processes died while they scored it");

        // The rest is as if there had never been that recording.
        File.Delete(folder.File(Path.Combine("recordings", deadly)));
        Score(folder, "good", AudioShard.Whole);
        _mlContext.Data.JoinScores(folder.File("scores"), folder.File("scores.parquet"));
        _mlContext.Data.JoinScores(folder.File("good"), folder.File("good.parquet"));
        CollectionAssert.AreEqual(
            File.ReadAllBytes(folder.File("good.parquet")), File.ReadAllBytes(folder.File("scores.parquet")));
        Assert.HasCount(3, Directory.GetFileSystemEntries(folder.File("scores")));
    }

    /// <summary>It is one that the model has no finite scores for, as at each further run.</summary>
    [TestMethod]
    public void ARecordingWithoutFiniteScoresIsLeftOut()
    {
        using var folder = new TemporaryFolder();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 8);
        (string name, float level) = levels.ElementAt(4);

        AudioShardResult result = Score(folder, "scores", AudioShard.Whole, scored: found =>
        {
            if (found == level)
            {
                throw new InvalidOperationException("The score is NaN.") { Data = { ["ClipOfBatch"] = 0 } };
            }
        });

        Assert.AreEqual((9, 2), (result.Files, result.Unscored));
        Assert.AreEqual(
            "The score is NaN.",
            _mlContext.Data.LoadUnscored(folder.File("scores")).Single(file => file.Key == name).Value);
        CollectionAssert.AreEqual(
            levels.Keys.Where(key => key != name).ToArray(),
            _mlContext.Data.LoadScores(folder.File("scores")).GetColumn<string>("Path").ToArray());
    }

    [TestMethod]
    public void WhatPassesIsNoReasonToLeaveARecordingOut()
    {
        using var folder = new TemporaryFolder();
        LevelModel.Write(folder.File("recordings"), count: 8);
        int scored = 0;
        Refused<IOException>("Too many open files", () => Score(folder, "scores", AudioShard.Whole, scored: _ =>
        {
            if (++scored == 6)
            {
                throw new IOException("Too many open files");
            }
        }, pieceFiles: 2));
        AudioShardResult result = Score(folder, "scores", AudioShard.Whole, pieceFiles: 2);
        Assert.AreEqual(1, result.Unscored);
        Assert.IsGreaterThan(0, result.Resumed);
        Assert.HasCount(8, Read(folder));

        // Without what was mounted there, its folder is empty.
        byte[] whole = File.ReadAllBytes(result.Path);
        Directory.Delete(folder.File("recordings"), recursive: true);
        Directory.CreateDirectory(folder.File("recordings"));
        Refused<InvalidDataException>("has no recording", () => Score(folder, "scores", AudioShard.Whole));
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(result.Path));
        Assert.HasCount(8, Read(folder));
    }

    [TestMethod]
    public void EmbeddingsAreJoinedToo()
    {
        using var folder = new TemporaryFolder();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 6);
        for (int i = 0; i < 2; i++)
        {
            _mlContext.ScoreShard(
                LevelModel.Create(_mlContext), inputSchema: null, folder.File("recordings"), folder.File("vectors"),
                new AudioShardOptions
                {
                    Shard = new AudioShard(i, 2), Kind = AudioShardKind.Embeddings, ModelName = "levels",
                });
        }

        CollectionAssert.AreEqual(
            levels.Values.SelectMany(level => (float[])[level, 2 * level, 3 * level]).ToArray(),
            _mlContext.Data.LoadScores(folder.File("vectors")).GetColumn<float[]>("Embedding")
                .SelectMany(vector => vector).ToArray());
    }

    [TestMethod]
    public void LabelsOfAnyNameAndTypeAreNotAskedFor()
    {
        using var folder = new TemporaryFolder();
        SortedDictionary<string, float> levels = LevelModel.Write(folder.File("recordings"), count: 6);
        ITransformer model = LevelModel.CreateLabelled(_mlContext, out DataViewSchema inputSchema);

        AudioShardResult result = _mlContext.ScoreShard(
            model, inputSchema, folder.File("recordings"), folder.File("scores"), Options(AudioShard.Whole, workers: 2));

        Assert.AreEqual((7, 1), (result.Files, result.Unscored));
        CollectionAssert.AreEqual(levels.Values, Read(folder).Select(scores => scores[0]).ToArray());

        // But what scores are computed from is.
        ITransformer loud = LevelModel.CreateOfLoudness(_mlContext, out inputSchema);
        Refused<ArgumentOutOfRangeException>("'Score' of the model depends on 'Loudness'", () => _mlContext.ScoreShard(
            loud, inputSchema, folder.File("recordings"), folder.File("loud"), Options(AudioShard.Whole)));
        AudioShardOptions options = Options(AudioShard.Whole);
        options.PathColumnName = "File";
        Refused<ArgumentOutOfRangeException>("Path column 'File' not found; the columns are: ", () => _mlContext.ScoreShard(
            model, inputSchema, folder.File("recordings"), folder.File("loud"), options));
        options.PathColumnName = "Calls";
        Refused<ArgumentOutOfRangeException>("Path column 'Calls' is Vector<String>; expected text", () => _mlContext.ScoreShard(
            model, inputSchema, folder.File("recordings"), folder.File("loud"), options));
    }

    [TestMethod]
    public void WhatIsNotOneScoringIsRefused()
    {
        using var folder = new TemporaryFolder();
        LevelModel.Write(folder.File("recordings"), count: 8);
        Score(folder, "scores", new AudioShard(0, 2));

        Refused<InvalidDataException>("lacks 1 of 2 parts", () => _mlContext.Data.LoadScores(folder.File("scores")));
        Refused<InvalidDataException>("of 2 shards, and this is one of 3", () => Score(folder, "scores", new AudioShard(0, 3)));
        Refused<InvalidDataException>(
            "is of another scoring", () => Score(folder, "scores", new AudioShard(0, 2), modelName: "another"));
        Score(folder, "scores", new AudioShard(1, 2), modelName: "another");
        Refused<InvalidDataException>("is of another scoring than", () => _mlContext.Data.LoadScores(folder.File("scores")));
        Refused<DirectoryNotFoundException>("nowhere", () => _mlContext.Data.LoadScores(folder.File("nowhere")));
        Refused<DirectoryNotFoundException>("nowhere", () => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext), inputSchema: null, folder.File("nowhere"), folder.File("scores"),
            Options(AudioShard.Whole)));
        Refused<ArgumentOutOfRangeException>("Option Shard is 2/2", () => Score(folder, "more", new AudioShard(2, 2)));
        Refused<ArgumentOutOfRangeException>("'VerbScore' not found", () => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext), inputSchema: null, folder.File("recordings"), folder.File("more"),
            new AudioShardOptions { ColumnName = "VerbScore", ModelName = "levels" }));
        Refused<InvalidDataException>("is of another scoring", () => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext), inputSchema: null, folder.File("recordings"), folder.File("scores"),
            new AudioShardOptions { Shard = new AudioShard(0, 2), ColumnName = "OtherScore", ModelName = "levels" }));
        Refused<ArgumentOutOfRangeException>(
            "Option ModelName", () => Score(folder, "more", AudioShard.Whole, modelName: ""));

        // Not one that is under way either.
        Directory.CreateDirectory(folder.File("begun/_pieces-00001-of-00004"));
        Refused<InvalidDataException>("of 4 shards, and this is one of 1", () => Score(folder, "begun", AudioShard.Whole));
        Assert.IsFalse(Directory.Exists(folder.File("begun/_pieces-00000-of-00001")));

        Directory.CreateDirectory(folder.File("busy/_pieces-00000-of-00001"));
        using FileStream held = new(
            folder.File("busy/_pieces-00000-of-00001/lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Refused<IOException>("Another process scores shard 0/1", () => Score(folder, "busy", AudioShard.Whole));
    }

    [TestMethod]
    public void APartThatWasCutOrChangedIsNoPart()
    {
        using var folder = new TemporaryFolder();
        LevelModel.Write(folder.File("recordings"), count: 8);
        string part = Score(folder, "scores", AudioShard.Whole).Path;
        byte[] whole = File.ReadAllBytes(part);
        for (int length = 0; length < whole.Length; length += 37)
        {
            File.WriteAllBytes(part, whole[..length]);
            Refused<InvalidDataException>("part-00000-of-00001", () => Read(folder));
        }

        var random = new Random(5);
        for (int i = 0; i < 50; i++)
        {
            byte[] changed = [.. whole];
            changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(part, changed);
            Refused<InvalidDataException>("part-00000-of-00001", () => Read(folder));
        }

        // It is scored again, to the same bytes.
        Assert.AreEqual(0, Score(folder, "scores", AudioShard.Whole).Resumed);
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(part));
        Assert.HasCount(8, Read(folder));
    }

    // A kill, not an end: nothing of the process runs after it.
    private static string ScoreDeadly(string[] arguments)
    {
        float[] levels = [.. arguments[1..].Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        string met = Path.Combine(arguments[0], "met");
        int workers = File.Exists(met) ? 2 : 1;
        var mlContext = new MLContext(seed: 1);
        ITransformer model = LevelModel.Create(mlContext, level =>
        {
            bool isUnlucky = level == levels[0] && !File.Exists(met);
            if (isUnlucky)
            {
                File.WriteAllText(met, "");
            }

            if (isUnlucky || level == levels[1])
            {
                Process.GetCurrentProcess().Kill();
            }
        });
        AudioShardOptions options = Options(AudioShard.Whole, workers);
        options.MaxDeaths = 2;
        mlContext.ScoreShard(
            model, inputSchema: null, Path.Combine(arguments[0], "recordings"), Path.Combine(arguments[0], "scores"), options);
        return "";
    }

    private float[][] Read(TemporaryFolder folder) =>
        [.. _mlContext.Data.LoadScores(folder.File("scores")).GetColumn<float[]>("Score")];

    private static void Refused<TException>(string message, Func<object> call)
        where TException : Exception =>
        StringAssert.Contains(Assert.ThrowsExactly<TException>(() => _ = call()).Message, message);

    private AudioShardResult Score(
        TemporaryFolder folder,
        string output,
        AudioShard shard,
        int workers = 1,
        int pieceFiles = 1000,
        string modelName = "levels",
        Action<float>? scored = null) => _mlContext.ScoreShard(
            LevelModel.Create(_mlContext, scored), inputSchema: null, folder.File("recordings"), folder.File(output),
            Options(shard, workers, pieceFiles, modelName));

    private static AudioShardOptions Options(
        AudioShard shard, int workers = 1, int pieceFiles = 1000, string modelName = "levels") =>
        new() { Shard = shard, Workers = workers, PieceFiles = pieceFiles, ModelName = modelName };
}
