using System.Security.Cryptography;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Tests.Audio;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Tests.Transforms;

[TestClass]
public sealed class LogMelLoadingTests
{
    private const int Rate = 8000;
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    private string Cache => _folder.File("cache");

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void Features_are_those_of_loading_and_extracting()
    {
        string path = Write("a.wav", seed: 1);
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = path, Content = File.ReadAllBytes(path) }]);
        IDataView expected = mlContext.Transforms.LoadAudio("Features", "Path", FrontEnd().SampleRate)
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Features", FrontEnd()))
            .Fit(data).Transform(data);

        foreach (string column in new[] { "Path", "Content" })
        {
            foreach (string? cache in new[] { null, Cache, Cache })
            {
                IDataView actual = mlContext.Transforms.LoadLogMel("Features", column, FrontEnd(), cache)
                    .Fit(data).Transform(data);
                Assert.AreEqual(expected.Schema["Features"].Type, actual.Schema["Features"].Type);
                CollectionAssert.AreEqual(Features(expected)[0], Features(actual)[0]);
            }
        }
    }

    /// <summary>Other values in the cache's files come out again: nothing was computed.</summary>
    [TestMethod]
    public void What_was_computed_once_is_read_from_the_cache()
    {
        string path = Write("a.wav", seed: 1);
        float[] first = Load(path);
        var marked = new float[first.Length];
        Array.Fill(marked, 42f);
        string file = Assert.ContainsSingle(CacheFiles());
        new FeatureCache(Cache, 0, _warnings.Add).Write(KeyOf(file), marked, samples: 8000, isWhole: true);

        CollectionAssert.AreEqual(marked, Load(path));
        File.Move(path, _folder.File("moved.wav"));
        CollectionAssert.AreEqual(marked, Load(_folder.File("moved.wav")), "a file is known by its content");
        Assert.HasCount(1, CacheFiles());
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Other_content_options_or_parts_never_hit()
    {
        string path = Write("a.wav", seed: 1);
        float[] first = Load(path);
        Write("a.wav", seed: 2);
        float[] other = Load(path);
        CollectionAssert.AreNotEqual(first, other);

        Load(path, options => options.FrontEnd.LogOffset *= 2);
        Load(path, options => options.Loading.Offset = 0.25);
        Load(path, options => options.Loading.Duration = 0.25);
        Load(path, options => options.Loading.Channel = 0);
        Assert.HasCount(6, CacheFiles());

        CollectionAssert.AreEqual(other, Load(path));
        Assert.HasCount(6, CacheFiles());
    }

    [TestMethod]
    [DataRow("cut")]
    [DataRow("empty")]
    [DataRow("longer")]
    [DataRow("a value")]
    [DataRow("the number of values")]
    [DataRow("another key's")]
    public void A_broken_file_is_found_out_and_made_again(string damage)
    {
        string path = Write("a.wav", seed: 1);
        float[] expected = Load(path);
        string file = Assert.ContainsSingle(CacheFiles());
        byte[] whole = File.ReadAllBytes(file);
        byte[] broken = [.. whole];
        switch (damage)
        {
            case "cut":
                broken = whole[..^100];
                break;
            case "empty":
                broken = [];
                break;
            case "longer":
                broken = [.. whole, 0];
                break;
            case "a value":
                broken[200] ^= 1;
                break;
            case "the number of values":
                broken[43] = 0x7f;
                break;
            default:
                Write("b.wav", seed: 2);
                Load(_folder.File("b.wav"));
                broken = File.ReadAllBytes(CacheFiles().Single(other => other != file));
                break;
        }

        File.WriteAllBytes(file, broken);

        CollectionAssert.AreEqual(expected, Load(path));
        StringAssert.Contains(Assert.ContainsSingle(_warnings), file, StringComparison.Ordinal);
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(file));
        CollectionAssert.AreEqual(expected, Load(path));
        Assert.HasCount(1, _warnings);
    }

    /// <summary>Only a rename gives a file its name; what a killed process leaves beside is never read, and goes.</summary>
    [TestMethod]
    public void What_a_killed_process_was_writing_is_not_read_and_goes()
    {
        string path = Write("a.wav", seed: 1);
        float[] expected = Load(path);
        string file = Assert.ContainsSingle(CacheFiles());
        string beside = $"{file}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(beside, File.ReadAllBytes(file)[..60]);
        File.Delete(file);

        CollectionAssert.AreEqual(expected, Load(path));
        Assert.IsTrue(File.Exists(beside), "another process may be writing it");
        File.SetLastWriteTimeUtc(beside, DateTime.UtcNow.AddHours(-2));
        using (new FileStream(beside, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            CollectionAssert.AreEqual(expected, Load(path));
            Assert.IsTrue(File.Exists(beside), "it is being written, and the clock has jumped by two hours");
        }

        CollectionAssert.AreEqual(expected, Load(path));
        Assert.IsFalse(File.Exists(beside));
        Assert.IsEmpty(_warnings);
    }

    /// <summary>AUDIOML_MUTATIONS is the number, 200 where it is not set.</summary>
    [TestMethod]
    public void A_mutated_file_of_the_cache_changes_no_feature()
    {
        string path = Write("a.wav", seed: 1);
        float[] expected = Load(path);
        string file = Assert.ContainsSingle(CacheFiles());
        byte[] whole = File.ReadAllBytes(file);
        var mutator = new Mutator(whole, seed: 59);
        int count = Mutator.Count(200);
        for (int i = 0; i < count; i++)
        {
            File.WriteAllBytes(file, mutator.Next());
            CollectionAssert.AreEqual(expected, Load(path), $"mutation {i}");
            CollectionAssert.AreEqual(whole, File.ReadAllBytes(file), $"mutation {i}");
        }

        // A mutation may put the same bytes in the place of others.
        Assert.IsGreaterThan(count * 9 / 10, _warnings.Count);
    }

    /// <summary>Neither a recording's place nor a cached file's is opened where a pipe stands in it.</summary>
    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void What_is_no_file_is_not_waited_for()
    {
        string path = Write("a.wav", seed: 1);
        float[] expected = Load(path);
        string special = _folder.File("special.wav");
        SpecialFile.AssertRefused(special, () => Load(special));

        string file = Assert.ContainsSingle(CacheFiles());
        foreach (string kind in SpecialFile.Kinds)
        {
            _warnings.Clear();
            using var other = new SpecialFile(kind, file);
            float[] actual = [];
            Assert.IsNull(other.Try(() => actual = Load(path)));
            CollectionAssert.AreEqual(expected, actual, kind);
            StringAssert.Contains(_warnings[0], $"'{file}' is a {kind}", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_full_cache_takes_no_more()
    {
        Load(Write("a.wav", seed: 1));
        long size = new FileInfo(CacheFiles().Single()).Length;
        void Limit(LogMelLoadingEstimator.Options options) => options.MaximumCacheBytes = (size * 5) / 2;

        float[] second = Load(Write("b.wav", seed: 2), Limit);
        float[] third = Load(Write("c.wav", seed: 3), Limit);

        Assert.HasCount(2, CacheFiles());
        StringAssert.Contains(Assert.ContainsSingle(_warnings), "takes no more", StringComparison.Ordinal);
        CollectionAssert.AreEqual(second, Load(_folder.File("b.wav"), Limit));
        CollectionAssert.AreEqual(third, Load(_folder.File("c.wav"), Limit));
    }

    /// <summary>Files of an older version have another name and no length of the clip.</summary>
    [TestMethod]
    public void An_old_file_is_made_again_without_a_warning()
    {
        string path = Write("a.wav", seed: 1);
        float[] expected = Load(path);
        string file = Assert.ContainsSingle(CacheFiles());
        byte[] whole = File.ReadAllBytes(file);
        byte[] old = [.. "AMLFEAT1"u8, .. whole[8..40], .. whole[48..^32]];
        File.WriteAllBytes(file, [.. old, .. SHA256.HashData(old)]);

        CollectionAssert.AreEqual(expected, Load(path, options => options.MaximumCacheBytes = whole.Length));
        Assert.IsEmpty(_warnings);
        CollectionAssert.AreEqual(whole, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void A_file_that_is_replaced_is_not_counted_twice()
    {
        Load(Write("a.wav", seed: 1));
        string file = Assert.ContainsSingle(CacheFiles());
        long size = new FileInfo(file).Length;
        var values = new float[1000];
        var cache = new FeatureCache(Cache, size + 4200, _warnings.Add);
        for (int i = 0; i < 5; i++)
        {
            cache.Write(KeyOf(file), values, samples: 8000, isWhole: true);
        }

        // The folder holds 4,084 bytes, and 52 + 32 and four a value more fit.
        var other = new byte[FeatureCache.KeyLength];
        cache.Write(other, new float[(int)(size - 84) / 4], samples: 8000, isWhole: true);
        Assert.IsEmpty(_warnings);
        Assert.IsTrue(File.Exists(cache.PathOf(other)));
        cache.Write(KeyOf(file), new float[2000], samples: 8000, isWhole: true);
        StringAssert.Contains(Assert.ContainsSingle(_warnings), "takes no more", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_missing_file_is_named_with_its_column_and_row()
    {
        string path = _folder.File("missing.wav");

        Exception exception = Assert.Throws<Exception>(() => Load(path));

        Assert.IsInstanceOfType<FileNotFoundException>(exception.GetBaseException());
        StringAssert.Contains(exception.ToString(), "Column 'Path', row 0", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Options_out_of_range_are_named()
    {
        var mlContext = new MLContext();
        foreach ((Action<LogMelLoadingEstimator.Options> change, string name) in
            new (Action<LogMelLoadingEstimator.Options>, string)[]
            {
                (options => options.Loading.SampleRate = 44100, "Loading.SampleRate"),
                (options => options.FrontEnd.LearnNormalization = true, "FrontEnd.LearnNormalization"),
                (options => options.CacheFolder = " ", "CacheFolder"),
                (options => options.MaximumCacheBytes = -1, "MaximumCacheBytes"),
            })
        {
            var options = new LogMelLoadingEstimator.Options();
            change(options);
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => mlContext.Transforms.LoadLogMel("Features", "Path", options));
            StringAssert.Contains(exception.Message, name, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_saved_model_computes_the_same_features_without_the_cache()
    {
        string path = Write("a.wav", seed: 1);
        var mlContext = new MLContext();
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = path }]);
        LogMelLoadingTransformer transformer =
            mlContext.Transforms.LoadLogMel("Features", "Path", FrontEnd(), Cache).Fit(data);
        mlContext.Model.Save(transformer, data.Schema, _folder.File("model.zip"));

        ITransformer loaded = new MLContext().RegisterAudioFeaturization().Model.Load(_folder.File("model.zip"), out _);

        float[] features = Features(loaded.Transform(data))[0];
        Assert.IsFalse(Directory.Exists(Cache) && CacheFiles().Length > 0);
        CollectionAssert.AreEqual(Features(transformer.Transform(data))[0], features);
    }

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(16000);
        options.TargetSamples = 16000;
        return options;
    }

    private static float[][] Features(IDataView data) => [.. data.GetColumn<float[]>("Features")];

    private string Write(string name, int seed)
    {
        short[] samples = [.. Signals.Noise(Rate, seed).Select(value => (short)(value * 32768))];
        File.WriteAllBytes(_folder.File(name), WavBuilder.Pcm16(Rate, samples));
        return _folder.File(name);
    }

    /// <summary>The features of a file, by a pipeline of its own as another run would have it.</summary>
    private float[] Load(string path, Action<LogMelLoadingEstimator.Options>? change = null)
    {
        var mlContext = new MLContext();
        mlContext.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            {
                _warnings.Add(entry.Message);
            }
        };
        var options = new LogMelLoadingEstimator.Options { FrontEnd = FrontEnd(), CacheFolder = Cache };
        change?.Invoke(options);
        IDataView data = mlContext.Data.LoadFromEnumerable([new Clip { Path = path }]);
        return Features(mlContext.Transforms.LoadLogMel("Features", "Path", options).Fit(data).Transform(data))[0];
    }

    private string[] CacheFiles() => Directory.GetFiles(Cache, "*.features", SearchOption.AllDirectories);

    private static byte[] KeyOf(string file) => Convert.FromHexString(Path.GetFileNameWithoutExtension(file));

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public byte[] Content { get; set; } = [];
    }
}
