using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Description of files of AST: the authors', Hugging Face's, and ViT and DeiT of ImageNet.</summary>
internal static class AstDescription
{
    private const string Anchor = "v.patch_embed.proj.weight";
    private const string Body = "v.";

    /// <summary>The authors' names.</summary>
    public static CheckpointLayout Authors { get; } = new(
        "AST, the authors' names",
        [
            "v.pos_embed", "v.cls_token", "v.dist_token", "v.patch_embed.proj.weight", "v.patch_embed.proj.bias",
            "v.blocks.#.norm1.weight", "v.blocks.#.norm1.bias", "v.blocks.#.attn.qkv.weight", "v.blocks.#.attn.qkv.bias",
            "v.blocks.#.attn.proj.weight", "v.blocks.#.attn.proj.bias", "v.blocks.#.norm2.weight", "v.blocks.#.norm2.bias",
            "v.blocks.#.mlp.fc1.weight", "v.blocks.#.mlp.fc1.bias", "v.blocks.#.mlp.fc2.weight", "v.blocks.#.mlp.fc2.bias",
            "v.norm.weight", "v.norm.bias", "v.head.weight", "v.head.bias", "v.head_dist.weight", "v.head_dist.bias",
            "mlp_head.#.weight", "mlp_head.#.bias",
        ]);

    /// <summary>Names in Hugging Face's transformers.</summary>
    public static CheckpointLayout HuggingFace { get; } = new(
        "AST, Hugging Face's names",
        [
            "audio_spectrogram_transformer.embeddings.cls_token", "audio_spectrogram_transformer.embeddings.distillation_token",
            "audio_spectrogram_transformer.embeddings.position_embeddings",
            "embeddings.patch_embeddings.projection.weight", "embeddings.patch_embeddings.projection.bias",
            "encoder.layer.#.attention.attention.query.weight", "encoder.layer.#.attention.attention.query.bias",
            "encoder.layer.#.attention.attention.key.weight", "encoder.layer.#.attention.attention.key.bias",
            "encoder.layer.#.attention.attention.value.weight", "encoder.layer.#.attention.attention.value.bias",
            "encoder.layer.#.attention.output.dense.weight", "encoder.layer.#.attention.output.dense.bias",
            "encoder.layer.#.layernorm_before.weight", "encoder.layer.#.layernorm_before.bias",
            "encoder.layer.#.layernorm_after.weight", "encoder.layer.#.layernorm_after.bias",
            "encoder.layer.#.intermediate.dense.weight", "encoder.layer.#.intermediate.dense.bias",
            "encoder.layer.#.output.dense.weight", "encoder.layer.#.output.dense.bias",
            "audio_spectrogram_transformer.layernorm.weight", "audio_spectrogram_transformer.layernorm.bias",
            "classifier.layernorm.weight", "classifier.layernorm.bias", "classifier.dense.weight", "classifier.dense.bias",
        ]);

    /// <summary>Names of ViT and DeiT in timm.</summary>
    public static CheckpointLayout Image { get; } = new(
        "ViT or DeiT of images, timm's names",
        [.. Authors.Keys.Where(key => key.StartsWith(Body, StringComparison.Ordinal)).Select(key => key[Body.Length..])]);

    /// <inheritdoc cref="ModelFamily.Describe"/>
    public static CheckpointDescription? Describe(ModelFamily family, Checkpoint checkpoint, string? prefix)
    {
        IReadOnlyDictionary<string, CheckpointTensor>? translated = HuggingFaceAst.Translate(checkpoint.StateDict);
        IReadOnlyDictionary<string, CheckpointTensor> stateDict = translated ?? checkpoint.StateDict;
        if (WeightNames.Find(stateDict, Anchor, prefix) is not { } names)
        {
            return DescribeImage(family, stateDict, prefix);
        }

        TransformerSizes sizes = new(names, Body);
        if (sizes.Patches is null || sizes.Depth == 0)
        {
            return null;
        }

        int classes = names.Weights.GetValueOrDefault("mlp_head.1.weight")?.Shape is [var count, _] ? (int)count : 0;
        CheckpointDescription described = translated is not null && ReadConfig(checkpoint) is { } config
            ? FromFilesBeside(family, config, checkpoint)
            : FromShapes(family, translated is null ? Authors : HuggingFace, sizes, classes);
        return described with { Classes = classes, Prefixes = names.Prefixes };
    }

