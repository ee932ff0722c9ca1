using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Pretrained;

/// <summary>Files that cannot become a model, and what the messages say of them.</summary>
[TestClass]
public sealed class BrokenCheckpointTests
{
    private static readonly MLContext s_mlContext = new();

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void AFileOfNoKnownLayout()
    {
        GoldenCase golden = Goldens.Load("checkpoints/ast_dataparallel");
        string message = Refused(Path.Combine(golden.Directory, "best_audio_model.pth"));
        StringAssert.Contains(message, "holds 9 tensors ('module.0.weight', 'module.0.bias', 'module.1.weight'");
        StringAssert.Contains(message, "in no known layout. It shares no name with any of them: AST, the authors' names;");
    }

    /// <summary>A ViT with two names changed: the nearest layout, and the first names that differ.</summary>
    [TestMethod]
    public void TheNearestLayoutAndTheNamesThatDiffer()
    {
        string path = Weights(1).Where(tensor => !tensor.Name.StartsWith("time_new", StringComparison.Ordinal))
            .Select(tensor => tensor.Renamed(tensor.Name.Replace("freq_new_pos_embed", "freq_pos", StringComparison.Ordinal)))
            .Save(_folder.File("weights.pt"));
        string message = Refused(path);
        StringAssert.Contains(message, "Nearest is PaSST, the authors' names, which has 23 of its 25 typical names here");
        StringAssert.Contains(message, "the file lacks 'time_new_pos_embed', 'freq_new_pos_embed', and has 'freq_pos'");
    }

    [TestMethod]
    public void AFileThatLacksWeights()
    {
        string path = Weights(2).Where(tensor => !tensor.Name.StartsWith("blocks.1.mlp.fc2", StringComparison.Ordinal))
            .Save(_folder.File("weights.pt"));
        StringAssert.Contains(
            Refused(path), "lacks 2 weights of a Passt of its sizes: blocks.1.mlp.fc2.weight, blocks.1.mlp.fc2.bias.");
    }

