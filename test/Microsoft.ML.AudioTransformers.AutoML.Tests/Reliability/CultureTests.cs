using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;
using Microsoft.ML.AudioTransformers.Tests;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Reliability;

/// <summary>
/// All that a run writes is the same in the cultures that write numbers, days and letters most differently: features,
/// weights, scores, reports, ONNX files and sweeps, to the bit.
/// </summary>
[TestClass]
public sealed class CultureTests
{
    private static readonly string[] s_cultures = ["", "tr-TR", "de-DE", "fa-IR"];

    [TestMethod]
    public void NoCultureChangesAnyResult()
    {
        string? results = FreshProcess.RunWithCultures(RunInCultures, s_cultures);
        RequiredTool.Check(results is not null, "ICU, the library of cultures");
        string[] runs = results.Split("\n\n");
        Assert.HasCount(s_cultures.Length, runs);

        // As the cultures write "i" as a capital letter, one and a half, and the year 2026: they are really set.
        string[] probes = [.. runs.Select(run => run.Split('\n')[0])];
        Assert.AreEqual("I 1.5 2026", probes[0]);
        Assert.HasCount(s_cultures.Length, probes.Distinct().ToArray(), string.Join(" | ", probes));
        string[] expected = runs[0].Split('\n')[1..];
        Assert.HasCount(7, expected);
        for (int i = 1; i < runs.Length; i++)
        {
            CollectionAssert.AreEqual(expected, runs[i].Split('\n')[1..], s_cultures[i]);
        }
    }

    private static string RunInCultures(string[] cultures) => string.Join("\n\n", cultures.Select(Run));

    private static string Run(string name)
    {
        var culture = CultureInfo.GetCultureInfo(name);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
        (CultureInfo.DefaultThreadCurrentCulture, CultureInfo.DefaultThreadCurrentUICulture) = (culture, culture);
        using var folder = new TemporaryFolder();
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        List<string> lines =
            [string.Create(culture, $"{"i".ToUpper(culture)} {1.5} {new DateTime(2026, 11, 28):yyyy}")];
        lines.Add("features " + Features(mlContext, folder));

        PasstOptions options = TinyModel.Options();
        options.Epochs = 2;
        options.WorkspacePath = folder.File("run");
        options.Augmentation.MixupAlpha = 0.3;
        IDataView data = TinyModel.Data(mlContext, count: 16);
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(data);
        mlContext.Model.SaveAudioModel(model, data.Schema, folder.File("model.zip"));
        ITransformer loaded = mlContext.Model.Load(folder.File("model.zip"), out _);
        lines.Add("scores " + Bits(TinyModel.Scores(loaded.Transform(data)).SelectMany(row => row)));
        AudioClassificationTransformer own =
            ((IEnumerable<ITransformer>)loaded).OfType<AudioClassificationTransformer>().Single();
        own.SaveOnnx(folder.File("model.onnx"));
        lines.Add("ONNX " + Hash(folder.File("model.onnx")));
        own.Model.SaveSafetensors(folder.File("model.safetensors"));
        lines.Add("weights " + Hash(folder.File("model.safetensors")));

        IDataView keyed = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(own.Transform(keyed));
        metrics.SaveReport(folder.File("report.html"));

        // A report says when it was made.
        string report = File.ReadAllText(folder.File("report.html"));
        lines.Add("report " + Hash(Regex.Replace(report, @"20\d\d-\d\d-\d\d \d\d:\d\d", "")));
        lines.Add("metrics " + metrics);

        AudioSweepResult sweep = TinySweep.Run(mlContext, TinySweep.Options(folder.File("sweep"), trials: 2));
        lines.Add("sweep " + string.Join("; ", sweep.Trials.Select(
            trial => string.Create(CultureInfo.InvariantCulture, $"{trial.Parameters} {trial.Metric:R}"))));
        return string.Join('\n', lines.Select(line => line.Replace("\n", "\\n", StringComparison.Ordinal)));
    }

    private static string Features(MLContext mlContext, TemporaryFolder folder)
    {
        AudioFile.Write(folder.File("tone.wav"), [.. Enumerable.Range(0, 8000).Select(i => MathF.Sin(i * 0.3f))], 16_000);
        LogMelOptions frontEnd = LogMelOptions.CreateAst(16_000);
        IDataView clips = mlContext.Data.LoadFromEnumerable([new Recording { Path = folder.File("tone.wav") }]);
        IDataView features = mlContext.Transforms.LoadLogMel("Features", "Path", frontEnd, folder.File("cache"))
            .Fit(clips).Transform(clips);
        var row = mlContext.Data.CreateEnumerable<Featurized>(features, reuseRowObject: false).Single();
        string cached = Path.GetFileName(
            Directory.GetFiles(folder.File("cache"), "*.features", SearchOption.AllDirectories).Single());

        // The key in the cache follows from the front end's text and the file, whose path is another each time.
        return $"{Bits(row.Features)} {cached.Length}";
    }

    private static string Bits(IEnumerable<float> values) => Hash(string.Join(' ', values.Select(
        value => BitConverter.SingleToInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture))));

    private static string Hash(string text) => File.Exists(text)
        ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(text)))
        : Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    private sealed class Recording
    {
        public string Path { get; set; } = "";
    }

    private sealed class Featurized
    {
        public float[] Features { get; set; } = [];
    }
}