    /// <summary>Configuration in Hugging Face's <c>config.json</c> beside the weights; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged, of another model, or has an activation other than GELU.</exception>
    public static AstConfig? ReadConfig(Checkpoint checkpoint)
    {
        const string file = "config.json";
        if (checkpoint.Beside(file) is not { } json || Text(json, "model_type") is not "audio-spectrogram-transformer")
        {
            return null;
        }

        if (Text(json, "hidden_act") is { } activation && activation != "gelu")
        {
            throw new InvalidDataException(
                $"'{checkpoint.Path}': {file} beside it has the hidden_act '{activation}'; expected gelu, as AST has.");
        }

        // The defaults are those of Hugging Face's ASTConfig.
        int width = Whole(json, "hidden_size", 768);
        double epsilon = Number(json, "layer_norm_eps", 1e-12);
        return new AstConfig
        {
            PatchSize = Whole(json, "patch_size", 16),
            StrideFrequency = Whole(json, "frequency_stride", 10),
            StrideTime = Whole(json, "time_stride", 10),
            EmbedDim = width,
            Depth = Whole(json, "num_hidden_layers", 12),
            Heads = Whole(json, "num_attention_heads", 12),
            MlpRatio = Whole(json, "intermediate_size", 3072) / (double)Math.Max(width, 1),
            QkvBias = json["qkv_bias"] is not JsonValue bias || !bias.TryGetValue(out bool flag) || flag,
            NormEpsilon = epsilon,
            HeadNormEpsilon = epsilon,
            InputFrequency = Whole(json, "num_mel_bins", AstGrid.Mels),
            InputTime = Whole(json, "max_length", 1024),
        };
    }

    /// <summary>Front end of AST with the statistics of a data set, of 16 kHz.</summary>
    /// <param name="frames">Frames of a clip.</param>
    /// <param name="mean">Mean of the data set's features.</param>
    /// <param name="std">Standard deviation of the data set's features.</param>
    public static LogMelOptions FrontEnd(int frames, float mean, float std)
    {
        LogMelOptions options = LogMelOptions.CreateAst();
        (options.TargetFrames, options.NormalizationMean, options.NormalizationStd) = (frames, mean, std);
        return options;
    }

    private static CheckpointDescription FromShapes(
        ModelFamily family, CheckpointLayout layout, TransformerSizes sizes, int classes)
    {
        (int patchSize, int embedDim) = sizes.Patches!.Value;
        List<string> missing = [];
        List<string> assumed = [];
        AstConfig config = Config(sizes, patchSize, embedDim, missing);
        long patches = sizes.Shape("pos_embed") is [_, var positions, _] ? positions - 2 : 0;
        (AstGrid grid, int stride, int frames) =
            AstGrid.Published.FirstOrDefault(each => patchSize == 16 && each.Grid.Rows * each.Grid.Columns == patches);
        LogMelOptions? frontEnd = null;
        if (stride == 0)
        {
            missing.Add(
                $"Config.StrideFrequency, Config.StrideTime and FrontEnd: the {patches} patches of {patchSize} x {patchSize} are "
                + "those of no published file, and neither their rows nor a stride is in the file.");
        }
        else
        {
            config = config with { StrideFrequency = stride, StrideTime = stride, InputTime = frames };
            assumed.Add(
                $"Strides of {stride}, {frames} frames and {AstGrid.Mels} mel bins: the published ones that make {patches} "
                + $"patches, {grid.Rows} x {grid.Columns}.");
            frontEnd = PublishedFrontEnd(frames, classes, missing, assumed);
        }

        return new CheckpointDescription
        {
            Family = family,
            Layout = layout,
            Config = config,
            Mels = stride > 0 ? AstGrid.Mels : null,
            Frames = stride > 0 ? frames : null,
            FrontEnd = frontEnd,
            Missing = missing,
            Assumed = assumed,
        };
    }

    /// <summary>Front end of a published length and number of classes; the file does not hold the statistics.</summary>
    private static LogMelOptions? PublishedFrontEnd(int frames, int classes, List<string> missing, List<string> assumed)
    {
        (string Set, LogMelOptions FrontEnd)? published = (frames, classes) switch
        {
            (1024, 527) => ("AudioSet", FrontEnd(frames, -4.2677393f, 4.5689974f)),
            (512, 50) => ("ESC-50", FrontEnd(frames, -6.6268077f, 5.358466f)),
            (128, 35) => ("Speech Commands", FrontEnd(frames, -6.845978f, 5.5654526f)),
            _ => null,
        };
        if (published is not { } known)
        {
            missing.Add(
                $"FrontEnd: the mean and deviation that the features were normalized by are not in the file, and {classes} "
                + $"classes of {frames} frames are those of no published one; LogMelOptions.CreateAst() has AudioSet's.");
            return null;
        }

        assumed.Add(
            $"The authors' front end with the mean and deviation of {known.Set}, whose frames and number of classes these are.");
        return known.FrontEnd;
    }

