using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>PaSST of some size.</summary>
internal sealed record PasstArchitecture : ModelArchitecture
{
    /// <summary>The model's sizes; those of input and output are known only once the data is.</summary>
    public required PasstConfig Sizes { get; init; }

    public override string Name => "PaSST";

    protected override AudioModel BuildNetwork(FeatureShape shape, int classCount, int seed)
    {
        PasstConfig sizes = Sizes with
        {
            InputFrequency = shape.Mels,
            InputTime = UsedFrames(shape.Frames),
            Classes = classCount,
        };
        var generator = new torch.Generator((ulong)(uint)seed);
        try
        {
            return new Passt(sizes, generator);
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }
    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        PasstCheckpoint.Map(
            checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), ((Passt)network).Options, adaptation);

    /// <summary>
    /// The official code gives 1000 frames 100 time positions, of which the 99 columns of patches use 99; the authors'
    /// files are of 998 frames and have 99. So the model is built for no more frames than its patches need.
    /// </summary>
    private int UsedFrames(int frames)
    {
        int patches = PatchEmbedding.Count(frames, Sizes.PatchSize, Sizes.StrideTime);
        int needed = ((patches - 1) * Sizes.StrideTime) + Sizes.PatchSize;
        return Math.Min(frames, Math.Max(needed, ((patches + 1) * Sizes.StrideTime) - 1));
    }
}
