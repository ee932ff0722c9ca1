using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Options;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Family of PaSST.</summary>
internal sealed class PasstFamily : ModelFamily
{
    public override string Name => "PaSST";

    public override Type ConfigType => typeof(PasstConfig);

    public override AudioTrainerOptions CreateOptions() => new PasstOptions();

    public override AudioTrainerOptions CreateSmall(int sampleRate) => PasstOptions.Small(sampleRate);

    public override Type OptionsType => typeof(PasstOptions);

    public override AudioTrainerOptions CreateFromScratch(ScratchPlan plan) => PasstOptions.FromScratch(plan);

    public override AudioTrainerOptions CreateFineTuning(AudioModelConfig? config, double seconds, int sampleRate) =>
        PasstOptions.FineTuning((PasstConfig?)config, seconds);

    public override IReadOnlyList<CheckpointLayout> Layouts => [PasstDescription.Authors, PasstDescription.Image];

    public override CheckpointDescription? Describe(Checkpoint checkpoint, string? prefix) =>
        PasstDescription.Describe(this, checkpoint, prefix);

    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        PasstCheckpoint.Map(
            checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), ((Passt)network).Options, adaptation);

    public override ModelGraph WriteGraph(AudioModel network, OnnxModule module, OnnxValue features, int? frames) =>
        PasstGraph.Write(((Passt)network).Options, module, features, frames);

    // Shapes tell no heads: those of files are of published widths. An image model's strides mean nothing here.
    protected override IReadOnlyList<string> OptionsInFile(CheckpointDescription described) =>
    [
        nameof(PasstConfig.PatchSize), nameof(PasstConfig.EmbedDim), nameof(PasstConfig.Depth), nameof(PasstConfig.Heads), nameof(PasstConfig.MlpRatio),
        nameof(PasstConfig.QkvBias),
        .. described.Classes == 0 ? [] : new[] { nameof(PasstConfig.StrideFrequency), nameof(PasstConfig.StrideTime) },
    ];

    protected override AudioModelConfig Size(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes)
    {
        var passt = (PasstConfig)config;
        PasstConfig sized = passt with
        {
            InputFrequency = shape.Mels,
            InputTime = UsedFrames(passt, shape.Frames),
            Classes = headSizes.Sum(),
        };
        sized.Validate();
        return sized;
    }

    protected override AudioModel Build(AudioModelConfig sized, torch.Generator generator) =>
        new Passt((PasstConfig)sized, generator);

    /// <summary>
    /// Frames that the network is built for: no more than its patches need. The official code gives 1000 frames 100 time
    /// positions, of which the 99 columns of patches use 99; the authors' files are of 998 frames and have 99.
    /// </summary>
    private static int UsedFrames(PasstConfig config, int frames)
    {
        int patches = PatchEmbedding.Count(frames, config.PatchSize, config.StrideTime);
        int needed = ((patches - 1) * config.StrideTime) + config.PatchSize;
        return Math.Min(frames, Math.Max(needed, ((patches + 1) * config.StrideTime) - 1));
    }
}
