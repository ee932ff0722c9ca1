using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>HTS-AT of some size.</summary>
internal sealed record HtsAtArchitecture : ModelArchitecture
{
    /// <summary>The model's sizes; those of input and output are known only once the data is.</summary>
    public required HtsAtConfig Sizes { get; init; }

    /// <summary>See <see cref="HtsAt.LearnsSteps"/>.</summary>
    [JsonIgnore]
    public bool LearnsSteps { get; init; }

    public override string Name => "HTS-AT";

    protected override AudioModel BuildNetwork(FeatureShape shape, int classCount, int seed)
    {
        HtsAtConfig sizes = Sizes with { MelBins = shape.Mels, Classes = classCount };
        sizes.Validate();
        OptionCheck.That(
            sizes.LongClips != HtsAtLongClips.AveragedCrops || shape.Frames <= sizes.LongestCropped,
            sizes.LongClips, nameof(sizes.LongClips),
            $"{HtsAtLongClips.Windows} for clips of {shape.Frames} frames, since crops hold at most {sizes.LongestCropped}");
        var generator = new torch.Generator((ulong)(uint)seed);
        try
        {
            return new HtsAt(sizes, generator) { LearnsSteps = LearnsSteps };
        }
        catch
        {
            generator.Dispose();
            throw;
        }
    }

    public override WeightMap MapCheckpoint(Checkpoint checkpoint, AudioModel network, CheckpointAdaptation adaptation) =>
        HtsAtCheckpoint.Map(checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(network), adaptation);
}
