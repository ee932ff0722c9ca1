using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Rolls a clip over time by a random number of frames, what leaves at one end coming in at the other.</summary>
/// <remarks>Source: PaSST section 3.3, rolling, there of the waveform.</remarks>
internal sealed record TimeRoll(int MaximumFrames) : IClipAugmentation
{
    public void Apply(Span<float> features, FeatureShape shape, Random random)
    {
        int limit = Math.Min(MaximumFrames, shape.Frames - 1);
        int shift = random.Next(-limit, limit + 1);
        int split = (shift + shape.Frames) % shape.Frames * shape.Mels;
        if (split == 0)
        {
            return;
        }

        // Three reversals rotate in place.
        features.Reverse();
        features[..split].Reverse();
        features[split..].Reverse();
    }
}
