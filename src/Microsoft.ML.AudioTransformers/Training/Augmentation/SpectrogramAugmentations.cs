using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Changes the features of one training clip at random.</summary>
internal interface IClipAugmentation
{
    /// <param name="features">(frames, mels), changed in place.</param>
    /// <param name="shape">The two sizes.</param>
    /// <param name="random">The only source of chance.</param>
    void Apply(Span<float> features, FeatureShape shape, Random random);
}

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

/// <summary>Hides stretches of time: each begins anywhere and is 0 to so many frames long.</summary>
/// <remarks>Source: Park et al., "SpecAugment" (2019), section 2.</remarks>
internal sealed record TimeMask(int MaximumFrames, int Count, float Value) : IClipAugmentation
{
    public void Apply(Span<float> features, FeatureShape shape, Random random)
    {
        for (int i = 0; i < Count; i++)
        {
            (int start, int length) = MaskPlace.Draw(shape.Frames, MaximumFrames, random);
            features.Slice(start * shape.Mels, length * shape.Mels).Fill(Value);
        }
    }
}

/// <summary>Hides bands: each begins anywhere and is 0 to so many mel bins wide.</summary>
/// <remarks>Source: Park et al., "SpecAugment" (2019), section 2.</remarks>
internal sealed record FrequencyMask(int MaximumBins, int Count, float Value) : IClipAugmentation
{
    public void Apply(Span<float> features, FeatureShape shape, Random random)
    {
        for (int i = 0; i < Count; i++)
        {
            (int start, int length) = MaskPlace.Draw(shape.Mels, MaximumBins, random);
            for (int frame = 0; frame < shape.Frames; frame++)
            {
                features.Slice(frame * shape.Mels + start, length).Fill(Value);
            }
        }
    }
}

/// <summary>Where a mask lies along an axis.</summary>
internal static class MaskPlace
{
    public static (int Start, int Length) Draw(int size, int maximumLength, Random random)
    {
        int length = random.Next(Math.Min(maximumLength, size) + 1);
        return (random.Next(size - length + 1), length);
    }
}