    [TestMethod]
    public void AFileThatIsCutOff()
    {
        string path = Weights(1).Save(_folder.File("weights.safetensors"));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1000]);
        StringAssert.Contains(Refused(path), "is not a valid safetensors file");
    }

    [TestMethod]
    public void AFileThatIsNotThere()
    {
        var published = Assert.ThrowsExactly<FileNotFoundException>(
            () => s_mlContext.Model.LoadAudioCheckpoint(_folder.File("passt-s-kd-ap.486.pt")));
        StringAssert.Contains(published.Message, "https://github.com/kkoutini/PaSST/releases/tag/v.0.0.9");
        var other = Assert.ThrowsExactly<FileNotFoundException>(() => s_mlContext.Model.LoadAudioCheckpoint(_folder.File("x.pt")));
        StringAssert.Contains(other.Message, "docs/model-card.md lists the published files");
        var folder = Assert.ThrowsExactly<FileNotFoundException>(() => s_mlContext.Model.LoadAudioCheckpoint(_folder.Path));
        StringAssert.Contains(folder.Message, "looked for model.safetensors, model.safetensors.index.json");
        var trainer = new PasstOptions { PretrainedWeights = _folder.File("passt-s-kd-ap.486.pt") };
        var error = Assert.ThrowsExactly<FileNotFoundException>(trainer.CheckFiles);
        StringAssert.Contains(error.Message, "Option PretrainedWeights: There is no file of weights");
        StringAssert.Contains(error.Message, "This library downloads nothing.");
    }

    [TestMethod]
    public void AnImageModelScoresNoSounds()
    {
        GoldenCase golden = Goldens.Load("checkpoints/deit_to_passt");
        string path = Path.Combine(golden.Directory, golden.Json.GetProperty("file").GetString()!);
        string message = Refused(path);
        StringAssert.Contains(message, "ViT or DeiT of images, timm's names");
        StringAssert.Contains(message, "Set PretrainedWeights of a trainer's options to its path.");
        Assert.AreEqual(0, s_mlContext.Model.DescribeAudioCheckpoint(path).ClassCount);
    }

    [TestMethod]
    public void LabelsThatDoNotFitAreRefused()
    {
        string path = Weights(1).Save(_folder.File("weights.pt"));
        string shorter = Refused(path, new AudioCheckpointOptions { Labels = ["a", "b"] });
        StringAssert.Contains(shorter, "Option Labels has 2 names");
        StringAssert.Contains(shorter, "has 527 classes");

        string own = Weights(1, classes: 3).Save(_folder.File("three.pt"));
        using (AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(
            own, new AudioCheckpointOptions { Labels = ["a", "b", "c"] }))
        {
            model.Model.SaveSafetensors(_folder.File("named.safetensors"));
        }

        StringAssert.Contains(
            Refused(_folder.File("named.safetensors"), new AudioCheckpointOptions { Labels = ["b", "a", "c"] }),
            "Option Labels names class 0 'b'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => s_mlContext.Model.LoadAudioCheckpoint(own, new AudioCheckpointOptions { Labels = ["a", "a", "b"] }));
    }

    [TestMethod]
    public void AConfigurationOfAnotherModelIsRefused() => StringAssert.Contains(
        Refused(Weights(1).Save(_folder.File("weights.pt")), new AudioCheckpointOptions { Config = new AstConfig() }),
        "is of PaSST; option Config is a AstConfig; expected a PasstConfig.");

    /// <summary>A trainer whose sizes are not the file's is told which are.</summary>
    [TestMethod]
    public void ATrainersNetworkThatDoesNotFit()
    {
        string path = Weights(1).Save(_folder.File("weights.pt"));
        var network = new Passt(new PasstConfig { EmbedDim = 96, Heads = 3, Depth = 1 }, new Generator(1));
        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => new PasstFamily().LoadCheckpoint(path, network, new CheckpointAdaptation()));
        StringAssert.Contains(error.Message, "The file is of PaSST, the authors' names: ");
        StringAssert.Contains(error.Message, "Config.EmbedDim 192, Config.Depth 1, Config.Heads 3");

        var other = new HtsAt(new HtsAtConfig { EmbedDim = 8, Depths = [1], Heads = [1], ImageSize = 64 }, new Generator(1));
        error = Assert.ThrowsExactly<InvalidDataException>(
            () => new HtsAtFamily().LoadCheckpoint(path, other, new CheckpointAdaptation()));
        StringAssert.Contains(error.Message, "The file is of PaSST, the authors' names, a start for PaSST.");
    }

    [TestMethod]
    public void AnIndexWithoutItsParts()
    {
        string index = Weights(1).SaveInParts(_folder.Path, parts: 3);
        File.Delete(_folder.File("model-00002-of-00003.safetensors"));
        var missing = Assert.ThrowsExactly<FileNotFoundException>(() => s_mlContext.Model.LoadAudioCheckpoint(index));
        StringAssert.Contains(missing.Message, "1 of its 3 files are not beside it: model-00002-of-00003.safetensors");
    }

    [TestMethod]
    [DataRow("""{"weight_map": {"a": "../a.safetensors"}}""", "expected the name of a file beside it")]
    [DataRow("""{"weight_map": {"a": 1}}""", "expected the name of a file beside it")]
    [DataRow("""{"metadata": {}}""", "expected an object \"weight_map\"")]
    [DataRow("[1]", "is not a JSON object")]
    [DataRow("{", "is not valid JSON")]
    public void ADamagedIndex(string json, string expected)
    {
        string path = _folder.File("model.safetensors.index.json");
        File.WriteAllText(path, json);
        StringAssert.Contains(Refused(path), expected);
    }

    [TestMethod]
    public void AnIndexThatNamesWhatItsPartLacks()
    {
        string index = Weights(1).SaveInParts(_folder.Path, parts: 2);
        File.WriteAllText(index, File.ReadAllText(index).Replace("\"cls_token\"", "\"cls_tokens\"", StringComparison.Ordinal));
        StringAssert.Contains(Refused(index), "holds 'cls_tokens', which it does not");
    }

    [TestMethod]
    [DataRow("""{"model_type": "audio-spectrogram-transformer", "hidden_act": "relu"}""", "the hidden_act 'relu'; expected gelu")]
    [DataRow("""{"model_type": "audio-spectrogram-transformer", "hidden_size": 192, "num_attention_heads": 3, "num_hidden_layers": 1, "intermediate_size": 768, "id2label": {"1": "a"}}""", "id2label")]
    [DataRow("""{"model_type": "audio-spectrogram-transformer", "hidden_size": 384, "num_attention_heads": 6, "num_hidden_layers": 1, "intermediate_size": 1536}""", "holds no weights for Ast")]
    public void AHuggingFaceConfigurationThatDoesNotFit(string json, string expected)
    {
        var network = new Ast(new AstConfig { EmbedDim = 192, Heads = 3, Depth = 1, Classes = 2 }, new Generator(1));
        WeightFiles.Of(network).ToHuggingFace().Save(_folder.File("model.safetensors"));
        File.WriteAllText(_folder.File("config.json"), json);
        File.WriteAllText(_folder.File("preprocessor_config.json"), "{}");
        StringAssert.Contains(Refused(_folder.Path), expected);
    }

    private static IReadOnlyList<CheckpointTensor> Weights(int depth, int classes = 527) => WeightFiles.Of(
        new Passt(new PasstConfig { EmbedDim = 192, Heads = 3, Depth = depth, Classes = classes }, new Generator(1)));

    private static string Refused(string path, AudioCheckpointOptions? options = null) => Assert.ThrowsExactly<InvalidDataException>(
        () => s_mlContext.Model.LoadAudioCheckpoint(path, options ?? new())).Message;
}