    private static CheckpointDescription? DescribeImage(
        ModelFamily family, IReadOnlyDictionary<string, CheckpointTensor> stateDict, string? prefix)
    {
        if (WeightNames.Find(stateDict, Anchor[Body.Length..], prefix) is not { } names)
        {
            return null;
        }

        TransformerSizes sizes = new(names);
        if (sizes.Patches is not { } patches || sizes.Depth == 0 || sizes.Shape("pos_embed") is null
            || sizes.Shape("blocks.0.norm1.weight") is null)
        {
            return null;
        }

        List<string> missing = [];
        AstConfig config = Config(sizes, patches.PatchSize, patches.EmbedDim, missing);
        return new CheckpointDescription { Family = family, Layout = Image, Config = config, Missing = missing };
    }

    private static AstConfig Config(TransformerSizes sizes, int patchSize, int embedDim, List<string> missing)
    {
        if (TransformerSizes.HeadsOf(embedDim) is null)
        {
            missing.Add(TransformerSizes.HeadsAreMissing(embedDim));
        }

        return new AstConfig
        {
            PatchSize = patchSize,
            EmbedDim = embedDim,
            Depth = sizes.Depth,
            Heads = TransformerSizes.HeadsOf(embedDim) ?? 1,
            MlpRatio = sizes.MlpRatio ?? 4,
            QkvBias = sizes.HasQkvBias,
        };
    }

    /// <summary>
    /// Description by <c>config.json</c>, with its names of the classes, and the front end of <c>preprocessor_config.json</c>.
    /// </summary>
    private static CheckpointDescription FromFilesBeside(ModelFamily family, AstConfig config, Checkpoint checkpoint)
    {
        JsonObject json = checkpoint.Beside("config.json")!;
        List<string> missing = [];
        LogMelOptions? frontEnd = null;
        if (checkpoint.Beside("preprocessor_config.json") is { } preprocessor)
        {
            // Hugging Face's extractor does what the authors' does, with these numbers; without normalization it only pads.
            frontEnd = LogMelOptions.CreateAst(Whole(preprocessor, "sampling_rate", 16000));
            frontEnd.MelBins = Whole(preprocessor, "num_mel_bins", AstGrid.Mels);
            frontEnd.TargetFrames = Whole(preprocessor, "max_length", 1024);
            bool isNormalized = preprocessor["do_normalize"] is not JsonValue value || !value.TryGetValue(out bool flag) || flag;
            (frontEnd.NormalizationMean, frontEnd.NormalizationStd, frontEnd.NormalizationWidth) = isNormalized
                ? ((float)Number(preprocessor, "mean", -4.2677393), (float)Number(preprocessor, "std", 4.5689974), 2)
                : (0, 1, 1);
        }
        else
        {
            missing.Add(
                "FrontEnd: there is no preprocessor_config.json beside the weights; LogMelOptions.CreateAst() has AudioSet's.");
        }

        return new CheckpointDescription
        {
            Family = family,
            Layout = HuggingFace,
            Config = config,
            Mels = config.InputFrequency,
            Frames = config.InputTime,
            FrontEnd = frontEnd,
            Labels = Labels(json, checkpoint.Path),
            IsSingleLabel = Text(json, "problem_type") switch
            {
                "single_label_classification" => true,
                "multi_label_classification" => false,
                _ => null,
            },
            Missing = missing,
        };
    }

    /// <summary>Names of <c>id2label</c>, in the order of their numbers; null if there are none.</summary>
    private static string[]? Labels(JsonObject config, string path)
    {
        if (config["id2label"] is not JsonObject { Count: > 0 } names)
        {
            return null;
        }

        var labels = new string?[names.Count];
        foreach ((string key, JsonNode? name) in names)
        {
            if (!int.TryParse(key, out int id) || id < 0 || id >= labels.Length || name is not JsonValue value
                || !value.TryGetValue(out string? label) || labels[id] is not null)
            {
                throw new InvalidDataException(
                    $"'{path}': id2label in config.json beside it has '{key}': {name?.ToJsonString() ?? "null"}; "
                    + $"expected the numbers 0 to {labels.Length - 1}, each with a name.");
            }

            labels[id] = label;
        }

        return labels!;
    }

    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static double Number(JsonObject json, string name, double otherwise) =>
        json[name] is JsonValue value && value.TryGetValue(out double number) ? number : otherwise;

    private static int Whole(JsonObject json, string name, int otherwise) =>
        json[name] is JsonValue value && value.TryGetValue(out int number) ? number : otherwise;
}
