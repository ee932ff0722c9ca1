using System.Globalization;
using System.Xml.Linq;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public sealed class DatarTrainerTests
{
    [TestMethod]
    [DataRow(DatarAdaptor.Learnable, true, DatVersion.Dat)]
    [DataRow(DatarAdaptor.Gaussian, false, DatVersion.Dat)]
    [DataRow(DatarAdaptor.Laplacian, true, DatVersion.DatPlusPlus)]
    [DataRow(DatarAdaptor.None, false, DatVersion.DatPlusPlus)]
    public void LearnsToTellTwoClassesApart(DatarAdaptor adaptor, bool isDeformable, DatVersion version)
    {
        var mlContext = new MLContext(seed: 1);
        DatarOptions options = Options();
        options.Config.Adaptor = adaptor;
        Array.ForEach([.. options.Config.Stages], stage => stage.NoOffsets = !isDeformable);
        options.Config.Version = version;
        ITransformer model = Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));

        IDataView scored = model.Transform(TinyModel.Data(mlContext, count: 40, seed: 2));
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(scored);

        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
    }

    [TestMethod]
    public void TheAdaptorsNoiseFollowsFromTheSeed()
    {
        float[][] Train(int seed)
        {
            var mlContext = new MLContext();
            DatarOptions options = Options();
            options.Seed = seed;
            options.Epochs = 2;
            options.Config.DropPath = 0.5;
            options.Config.Adaptor = DatarAdaptor.Gaussian;
            options.Config.AdaptorStrength = 0.2;
            ITransformer model = Pipeline(mlContext, options).Fit(TinyModel.Data(mlContext));
            return TinyModel.Scores(model.Transform(TinyModel.Data(mlContext)));
        }

        float[][] first = Train(seed: 3);
        float[][] again = Train(seed: 3);
        float[][] other = Train(seed: 4);

        for (int i = 0; i < first.Length; i++)
        {
            CollectionAssert.AreEqual(first[i], again[i]);
        }

        Assert.IsFalse(first.Zip(other).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void SavedModelScoresTheSameToTheBit()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var mlContext = new MLContext(seed: 1);
        DatarOptions options = Options();
        options.Epochs = 1;
        options.Config.Version = DatVersion.DatPlusPlus;
        options.Config.ConvolutionalPatches = true;
        options.Config.Stages = options.Config.Stages.With(
            blocks: ["ND", "XL", "SD", "DD"], windowSizes: [3, 3, 2, 2], groups: [1, 2, 2, 2]);
        Array.ForEach([.. options.Config.Stages], stage => (stage.ConvolutionalMlp, stage.LocalPerception) = (true, true));
        IDataView data = TinyModel.Data(mlContext);
        ITransformer model = Pipeline(mlContext, options).Fit(data);

        mlContext.Model.Save(model, data.Schema, path);
        ITransformer loaded = mlContext.Model.Load(path, out _);

        float[][] expected = TinyModel.Scores(model.Transform(data));
        float[][] actual = TinyModel.Scores(loaded.Transform(data));
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], actual[i]);
        }
    }

    [TestMethod]
    public void WeightsOfAnImageModelAreFitted()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("dat.safetensors");
        DatarConfig sizes = Options().Config;
        sizes = sizes with
        {
            InputChannels = 3,
            InputFrequency = 32,
            InputTime = 32,
            Adaptor = DatarAdaptor.None,
            Stages = [.. sizes.Stages.Select(stage => stage with { WindowSize = 3 })],
        };
        using Datar colours = new(sizes, new torch.Generator(5));
        ModuleWeights.Save(colours, path);
        Dictionary<string, torch.Tensor> stored = colours.state_dict();
        using var network = (Datar)TinyModel.Build(Options(), new FeatureShape(TinyClip.Frames, TinyClip.Mels), 2, seed: 1);

        CheckpointReport report = new DatarFamily().LoadCheckpoint(path, network, new CheckpointAdaptation());

        Dictionary<string, torch.Tensor> loaded = network.state_dict();
        const string keys = "stages.2.attns.1.proj_k.weight";
        torch.Tensor grey = stored["patch_proj.0.weight"].sum([1], keepdim: true);
        Assert.IsTrue(loaded["patch_proj.0.weight"].allclose(grey, 1e-5, 1e-6));
        Assert.IsTrue(loaded[keys].allclose(stored[keys], 0, 0));
        string[] adapted = [.. report.Adapted.Select(item => item.Name)];
        CollectionAssert.Contains(adapted, "stages.0.attns.0.relative_position_bias_table");
        CollectionAssert.Contains(adapted, "stages.2.attns.1.rpe_table");

        // The masks are the model's own: they follow from its maps.
        using Datar fresh = new(network.Options, new torch.Generator(1));
        const string mask = "stages.0.attns.1.attn_mask";
        Assert.IsTrue(loaded[mask].eq(fresh.state_dict()[mask]).all().item<bool>());
    }

    [TestMethod]
    public void ShowsThePointsThatItLooksAt()
    {
        var mlContext = new MLContext(seed: 1);
        DatarOptions options = Options();
        options.Epochs = 1;
        options.Config.Stages = options.Config.Stages.With(blocks: ["D", "L", "L", "D"]);
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Datar(options).Fit(mapped);
        float[] features = TinyClip.Make(1, seed: 5, TinyModel.Classes)[0].Features;

        IReadOnlyList<DeformablePoint> points = model.Model.GetDeformablePoints(features, stage: 0);

        // Patches of 2 x 2 make a map of 4 x 8 with two groups.
        Assert.HasCount(2 * 4 * 8, points);
        Assert.AreEqual(1, points.Where(point => point.Group == 0).Sum(point => point.Weight), 1e-4);
        Assert.AreEqual(1, points.Where(point => point.Group == 1).Sum(point => point.Weight), 1e-4);
        Assert.IsTrue(points.Any(point => point.Frame != point.ReferenceFrame && point.MelBin != point.ReferenceMelBin));

        // DAT's references are cell centres scaled to 7/8 of the map's width: -1 + 1/8 lies 7/16 of a point inside.
        Assert.AreEqual((((0.125 / 2 * 7) + 0.5) * 2) - 0.5, points[0].ReferenceFrame, 1e-5);
        Assert.AreEqual((((0.25 / 2 * 3) + 0.5) * 2) - 0.5, points[0].ReferenceMelBin, 1e-5);
        Assert.AreEqual(points[0].ReferenceMelBin, points[1].ReferenceMelBin, 1e-9);
        Assert.IsLessThan(points[1].ReferenceFrame, points[0].ReferenceFrame);
        Assert.ThrowsExactly<ArgumentException>(() => model.Model.GetDeformablePoints(features.AsSpan(1), stage: 0));
        Assert.ThrowsExactly<ArgumentException>(() => model.Model.GetDeformablePoints(features, stage: 1));
    }

    [TestMethod]
    public void ThePointsAreDrawnOverTheLogMel()
    {
        var mlContext = new MLContext(seed: 1);
        DatarOptions options = Options();
        options.Config.Stages = options.Config.Stages.With(blocks: ["LD", "L", "LD", "D"]);
        options.Epochs = 1;
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Datar(options).Fit(mapped);
        float[] features = TinyClip.Make(1, seed: 5, TinyModel.Classes)[0].Features;
        IReadOnlyList<DeformablePoint> points = model.Model.GetDeformablePoints(features, stage: 0);

        XElement svg = XDocument.Parse(model.Model.DrawDeformablePoints(features, "a < b", stage: 0).ToString()).Root!;
        XElement inSeconds = XDocument.Parse(
            model.Model.DrawDeformablePoints(features, "a", stage: 0, frameMilliseconds: 10).ToString()).Root!;

        XNamespace names = svg.Name.Namespace;
        Assert.AreEqual("a < b", svg.Element(names + "title")!.Value);
        XElement image = svg.Element(names + "image")!;
        double Number(XElement element, string name) =>
            double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
        XElement[] circles = [.. svg.Elements(names + "circle")];
        Assert.HasCount(points.Count, circles);
        for (int i = 0; i < circles.Length; i++)
        {
            double frame = (Number(circles[i], "cx") - Number(image, "x")) / Number(image, "width") * TinyClip.Frames - 0.5;
            double bin = (1 - ((Number(circles[i], "cy") - Number(image, "y")) / Number(image, "height"))) * TinyClip.Mels - 0.5;
            Assert.AreEqual(Math.Clamp(points[i].Frame, -0.7, TinyClip.Frames - 0.3), frame, 0.01, $"point {i}");
            Assert.AreEqual(Math.Clamp(points[i].MelBin, -0.75, TinyClip.Mels - 0.25), bin, 0.01, $"point {i}");
        }

        int most = Enumerable.Range(0, points.Count).MaxBy(i => points[i].Weight);
        Assert.AreEqual(circles.Max(circle => Number(circle, "r")), Number(circles[most], "r"));
        Assert.Contains("frames", svg.Elements(names + "text").Select(text => text.Value).ToArray());
        Assert.Contains("seconds", inSeconds.Elements(names + "text").Select(text => text.Value).ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => model.Model.DrawDeformablePoints(features, "a", stage: 0, frameMilliseconds: 0));
    }

    [TestMethod]
    public void OnlyDatarHasDeformablePoints()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);

        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => model.Model.GetDeformablePoints(new float[TinyClip.Frames * TinyClip.Mels]));

        Assert.Contains("PaSST", error.Message);
    }

    [TestMethod]
    public void SizesAreThoseOfTheModelsPresets()
    {
        int[] narrow = [96, 192, 384, 768];
        (DatarConfig Config, int[] Dims, int Middle)[] presets =
        [
            (new DatarConfig(), narrow, 6),
            (DatarConfig.Tiny, narrow, 6),
            (DatarConfig.Small, narrow, 18),
            (DatarConfig.Base, [128, 256, 512, 1024], 18),
        ];
        foreach ((DatarConfig config, int[] dims, int middle) in presets)
        {
            OptionCheck.All(new DatarOptions { Config = config });

            CollectionAssert.AreEqual(dims, config.Stages.Select(stage => stage.Dim).ToArray());
            CollectionAssert.AreEqual(
                new[] { 2, 2, middle, 2 }, config.Stages.Select(stage => stage.Blocks.Length).ToArray());
        }
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        AssertNamed("Config", options => options.Config = null!);
        AssertNamed("Config.Stages", options => options.Config.Stages = [.. options.Config.Stages.Take(2)]);
        AssertNamed("Config.Stages", options => options.Config.Stages = null!);
        AssertNamed(
            "Config.Stages[1]",
            options => options.Config.Stages = [.. options.Config.Stages.Select((stage, i) => i == 1 ? null! : stage)]);
        AssertNamed("Config.Stages[2].Blocks", options => options.Config.Stages[2].Blocks = "");
        AssertNamed("Config.Stages[2].Groups", options => options.Config.Stages[2].Groups = 3);
    }

    private static void AssertNamed(string option, Action<DatarOptions> change)
    {
        DatarOptions options = Options();
        change(options);

        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.Trainers.Datar(options));

        Assert.Contains($"Option {option} is", error.Message);
    }

    /// <summary>Maps of 4 x 8, 2 x 4, 1 x 2 and 1 x 1 for tiny clips.</summary>
    internal static DatarOptions Options() => new()
    {
        Config =
        {
            PatchSize = 2,
            StemDim = 8,
            Stages =
            [
                new() { Dim = 8, Heads = 2, Blocks = "LS", WindowSize = 4, Groups = 2, OffsetKernel = 3 },
                new() { Dim = 8, Heads = 2, Blocks = "L", WindowSize = 4, Groups = 2, OffsetKernel = 3 },
                new() { Dim = 16, Heads = 2, Blocks = "LD", WindowSize = 2, Groups = 2, OffsetKernel = 3 },
                new() { Dim = 16, Heads = 2, Blocks = "D", WindowSize = 2, Groups = 2, OffsetKernel = 3 },
            ],
            DropPath = 0,
        },
        LearningRate = 5e-3,
        Epochs = 12,
        BatchSize = 8,
        Seed = 7,
    };

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, DatarOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Datar(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
}
