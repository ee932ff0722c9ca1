using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Training that starts from a file of weights.</summary>
[TestClass]
public sealed class PretrainedWeightsTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void ClassWeightsAreCheckedBeforeWeightsAreRead()
    {
        PasstOptions options = TinyModel.Options();
        options.PretrainedWeights = _folder.File("damaged.safetensors");
        File.WriteAllText(options.PretrainedWeights, "damaged");
        options.Optimization.ClassWeights = [1, 1, 1];

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Right.Train(options));

        StringAssert.Contains(exception.Message, "Optimization.ClassWeights is of 3 numbers");
    }

    [TestMethod]
    public void TheChannelTellsWhatBecameOfTheWeights()
    {
        string path = _folder.File("passt.safetensors");
        Train(TinyModel.Options(), path);
        PasstOptions options = AsItIs(TinyModel.Options());
        options.PretrainedWeights = path;
        List<string> messages = [];

        Train(options, messages: messages, classes: ["low", "middle", "high"]);

        string report = messages.Single(message => message.Contains("Pretrained weights of", StringComparison.Ordinal));
        StringAssert.Contains(report, path);
        StringAssert.Contains(report, "tensors loaded as they are");
        StringAssert.Contains(report, "4 left out: ");
        StringAssert.Contains(report, "head.1.weight (it is [2, 16], the model's is [3, 16])");
        StringAssert.Contains(report, "4 missing, kept as initialized: ");
    }

    [TestMethod]
    public void AnImageModelIsAdapted()
    {
        string path = _folder.File("deit.safetensors");
        using (DisposeScope scope = NewDisposeScope())
        {
            Safetensors.Save(path,
            [
                Stored("patch_embed.proj.weight", ones(16, 3, 4, 4)),
                Stored("cls_token", ones(1, 1, 16)),
                Stored("pos_embed", ones(1, 1 + (3 * 3), 16)),
                Stored("head.weight", ones(1000, 16)),
            ]);
        }

        foreach (AudioTrainerOptions options in new AudioTrainerOptions[]
        {
            AsItIs(TinyModel.Options()), AsItIs(AstTrainerTests.Options()),
        })
        {
            options.PretrainedWeights = path;
            options.PretrainedWeightsAdaptation = new CheckpointAdaptation { Channels = ChannelReduction.Mean };
            List<string> messages = [];

            Train(options, messages: messages);

            string report = messages.Single(message => message.Contains("Pretrained weights of", StringComparison.Ordinal));
            StringAssert.Contains(report, "3 channels to one by mean");
            StringAssert.Contains(report, "missing, kept as initialized: ");
            StringAssert.Contains(report, "blocks.0.attn.qkv.weight");
            StringAssert.Contains(report, "it classifies images");
        }
    }

    public static IEnumerable<object[]> PasstFiles => Goldens.Cases("checkpoints")
        .Where(id => Goldens.Load((string)id[0]).Json.TryGetProperty("params", out JsonElement parameters) &&
            parameters.TryGetProperty("distilled", out _));

    [TestMethod, DynamicData(nameof(PasstFiles))]
    public void AnOfficialFileIsTaken(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        PasstConfig sizes = PasstTests.Options(golden.Json.GetProperty("params"));
        var options = new PasstOptions
        {
            Config =
            {
                StrideFrequency = sizes.StrideFrequency,
                StrideTime = sizes.StrideTime,
                EmbedDim = sizes.EmbedDim,
                Depth = sizes.Depth,
                Heads = sizes.Heads,
            },
        };
        using AudioModel network = TinyModel.Build(
            options, new FeatureShape(sizes.InputTime, sizes.InputFrequency), sizes.Classes, seed: 1);
        string file = Path.Combine(golden.Directory, golden.Json.GetProperty("file").GetString()!);

        CheckpointReport report = new PasstFamily().LoadCheckpoint(file, network, options.PretrainedWeightsAdaptation);

        CollectionAssert.AreEquivalent(
            golden.Tensors.Keys.ToArray(), report.Loaded.Concat(report.Adapted.Select(item => item.Name)).ToArray());
        CollectionAssert.AreEqual(
            golden["cls_token"].Shape, network.state_dict()["cls_token"].shape, "the reference's width");
    }

    [TestMethod]
    public void NothingThatFitsIsAnError()
    {
        string path = _folder.File("passt.safetensors");
        Train(TinyModel.Options(), path);
        PasstOptions options = TinyModel.Options();
        options.Config.EmbedDim = 32;
        options.PretrainedWeights = path;

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Train(options));
        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, "holds no weights");

        AstOptions other = AstTrainerTests.Options();
        other.PretrainedWeights = _folder.File("noise.pt");
        File.WriteAllText(other.PretrainedWeights, "no weights at all");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Train(other)).Message, other.PretrainedWeights);
    }

    [TestMethod]
    // What only a warning can tell: all tensors, or those of the first blocks, fit and mean something else.
    [DataRow("Heads", 4, "Option Config.Heads is 4; the weights in ", "are of a model with 2.")]
    [DataRow("Depth", 1, "Option Config.Depth is 1; the weights in ", "are of a model with 2.")]
    [DataRow("PatchSize", 8, "Option Config.PatchSize is 8; the weights in ", "are of a model with 4.")]
    [DataRow("QkvBias", false, "Option Config.QkvBias is False; the weights in ", "are of a model with True.")]
    public void AnotherConfigurationThanTheFilesIsTold(string option, object value, string start, string end)
    {
        string path = _folder.File("passt.safetensors");
        PasstOptions first = TinyModel.Options();
        (first.Config.Heads, first.Config.Depth) = (2, 2);
        (first.Config.StrideTime, first.Config.StrideFrequency) = (4, 4);
        Train(first, path);
        PasstOptions options = AsItIs(TinyModel.Options());
        (options.Config.Heads, options.Config.Depth) = (2, 2);
        (options.Config.StrideTime, options.Config.StrideFrequency) = (4, 4);
        options.PretrainedWeights = path;
        List<string> messages = [];
        Train(options, messages: messages);
        Assert.DoesNotContain("Option Config.", string.Join('\n', messages), "the same configuration");

        typeof(PasstConfig).GetProperty(option)!.SetValue(options.Config, value);
        Train(options, messages: messages);

        string told = messages.Single(message => message.Contains($"Option Config.{option} ", StringComparison.Ordinal)
            && !message.Contains("Pretrained weights of", StringComparison.Ordinal));
        StringAssert.Contains(told, start);
        StringAssert.Contains(told, path);
        StringAssert.Contains(told, end);
    }

    [TestMethod]
    [DataRow("EmbedDim", 32, "Option Config.EmbedDim is 32; the weights in ", "are of a model with 16.")]
    [DataRow("MlpRatio", 3.0, "Option Config.MlpRatio is 3; the weights in ", "are of a model with 4.")]
    [DataRow("StrideTime", 2, "Option Config.StrideTime is 2; the weights in ", "are of a model with 4.")]
    public void AConfigurationThatDoesNotFitIsAnErrorWithTheFilesOwn(string option, object value, string start, string end)
    {
        string path = _folder.File("passt.safetensors");
        Train(TinyModel.Options(), path);
        PasstOptions options = TinyModel.Options();
        typeof(PasstConfig).GetProperty(option)!.SetValue(options.Config, value);
        options.PretrainedWeights = path;

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Train(options));

        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, start);
        StringAssert.Contains(error.Message, end);
    }

    [TestMethod]
    public void AMissingFileIsAnErrorBeforeAnyRowIsRead()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.PretrainedWeights = _folder.File("missing.pt");
        IDataView unreadable = mlContext.Data.LoadFromEnumerable(Unreadable());

        var error = Assert.ThrowsExactly<FileNotFoundException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(options).Fit(unreadable));

        StringAssert.Contains(error.Message, "PretrainedWeights");
        Assert.AreEqual(options.PretrainedWeights, error.FileName);
        options.PretrainedWeights = " ";
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mlContext.MulticlassClassification.Trainers.Passt(options));
    }

    private static IEnumerable<TinyClip> Unreadable()
    {
        yield return TinyClip.Make(1, seed: 1, TinyModel.Classes)[0];
        throw new InvalidOperationException("A row was read.");
    }

    private static T AsItIs<T>(T options)
        where T : AudioTrainerOptions
    {
        options.LearningRate = 1e-30;
        options.WeightDecay = 0;
        options.Epochs = 1;
        return options;
    }

    /// <summary>Trains, and saves the weights if told where.</summary>
    private static void Train(
        AudioTrainerOptions options, string? path = null, List<string>? messages = null, string[]? classes = null)
    {
        MLContext mlContext = Context(messages ?? []);
        IDataView data = mlContext.Data.LoadFromEnumerable(TinyClip.Make(24, seed: 1, classes ?? TinyModel.Classes));
        IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        using AudioClassificationTransformer model = options is AstOptions ast
            ? mlContext.MulticlassClassification.Trainers.Ast(ast).Fit(mapped)
            : mlContext.MulticlassClassification.Trainers.Passt((PasstOptions)options).Fit(mapped);
        if (path is not null)
        {
            model.Model.SaveSafetensors(path);
        }
    }

    private static MLContext Context(List<string> messages)
    {
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, e) => messages.Add(e.Message);
        return mlContext;
    }

    private static InMemoryTensor Stored(string name, Tensor values) =>
        new("memory", name, CheckpointDType.Float32, values.shape, values.bytes.ToArray());
}
