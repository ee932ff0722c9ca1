using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Trainers;

/// <summary>Training that starts from a file of weights.</summary>
[TestClass]
public sealed class PretrainedWeightsTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void TrainingStartsFromTheWeightsOfATrainedModel()
    {
        string path = _folder.File("passt.safetensors");
        float[][] expected = Train(TinyModel.Options(), path);
        PasstTrainer.Options options = AsItIs(TinyModel.Options());
        options.PretrainedWeights = path;
        options.Seed = 99;

        // A step so small that no weight changes shows what training started from.
        float[][] actual = Train(options);

        Assert.IsTrue(expected.Zip(actual).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void AstStartsFromTheWeightsOfATrainedModel()
    {
        string path = _folder.File("ast.safetensors");
        float[][] expected = Train(AstTrainerTests.Options(), path);
        AstTrainer.Options options = AsItIs(AstTrainerTests.Options());
        options.PretrainedWeights = path;
        options.Seed = 99;

        float[][] actual = Train(options);

        Assert.IsTrue(expected.Zip(actual).All(pair => pair.First.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void TheChannelTellsWhatBecameOfTheWeights()
    {
        string path = _folder.File("passt.safetensors");
        Train(TinyModel.Options(), path);
        PasstTrainer.Options options = AsItIs(TinyModel.Options());
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
        using (TorchSharp.DisposeScope scope = NewDisposeScope())
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
            StringAssert.Contains(report, "head.weight (");
            StringAssert.Contains(report, "blocks.0.attn.qkv.weight");
        }
    }

    [TestMethod]
    public void OfficialFilesAreTaken()
    {
        // Sizes of the reference cases: 24 wide, 16 x 16 patches, 48 mel bins, 120 frames, 2 blocks.
        foreach (string id in new[] { "checkpoints/passt_pt", "checkpoints/passt_lightning_ckpt", "checkpoints/deit_to_passt" })
        {
            GoldenCase golden = Goldens.Load(id);
            string file = Path.Combine(golden.Directory, golden.Json.GetProperty("file").GetString()!);
            PasstTrainer.Options options = AsItIs(new PasstTrainer.Options { EmbedDim = 24, Depth = 2, Heads = 4 });
            options.PretrainedWeights = file;
            List<string> messages = [];
            var mlContext = Context(messages);
            var random = new Random(1);
            IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4).Select(i => new LongClip
            {
                Label = $"{i % 2}",
                Features = [.. Enumerable.Range(0, 120 * 48).Select(_ => random.NextSingle())],
            }));

            using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options)
                .Fit(mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data));

            string report = messages.Single(message => message.Contains("Pretrained weights of", StringComparison.Ordinal));
            StringAssert.Contains(report, file);
            GoldenTensor expected = golden.Tensors
                .Single(pair => pair.Key is "patch_embed.proj.weight" or "net.patch_embed.proj.weight").Value;
            using var scope = NewDisposeScope();
            float[] actual = model.Model.Network.state_dict()["patch_embed.proj.weight"].data<float>().ToArray();
            GoldenAssert.Close(expected, actual, 1e-6, 1e-6, id);
        }
    }

    [TestMethod]
    public void NothingThatFitsIsAnError()
    {
        string path = _folder.File("passt.safetensors");
        Train(TinyModel.Options(), path);
        PasstTrainer.Options options = TinyModel.Options();
        options.EmbedDim = 32;
        options.PretrainedWeights = path;

        var error = Assert.ThrowsExactly<InvalidDataException>(() => Train(options));
        StringAssert.Contains(error.Message, path);
        StringAssert.Contains(error.Message, "holds no weights");

        AstTrainer.Options other = AstTrainerTests.Options();
        other.PretrainedWeights = _folder.File("noise.pt");
        File.WriteAllText(other.PretrainedWeights, "no weights at all");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Train(other)).Message, other.PretrainedWeights);
    }

    [TestMethod]
    public void AMissingFileIsAnErrorBeforeAnyRowIsRead()
    {
        var mlContext = new MLContext(seed: 1);
        PasstTrainer.Options options = TinyModel.Options();
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

    /// <summary>Trains, saves the weights if told where, and scores the training set.</summary>
    private static float[][] Train(
        AudioTrainerOptions options, string? path = null, List<string>? messages = null, string[]? classes = null)
    {
        MLContext mlContext = Context(messages ?? []);
        IDataView data = mlContext.Data.LoadFromEnumerable(TinyClip.Make(24, seed: 1, classes ?? TinyModel.Classes));
        IDataView mapped = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        using AudioClassificationTransformer model = options is AstTrainer.Options ast
            ? mlContext.MulticlassClassification.Trainers.Ast(ast).Fit(mapped)
            : mlContext.MulticlassClassification.Trainers.Passt((PasstTrainer.Options)options).Fit(mapped);
        if (path is not null)
        {
            model.Model.SaveSafetensors(path);
        }

        return TinyModel.Scores(model.Transform(mapped));
    }

    private static MLContext Context(List<string> messages)
    {
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, e) => messages.Add(e.Message);
        return mlContext;
    }

    private static InMemoryTensor Stored(string name, Tensor values) =>
        new("memory", name, CheckpointDType.Float32, values.shape, values.bytes.ToArray());

    private sealed class LongClip
    {
        public string Label { get; set; } = "";

        [Data.VectorType(120, 48)]
        public float[] Features { get; set; } = [];
    }
}
