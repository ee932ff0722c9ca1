using Microsoft.ML.AudioTransformers.Checkpoints;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Whole texts and tensors that inputs are parts of, and that the first inputs are.</summary>
internal static class Samples
{
    /// <summary>What a file of weights of this library says of its model.</summary>
    public const string WeightsMetadata =
        """
        {"Architecture":{"$type":"PaSST","Sizes":{"PatchSize":4,"StrideFrequency":4,"StrideTime":4,"EmbedDim":16,"Depth":1,"Heads":2,
        "MlpRatio":4}},"Shape":{"Frames":16,"Mels":8},"FrontEnd":null,"IsSingleLabel":true,"TimeShifts":2}
        """;

    /// <summary>The same with a front end, and windows of long clips.</summary>
    public const string WaveformMetadata =
        """
        {"Architecture":{"$type":"AST","Sizes":{"EmbedDim":16,"Depth":1,"Heads":2}},"Shape":{"Frames":25,"Mels":8},"FrontEnd":
        {"SampleRate":8000,"FftSize":0,"WindowLength":200,"Window":"Hann","HopLength":80,"Alignment":"Centered","Padding":"Reflect",
        "PreEmphasis":0.97,"Spectrum":"Power","MelBins":8,"MelScale":"Kaldi","MelNormalization":"None","LowFrequency":0,
        "HighFrequency":-500,"Log":"Natural","LogOffset":1E-05,"TargetSamples":2000,"ShortWaveforms":"Pad","TargetFrames":0,
        "Layout":"FramesByBands"},"IsSingleLabel":false,"LongClips":"Windows","Windows":{"Hop":0.5,"Aggregation":"Mean"}}
        """;

    /// <summary>What Hugging Face's library writes beside weights of AST.</summary>
    public const string AstConfig =
        """
        {"model_type":"audio-spectrogram-transformer","hidden_act":"gelu","hidden_size":4,"patch_size":2,"frequency_stride":2,
        "time_stride":2,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":8,"qkv_bias":true,"layer_norm_eps":1e-12,
        "num_mel_bins":4,"max_length":4,"id2label":{"0":"dog","1":"rain"}}
        """;

    private const string AstBody = "audio_spectrogram_transformer.";
    private const string AstBlock = AstBody + "encoder.layer.0.";

    /// <summary>Weights of the AST of <see cref="AstConfig"/>.</summary>
    public static IReadOnlyList<CheckpointTensor> AstTensors { get; } =
    [
        Zeros(AstBody + "embeddings.cls_token", 1, 1, 4), Zeros(AstBody + "embeddings.distillation_token", 1, 1, 4),
        Zeros(AstBody + "embeddings.position_embeddings", 1, 6, 4),
        Zeros(AstBody + "embeddings.patch_embeddings.projection.weight", 4, 1, 2, 2),
        Zeros(AstBody + "embeddings.patch_embeddings.projection.bias", 4),
        .. Linear(AstBlock + "attention.attention.query", 4, 4), .. Linear(AstBlock + "attention.attention.key", 4, 4),
        .. Linear(AstBlock + "attention.attention.value", 4, 4), .. Linear(AstBlock + "attention.output.dense", 4, 4),
        .. Linear(AstBlock + "intermediate.dense", 8, 4), .. Linear(AstBlock + "output.dense", 4, 8),
        .. Norm(AstBlock + "layernorm_before"), .. Norm(AstBlock + "layernorm_after"), .. Norm(AstBody + "layernorm"),
        .. Norm("classifier.layernorm"), .. Linear("classifier.dense", 2, 4),
    ];

    private static CheckpointTensor[] Linear(string name, long outputs, long inputs) =>
        [Zeros(name + ".weight", outputs, inputs), Zeros(name + ".bias", outputs)];

    private static CheckpointTensor[] Norm(string name) => [Zeros(name + ".weight", 4), Zeros(name + ".bias", 4)];

    private static CheckpointTensor Zeros(string name, params long[] shape) => new InMemoryTensor(
        "zeros", name, CheckpointDType.Float32, shape, new byte[sizeof(float) * shape.Aggregate(1L, (all, size) => all * size)]);
}
