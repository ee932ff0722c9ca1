using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Options;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Family of AST.</summary>
internal sealed class AstFamily : ModelFamily
{
    public override string Name => "AST";

    public override Type ConfigType => typeof(AstConfig);

    public override AudioTrainerOptions CreateOptions() => new AstOptions();

    public override AudioTrainerOptions CreateSmall(int sampleRate) => AstOptions.Small(sampleRate);

    public override Type OptionsType => typeof(AstOptions);

    public override AudioTrainerOptions CreateFromScratch(ScratchPlan plan) => AstOptions.FromScratch(plan);

    public override AudioTrainerOptions CreateFineTuning(AudioModelConfig? config, double seconds, int sampleRate) =>
        AstOptions.FineTuning((AstConfig?)config, seconds);

    public override IReadOnlyList<CheckpointLayout> Layouts =>
        [AstDescription.Authors, AstDescription.HuggingFace, AstDescription.Image];

    public override CheckpointDescription? Describe(Checkpoint checkpoint, string? prefix) =>
        AstDescription.Describe(this, checkpoint, prefix);

    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        AstCheckpoint.Map(checkpoint, WeightMap.Shapes(network), ((Ast)network).Options, adaptation);

    /// <summary>Removes the number of ImageNet's classes, of two retired heads: see <see cref="Ast.RetiredWeights"/>.</summary>
    public override void Upgrade(JsonObject config) => config.Remove("BackboneClasses");

    public override ModelGraph WriteGraph(AudioModel network, OnnxModule module, OnnxValue features, int? frames) =>
        AstGraph.Write(((Ast)network).Options, module, features);

    // Shapes tell no heads: those of files are of published widths. An image model's strides mean nothing here.
    protected override IReadOnlyList<string> OptionsInFile(CheckpointDescription described) =>
    [
        nameof(AstConfig.PatchSize), nameof(AstConfig.EmbedDim), nameof(AstConfig.Depth), nameof(AstConfig.Heads), nameof(AstConfig.MlpRatio),
        nameof(AstConfig.QkvBias),
        .. described.Classes == 0 ? [] : new[] { nameof(AstConfig.StrideFrequency), nameof(AstConfig.StrideTime) },
    ];

    protected override AudioModelConfig Size(AudioModelConfig config, FeatureShape shape, IReadOnlyList<int> headSizes)
    {
        AstConfig sized = (AstConfig)config with
        {
            InputFrequency = shape.Mels,
            InputTime = shape.Frames,
            Classes = headSizes.Sum(),
        };
        sized.Validate();
        return sized;
    }

    protected override AudioModel Build(AudioModelConfig sized, torch.Generator generator) =>
        new Ast((AstConfig)sized, generator);
}
