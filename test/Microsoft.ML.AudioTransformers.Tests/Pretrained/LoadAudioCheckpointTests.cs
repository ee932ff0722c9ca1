using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Pretrained;

/// <summary>
/// Models from files of weights by their path alone, in every layout; where a golden case has the reference's scores, these are
/// compared, else those of the network that the file was made of.
/// </summary>
[TestClass]
public sealed class LoadAudioCheckpointTests
{
    private static readonly MLContext s_mlContext = new(seed: 1);

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _guard = no_grad();

    [TestCleanup]
    public void Cleanup()
    {
        _guard.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>DeiT-tiny's width, whose heads are known, and a block: the sizes that a file tells.</summary>
    private static Passt NewPasst(int classes = 527)
    {
        var network = new Passt(new PasstConfig { EmbedDim = 192, Heads = 3, Depth = 1, Classes = classes }, new Generator(1));
        network.eval();
        return network;
    }

    private static Ast NewAst(int classes = 527, int frames = 1024)
    {
        var network = new Ast(
            new AstConfig { EmbedDim = 192, Heads = 3, Depth = 1, Classes = classes, InputTime = frames }, new Generator(1));
        network.eval();
        return network;
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("net.")]
    [DataRow("module.")]
    [DataRow("_orig_mod.")]
    [DataRow("model.module._orig_mod.net.")]
    public void PasstByItsPathAloneUnderAnyPrefix(string prefix)
    {
        Passt network = NewPasst();
        string path = WeightFiles.Of(network).Under(prefix).Save(_folder.File("weights.safetensors"));

        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);

        Assert.IsInstanceOfType<AudioTaggingTransformer>(model);
        LogMelOptions frontEnd = model.Model.Description.FrontEnd!;
        Assert.AreEqual((32000, 320, 320000, 15000.0), (
            frontEnd.SampleRate, frontEnd.HopLength, frontEnd.TargetSamples, frontEnd.HighFrequency));
        var config = (PasstConfig)model.Model.Description.Architecture;
        Assert.AreEqual((16, 10, 10, 192, 3, 1, 4.0, true), (
            config.PatchSize, config.StrideFrequency, config.StrideTime, config.EmbedDim, config.Heads, config.Depth, config.MlpRatio,
            config.Distilled));
        AssertSameScores(network, model, rand(2, 1, 128, 998));
        Assert.AreEqual("527", model.Model.ClassNames[^1], "a file that is not published does not name its classes");
    }

    [TestMethod]
    [DataRow(ScalarType.Float16)]
    [DataRow(ScalarType.BFloat16)]
    public void HalfPrecision(ScalarType type)
    {
        Passt network = NewPasst();
        CheckpointTensor[] halves = [.. WeightFiles.Of(network).As(type)];
        string path = halves.Save(_folder.File("weights.safetensors"));

        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);

