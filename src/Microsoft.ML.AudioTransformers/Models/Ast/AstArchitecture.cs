using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>AST of some size.</summary>
internal sealed record AstArchitecture : ModelArchitecture
{
    /// <summary>The model's sizes; those of input and output are known only once the data is.</summary>
    public required AstConfig Sizes { get; init; }

    public override string Name => "AST";

    protected override AudioModel BuildNetwork(FeatureShape shape, int classCount, int seed)
    {
        AstConfig sizes = Sizes with
        {
            InputFrequency = shape.Mels,
            InputTime = shape.Frames,
            Classes = classCount,
        };
        var generator = new torch.Generator((ulong)(uint)seed);
        try
        {
            return new Ast(sizes, generator);
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        AstCheckpoint.Map(
            checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), ((Ast)network).Options, adaptation);
}
