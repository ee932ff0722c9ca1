using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Options;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Family of DATAR.</summary>
internal sealed class DatarFamily : ModelFamily
{
    public override string Name => "DATAR";

    public override Type ConfigType => typeof(DatarConfig);

    public override AudioTrainerOptions CreateOptions() => new DatarOptions();

    public override AudioTrainerOptions CreateSmall(int sampleRate) => DatarOptions.Small(sampleRate);

    public override Type OptionsType => typeof(DatarOptions);

    public override AudioTrainerOptions CreateFromScratch(ScratchPlan plan) => DatarOptions.FromScratch(plan);

    public override AudioTrainerOptions CreateFineTuning(AudioModelConfig? config, double seconds, int sampleRate) =>
        DatarOptions.FineTuning((DatarConfig?)config, seconds, sampleRate);

    public override IReadOnlyList<CheckpointLayout> Layouts => [DatDescription.Authors];

    public override CheckpointDescription? Describe(Checkpoint checkpoint, string? prefix) =>
        DatDescription.Describe(this, checkpoint, prefix);

    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        DatCheckpoint.Map(checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), adaptation);

    public override ModelGraph WriteGraph(AudioModel network, OnnxModule module, OnnxValue features, int? frames) =>
        DatarGraph.Write(((Datar)network).Options, module, features);

    protected override IReadOnlyList<string> OptionsInFile(CheckpointDescription described) =>
    [
        nameof(DatarConfig.PatchSize), nameof(DatarConfig.StemDim), nameof(DatarConfig.Expansion), nameof(DatarStageConfig.Dim),
        nameof(DatarConfig.ConvolutionalPatches), nameof(DatarStageConfig.Blocks), nameof(DatarStageConfig.Heads),
        nameof(DatarStageConfig.Groups), nameof(DatarStageConfig.WindowSize), nameof(DatarStageConfig.ConvolutionalMlp),
        nameof(DatarStageConfig.LocalPerception),
    ];

    protected override AudioModelConfig Size(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes)
    {
        DatarConfig sized = (DatarConfig)config with
        {
            InputFrequency = shape.Mels,
            InputTime = shape.Frames,
            Classes = headSizes[0],
            NounClasses = headSizes.Skip(1).Sum(),
        };
        sized.Validate();
        return sized;
    }

    protected override AudioModel Build(AudioModelConfig sized, torch.Generator generator) =>
        new Datar((DatarConfig)sized, generator);
}
