using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>DATAR of some size.</summary>
internal sealed record DatarArchitecture : ModelArchitecture
{
    /// <summary>The model's sizes; those of input and output are known only once the data is.</summary>
    public required DatarConfig Sizes { get; init; }

    public override string Name => "DATAR";

    protected override AudioModel BuildNetwork(FeatureShape shape, int classCount, int seed)
    {
        DatarConfig sizes = Sizes with
        {
            InputFrequency = shape.Mels,
            InputTime = shape.Frames,
            Classes = classCount - Sizes.NounClasses,
        };
        var generator = new torch.Generator((ulong)(uint)seed);
        try
        {
            return new Datar(sizes, generator);
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    public override ModelArchitecture WithNouns(int count) => this with { Sizes = Sizes with { NounClasses = count } };

    public override WeightMap MapCheckpoint(
        Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        DatCheckpoint.Map(checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), adaptation);
}