        Dictionary<string, Tensor> weights = model.Model.Network.state_dict();
        foreach (CheckpointTensor half in halves)
        {
            CollectionAssert.AreEqual(half.ToSingles(), weights[half.Name].data<float>().ToArray(), half.Name);
        }
    }

    [TestMethod]
    public void AFileOfAPublishedNameHasItsClasses()
    {
        string path = WeightFiles.Of(NewPasst()).Save(_folder.File("passt-s-f128-p16-s10-ap.476-swa.pt"));
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);
        CollectionAssert.AreEqual(AudioLabelSets.AudioSet.Labels.ToArray(), model.Model.ClassNames.ToArray());
        Assert.AreEqual("Speech", model.Model.ClassNames[0]);

        // The name alone is not enough: with other sizes, the classes stay unknown.
        string other = WeightFiles.Of(NewPasst(classes: 50)).Save(_folder.File("passt-s-f128-p16-s10-ap.472.pt"));
        using AudioModelTransformer unnamed = s_mlContext.Model.LoadAudioCheckpoint(other);
        Assert.AreEqual("1", unnamed.Model.ClassNames[0]);
    }

    [TestMethod]
    public void TheTimeOfTwentySecondsIsDecidedByTheNameOrTheUser()
    {
        Passt network = new(new PasstConfig { EmbedDim = 192, Heads = 3, Depth = 1, InputTime = 2000 }, new Generator(1));
        string path = WeightFiles.Of(network).Save(_folder.File("weights.pt"));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => s_mlContext.Model.LoadAudioCheckpoint(path));
        StringAssert.Contains(error.Message, "FrontEnd: 200 time positions are twenty seconds at a hop of 320 samples");

        string named = WeightFiles.Of(network).Save(_folder.File("passt-s-f128-stfthop160-p16-s10-ap.473-swa.pt"));
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(named);
        Assert.AreEqual((160, 320000), (
            model.Model.Description.FrontEnd!.HopLength, model.Model.Description.FrontEnd.TargetSamples));
    }

    [TestMethod]
    public void SeveralFilesWithAnIndexAndTheirFolder()
    {
        Ast network = NewAst();
        string index = WeightFiles.Of(network).Under("module.").SaveInParts(_folder.Path, parts: 3);
        Tensor input = rand(1, 1, 128, 1024);
        foreach (string path in new[] { index, _folder.Path })
        {
            using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);
            AssertSameScores(network, model, input);
            LogMelOptions frontEnd = model.Model.Description.FrontEnd!;
            Assert.AreEqual((16000, 1024, -4.2677393f, 4.5689974f), (
                frontEnd.SampleRate, frontEnd.TargetFrames, frontEnd.NormalizationMean, frontEnd.NormalizationStd));
        }
    }

    /// <summary>Speech Commands' file of AST has a grid of 12 x 12, and so 128 frames.</summary>
    [TestMethod]
    public void AstOfSpeechCommands()
    {
        string path = WeightFiles.Of(NewAst(35, 128)).Under("module.").Save(_folder.File("speechcommands_10_10_0.9812.pth"));
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);
        Assert.IsInstanceOfType<AudioClassificationTransformer>(model);
        CollectionAssert.AreEqual(AudioLabelSets.SpeechCommandsAst.Labels.ToArray(), model.Model.ClassNames.ToArray());
        Assert.AreEqual((128, -6.845978f), (
            model.Model.Description.FrontEnd!.TargetFrames, model.Model.Description.FrontEnd.NormalizationMean));
    }

    /// <summary>Hugging Face's folder: names, sizes, front end and classes by the JSON files; the reference's logits.</summary>
    [TestMethod]
    public void HuggingFaceAstGivesTheReferencesScores()
    {
        GoldenCase golden = Goldens.Load("ast/ast_imagenet_adapt_cut");
        SaveHuggingFace(golden, ["dog", "rain", "speech", "violin"]);

        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(_folder.Path);

        // The reference takes (B, time, frequency).
        Tensor input = GoldenTorch.Tensor(golden["input"]).transpose(1, 2).unsqueeze(1);
        GoldenTorch.AssertClose(golden, "logits", model.Model.Network.call(input), "logits");
        CollectionAssert.AreEqual(new[] { "dog", "rain", "speech", "violin" }, model.Model.ClassNames.ToArray());
        LogMelOptions frontEnd = model.Model.Description.FrontEnd!;
        Assert.AreEqual((16000, 128, 100, -4.5f, 3.5f, 2f), (
            frontEnd.SampleRate, frontEnd.MelBins, frontEnd.TargetFrames, frontEnd.NormalizationMean, frontEnd.NormalizationStd,
            frontEnd.NormalizationWidth));
        Assert.AreEqual(1e-6, ((AstConfig)model.Model.Description.Architecture).NormEpsilon);
    }

    /// <summary>HTS-AT's file alone tells image, strides, and by its mel filters the front end.</summary>
    [TestMethod]
    public void HtsAtOfATrainingCheckpointGivesTheReferencesScores()
    {
        GoldenCase[] cases =
        [
            .. Goldens.Cases("htsat").Select(each => Goldens.Load((string)each[0]))
                .Where(golden => golden.Tensors.ContainsKey("waveform")),
        ];
        Assert.IsNotEmpty(cases);
        foreach (GoldenCase golden in cases)
        {
            string path = HtsAtFile(golden, 8000, 256).Under("sed_model.").Save(_folder.File("l-epoch=1.ckpt"));
            AudioCheckpointInfo info = s_mlContext.Model.DescribeAudioCheckpoint(path);
            AssertDescribes(golden, info);
            using (AudioModelTransformer alone = s_mlContext.Model.LoadAudioCheckpoint(path))
            {
                Assert.HasCount(6, alone.Model.ClassNames);
            }

            // What no file tells: the length of the case's clips, and that the reference averages crops of longer ones.
            var config = (HtsAtConfig)info.Config;
            config.LongClips = HtsAtLongClips.AveragedCrops;
            info.FrontEnd!.TargetSamples = (int)golden["waveform"].Shape[1];
            using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(
                path, new AudioCheckpointOptions { Config = config, FrontEnd = info.FrontEnd });
            float[] waveforms = golden["waveform"].ToSingles();
            int clips = (int)golden["waveform"].Shape[0];
            bool isCropped = golden["log_mel"].Shape[2] > 256;
            float[] scores = isCropped ? DetectedScores(model, waveforms, clips) : Scores(model, waveforms, clips);
            GoldenAssert.Close(golden["clipwise_output"], scores, golden.Atol, golden.Rtol, "scores of waveforms");
        }
    }

    private static void AssertDescribes(GoldenCase golden, AudioCheckpointInfo info)
    {
        HtsAtConfig expected = HtsAtGoldenTests.Options(golden.Json);
        var config = (HtsAtConfig)info.Config;
        Assert.AreEqual(
            (expected.ImageSize, expected.PatchSize, expected.StrideTime, expected.EmbedDim, expected.WindowSize, expected.TokenSemantic),
            (config.ImageSize, config.PatchSize, config.StrideTime, config.EmbedDim, config.WindowSize, config.TokenSemantic));
        CollectionAssert.AreEqual(expected.Depths.ToArray(), config.Depths.ToArray());
        CollectionAssert.AreEqual(expected.Heads.ToArray(), config.Heads.ToArray());
        Assert.AreEqual((8000, 80, 256, 50.0, 4000.0, 16), (
            info.FrontEnd!.SampleRate, info.FrontEnd.HopLength, info.FrontEnd.WindowLength, info.FrontEnd.LowFrequency,
            info.FrontEnd.HighFrequency, info.FrontEnd.MelBins));
    }

    /// <summary>Scores of clips that are cut into crops, whose probabilities the reference averages.</summary>
    private static float[] DetectedScores(AudioModelTransformer model, float[] waveforms, int clips)
    {
        var extractor = new LogMelExtractor(model.Model.Description.FrontEnd!);
        float[][] features = [.. waveforms.Chunk(waveforms.Length / clips).Select(clip => extractor.Extract(clip))];
        long mels = model.Model.Description.Shape.Mels;
        Tensor input = tensor([.. features.SelectMany(clip => clip)], [clips, 1, features[0].Length / mels, mels]);
        return model.Model.Network.Detect(input).Scores.data<float>().ToArray();
    }

    [TestMethod]
    public void TheTowerOfClapIsHtsAtAt48kHz()
    {
        HtsAtConfig config = new() { EmbedDim = 8, Depths = [1, 1, 1, 1], Heads = [1, 2, 4, 8], Classes = 527 };
        HtsAt network = new(config, new Generator(1));
        LogMelOptions front = LogMelOptions.CreateHtsAt(48000);
        string path = WeightFiles.Of(network).Concat(Filters(front)).Under("module.audio_branch.")
            .Append(WeightFiles.Tensor("module.text_branch.embeddings.weight", [2, 2], new float[4]))
            .Save(_folder.File("clap.pt"));

        AudioCheckpointInfo info = s_mlContext.Model.DescribeAudioCheckpoint(path);
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);

        Assert.AreEqual((48000, 480, 480000, 14000.0), (
            info.FrontEnd!.SampleRate, info.FrontEnd.HopLength, info.FrontEnd.TargetSamples, info.FrontEnd.HighFrequency));
        Assert.AreEqual(256, ((HtsAtConfig)info.Config).ImageSize);
        StringAssert.Contains(info.ToString(), "its scores are no tags");
        network.eval();
        AssertSameScores(network, model, rand(1, 1, 1001, 64));
    }

    /// <summary>The golden files of PaSST, whose heads and strides no file tells, with the configuration as an option.</summary>
    [TestMethod]
    [DataRow("passt_pt_fp16", "passt_fp16.pt", null)]
    [DataRow("passt_lightning_ckpt", "epoch=3.ckpt", "net_swa.")]
    public void OfficialPasstFilesWithWhatTheyDoNotTell(string id, string file, string? prefix)
    {
        GoldenCase golden = Goldens.Load("checkpoints/" + id);
        string path = Path.Combine(golden.Directory, file);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => s_mlContext.Model.LoadAudioCheckpoint(path));
        StringAssert.Contains(error.Message, "Config.Heads: the heads of tokens 24 wide");
        StringAssert.Contains(error.Message, "Config.StrideFrequency, Config.StrideTime and FrontEnd: 4 rows and 12 columns");

        AudioCheckpointInfo info = s_mlContext.Model.DescribeAudioCheckpoint(path);
        Assert.AreEqual(
            prefix is not null, info.ToString().Contains("several models, whose names begin with 'net.', 'net_swa.'", StringComparison.Ordinal));
        var config = (PasstConfig)info.Config;
        (config.Heads, config.StrideFrequency, config.StrideTime) = (3, 10, 10);
        LogMelOptions frontEnd = LogMelOptions.CreatePasst();
        (frontEnd.MelBins, frontEnd.TargetFrames, frontEnd.TargetSamples) = (48, 120, 0);
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(
            path,
            new AudioCheckpointOptions
            {
                Config = config, FrontEnd = frontEnd, Labels = ["a", "b", "c", "d", "e"], Adaptation = { Prefix = prefix },
            });

        Dictionary<string, Tensor> weights = model.Model.Network.state_dict();
        foreach ((string name, GoldenTensor expected) in golden.Tensors.Where(pair => pair.Key.StartsWith(prefix ?? "", StringComparison.Ordinal)))
        {
            // 120 frames have 11 columns of patches; the file has the 12 time positions that the official code counts.
            float[] values = expected.ToSingles();
            float[] wanted = expected.Shape is [_, _, 1, 12] ? [.. values.Chunk(12).SelectMany(row => row[..11])] : values;
            CollectionAssert.AreEqual(wanted, weights[name[(prefix ?? "").Length..]].data<float>().ToArray(), name);
        }
    }

    [TestMethod]
    public void WhatThisLibrarySavesLoadsByItsPathAlone()
    {
        string path = WeightFiles.Of(NewPasst(3)).Save(_folder.File("weights.pt"));
        using AudioModelTransformer first = s_mlContext.Model.LoadAudioCheckpoint(
            path, new AudioCheckpointOptions { Labels = ["one", "two", "three"], Task = AudioCheckpointTask.Classification });
        string saved = _folder.File("saved.safetensors");
        first.Model.SaveSafetensors(saved);

        using AudioModelTransformer second = s_mlContext.Model.LoadAudioCheckpoint(saved);

        Assert.IsInstanceOfType<AudioClassificationTransformer>(second);
        CollectionAssert.AreEqual(new[] { "one", "two", "three" }, second.Model.ClassNames.ToArray());
        float[] clip = [.. Enumerable.Range(0, 32000).Select(i => MathF.Sin(i * 0.1f))];
        CollectionAssert.AreEqual(Scores(first, clip, 1), Scores(second, clip, 1));
    }

    /// <summary>A loaded model is a transformer as any other: ML.NET saves and loads it.</summary>
    [TestMethod]
    public void MlNetSavesALoadedModel()
    {
        string path = WeightFiles.Of(NewPasst(3)).Save(_folder.File("weights.pt"));
        using AudioModelTransformer model = s_mlContext.Model.LoadAudioCheckpoint(path);
        float[] clip = [.. Enumerable.Range(0, 32000).Select(i => MathF.Sin(i * 0.1f))];
        IDataView view = s_mlContext.Data.LoadFromEnumerable<Clip>([new Clip { Waveform = clip }]);
        s_mlContext.Model.Save(model, view.Schema, _folder.File("model.zip"));

        using var loaded = (AudioTaggingTransformer)s_mlContext.Model.Load(_folder.File("model.zip"), out _);

        CollectionAssert.AreEqual(Scores(model, clip, 1), Scores(loaded, clip, 1));
    }

    /// <summary>The README's program, of a recording of one second.</summary>
    [TestMethod]
    public void TheReadmesProgram()
    {
        string weights = WeightFiles.Of(NewPasst()).Save(_folder.File("passt-s-kd-ap.486.pt"));
        string recording = Path.Combine(Checkout.Root, "samples", "SpokenCommands", "data", "yes", "en-us-f2_1.wav");

        var mlContext = new MLContext();
        using AudioModelTransformer tagger = mlContext.Model.LoadAudioCheckpoint(weights);
        IDataView clips = mlContext.Data.LoadFromEnumerable([new { Path = recording }]);
        IDataView audio = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: 32_000).Fit(clips).Transform(clips);
        float[] scores = tagger.Transform(audio).GetColumn<float[]>("Score").First();
        List<string> lines = [];
        foreach (var (name, score) in tagger.Model.ClassNames.Zip(scores).OrderByDescending(tag => tag.Second).Take(5))
        {
            lines.Add($"{score:F3} {name}");
        }

        Assert.HasCount(527, scores);
        Assert.HasCount(5, lines);
        Assert.Contains(lines[0][6..], AudioLabelSets.AudioSet.Labels);
    }

    /// <summary>Options of a trainer from a file: what the file tells, and the file.</summary>
    [TestMethod]
    public void TrainerOptionsOfAFile()
    {
        string path = WeightFiles.Of(NewAst()).Save(_folder.File("weights.pth"));
        var options = (AstOptions)s_mlContext.Model.DescribeAudioCheckpoint(path).CreateTrainerOptions();
        Assert.AreEqual((192, 3, 1, 10), (
            options.Config.EmbedDim, options.Config.Heads, options.Config.Depth, options.Config.StrideTime));
        Assert.AreEqual((path, 1024), (options.PretrainedWeights, options.FrontEnd!.TargetFrames));
        s_mlContext.MulticlassClassification.Trainers.Ast(options);
    }

    /// <summary>timm keeps each patch merging in the stage after it.</summary>
    [TestMethod]
    public void SwinOfTimmBecomesHtsAtAsItsAuthorsFileDoes()
    {
        GoldenCase golden = Goldens.Load("checkpoints/swin_to_htsat");
        using Checkpoint authors = Checkpoint.Open(
            Path.Combine(golden.Directory, golden.Json.GetProperty("file").GetString()!));
        string path = authors.StateDict.Select(pair => pair.Value.Renamed(
            pair.Key.Replace("layers.0.downsample", "layers.1.downsample", StringComparison.Ordinal)
                .Replace("head.", "head.fc.", StringComparison.Ordinal))).Save(_folder.File("timm.safetensors"));
        using Checkpoint timm = Checkpoint.Open(path);
        Dictionary<string, long[]> target = golden.Tensors.ToDictionary(pair => pair.Key["sed_model.".Length..], pair => pair.Value.Shape);

        HashSet<string> taken = [];
        foreach ((string name, Tensor values) in HtsAtCheckpoint.Map(timm.Path, timm.StateDict, target, new()).Tensors())
        {
            taken.Add(name);
            GoldenTorch.AssertClose(golden, "sed_model." + name, values, "from timm's names");
        }

        CollectionAssert.AreEquivalent(target.Keys.ToArray(), taken.ToArray());
        AudioCheckpointInfo info = s_mlContext.Model.DescribeAudioCheckpoint(path);
        Assert.AreEqual(("HTS-AT", 0), (info.ArchitectureName, info.ClassCount));
    }

    /// <summary>The official training code of DAT saves its configuration with the weights.</summary>
    [TestMethod]
    public void DatOfImagesIsAStartForDatar()
    {
        GoldenCase golden = Goldens.Load("checkpoints/dat_fp16_bf16");
        AudioCheckpointInfo info = s_mlContext.Model.DescribeAudioCheckpoint(
            Path.Combine(golden.Directory, golden.Json.GetProperty("file").GetString()!));
        var config = (DatarConfig)info.Config;
        Assert.AreEqual(("DATAR", 0, 4, 6, 2), (info.ArchitectureName, info.ClassCount, config.PatchSize, config.StemDim, config.Expansion));
        CollectionAssert.AreEqual(new[] { "LS", "LS", "LD", "LD" }, config.Stages.Select(stage => stage.Blocks).ToArray());
        CollectionAssert.AreEqual(new[] { 6, 12, 24, 48 }, config.Stages.Select(stage => stage.Dim).ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2, 4, 8 }, config.Stages.Select(stage => stage.Heads).ToArray());
        CollectionAssert.AreEqual(new[] { 4, 4, 4, 2 }, config.Stages.Select(stage => stage.WindowSize).ToArray());
        CollectionAssert.AreEqual(new[] { 2, 4 }, config.Stages.Skip(2).Select(stage => stage.Groups).ToArray());
        CollectionAssert.AreEqual(new[] { 5, 3 }, config.Stages.Skip(2).Select(stage => stage.OffsetKernel).ToArray());
    }

    /// <summary>HTS-AT's weights, and what its code keeps beside them: masks of shifted windows, Fourier transform, mel filters.</summary>
    private static IEnumerable<CheckpointTensor> HtsAtFile(GoldenCase golden, int sampleRate, int window)
    {
        HtsAtConfig config = HtsAtGoldenTests.Options(golden.Json);
        long tokens = config.WindowSize * config.WindowSize;
        long side = config.ImageSize / config.StrideTime / config.WindowSize;
        LogMelOptions front = LogMelOptions.CreateHtsAt(sampleRate);
        (front.WindowLength, front.MelBins) = (window, config.MelBins);
        return WeightFiles.Of(golden)
            .Append(WeightFiles.Tensor(
                "layers.0.blocks.1.attn_mask", [side * side, tokens, tokens], new float[side * side * tokens * tokens]))
            .Concat(Filters(front));
    }

    private static CheckpointTensor[] Filters(LogMelOptions front)
    {
        float[] bank = MelFilterBank.Create(front).ToDense();
        int bins = bank.Length / front.MelBins;
        float[] transposed = [.. Enumerable.Range(0, bank.Length).Select(i => bank[(i % front.MelBins * bins) + (i / front.MelBins)])];
        return
        [
            WeightFiles.Tensor("logmel_extractor.melW", [bins, front.MelBins], transposed),
            WeightFiles.Tensor(
                "spectrogram_extractor.stft.conv_real.weight", [bins, 1, front.WindowLength], new float[bins * front.WindowLength]),
        ];
    }

    private void SaveHuggingFace(GoldenCase golden, string[] labels)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        int width = parameters.GetProperty("embed_dim").GetInt32();
        WeightFiles.Of(golden).ToHuggingFace().Save(_folder.File("model.safetensors"));
        File.WriteAllText(_folder.File("config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "audio-spectrogram-transformer",
            ["hidden_size"] = width,
            ["intermediate_size"] = 4 * width,
            ["num_hidden_layers"] = parameters.GetProperty("depth").GetInt32(),
            ["num_attention_heads"] = parameters.GetProperty("num_heads").GetInt32(),
            ["layer_norm_eps"] = 1e-6,
            ["num_mel_bins"] = parameters.GetProperty("input_fdim").GetInt32(),
            ["max_length"] = parameters.GetProperty("input_tdim").GetInt32(),
            ["id2label"] = labels.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item),
        }));
        File.WriteAllText(
            _folder.File("preprocessor_config.json"),
            """{"sampling_rate": 16000, "num_mel_bins": 128, "max_length": 100, "mean": -4.5, "std": 3.5, "do_normalize": true}""");
    }

    private static void AssertSameScores(AudioModel expected, AudioModelTransformer actual, Tensor input) =>
        Assert.IsTrue(actual.Model.Network.call(input).allclose(expected.call(input), 1e-5, 1e-5));

    /// <summary>Scores of waveforms of one length, clip after clip.</summary>
    private static float[] Scores(AudioModelTransformer model, float[] waveforms, int count)
    {
        IDataView view = s_mlContext.Data.LoadFromEnumerable(
            waveforms.Chunk(waveforms.Length / count).Select(waveform => new Clip { Waveform = waveform }));
        return [.. model.Transform(view).GetColumn<float[]>("Score").SelectMany(scores => scores)];
    }

    private sealed class Clip
    {
        public float[] Waveform { get; set; } = [];
    }
}
