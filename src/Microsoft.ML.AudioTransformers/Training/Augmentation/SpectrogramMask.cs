using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

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
