using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Options;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Family of HTS-AT.</summary>
internal sealed class HtsAtFamily : ModelFamily
{
    public override string Name => "HTS-AT";

    public override Type ConfigType => typeof(HtsAtConfig);

    public override AudioTrainerOptions CreateOptions() => new HtsAtOptions();

    public override AudioTrainerOptions CreateSmall(int sampleRate) => HtsAtOptions.Small(sampleRate);

    public override Type OptionsType => typeof(HtsAtOptions);

    public override AudioTrainerOptions CreateFromScratch(ScratchPlan plan) => HtsAtOptions.FromScratch(plan);

    public override AudioTrainerOptions CreateFineTuning(AudioModelConfig? config, double seconds, int sampleRate) =>
        HtsAtOptions.FineTuning((HtsAtConfig?)config);

    public override IReadOnlyList<CheckpointLayout> Layouts => [HtsAtDescription.Authors, HtsAtDescription.Image];

    public override CheckpointDescription? Describe(Checkpoint checkpoint, string? prefix) =>
        HtsAtDescription.Describe(this, checkpoint, prefix);

    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        HtsAtCheckpoint.Map(checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), adaptation);

    public override bool HasPresenceMap => true;

    public override PresenceMapGeometry PresenceMap(AudioModelConfig config, FeatureShape shape, int classCount) =>
        Fit(config, shape, classCount).PresenceMap;

    public override void CheckKeepsTimes(AudioModelConfig config, string prefix)
    {
        var own = (HtsAtConfig)config;
        OptionCheck.That(
            own.ShortClips != HtsAtShortClips.RepeatWindows, own.ShortClips, prefix + nameof(own.ShortClips),
            "another, for windows of a clip that are images of their own lose their places in time");
    }

    public override ModelGraph WriteGraph(AudioModel network, OnnxModule module, OnnxValue features, int? frames) =>
        HtsAtGraph.Write(((HtsAt)network).Options, module, features, frames);

    protected override IReadOnlyList<string> OptionsInFile(CheckpointDescription described) =>
    [
        nameof(HtsAtConfig.PatchSize), nameof(HtsAtConfig.EmbedDim), nameof(HtsAtConfig.MlpRatio), nameof(HtsAtConfig.Depths),
        nameof(HtsAtConfig.Heads), nameof(HtsAtConfig.WindowSize), nameof(HtsAtConfig.QkvBias),
        nameof(HtsAtConfig.PatchNorm), nameof(HtsAtConfig.AbsolutePositions),
    ];

    protected override AudioModelConfig Size(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes)
    {
        HtsAtConfig fitted = Fit(config, shape, headSizes.Sum());
        OptionCheck.That(
            fitted.LongClips != HtsAtLongClips.AveragedCrops || shape.Frames <= fitted.LongestCropped,
            fitted.LongClips, "Config." + nameof(fitted.LongClips),
            $"{HtsAtLongClips.Windows} for clips of {shape.Frames} frames, since crops hold at most {fitted.LongestCropped}");
        return fitted;
    }

    protected override AudioModel Build(AudioModelConfig sized, torch.Generator generator) =>
        new HtsAt((HtsAtConfig)sized, generator);

    private static HtsAtConfig Fit(AudioModelConfig config, FeatureShape shape, int classes)
    {
        HtsAtConfig fitted = (HtsAtConfig)config with { MelBins = shape.Mels, Classes = classes };
        fitted.Validate();
        return fitted;
    }
}
