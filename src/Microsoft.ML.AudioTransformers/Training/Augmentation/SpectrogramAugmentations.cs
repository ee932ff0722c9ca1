using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Augmentation of a clip's log-mel features.</summary>
internal interface ISpectrogramAugmentation
{
    /// <summary>Augments features in place.</summary>
    /// <param name="features">(frames, mels).</param>
    /// <param name="shape">Shape.</param>
    /// <param name="random">Random number generator.</param>
    void Apply(Span<float> features, FeatureShape shape, Random random);
}

/// <summary>Time roll: shifts features over time by a random number of frames, cyclically.</summary>
/// <param name="MaximumFrames">Greatest shift in either direction.</param>
/// <remarks>Source: PaSST section 3.3, rolling, which the paper applies to waveforms.</remarks>
internal sealed record TimeRoll(int MaximumFrames) : ISpectrogramAugmentation
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

/// <summary>Time masking (SpecAugment): fills random ranges of frames with a value.</summary>
/// <param name="MaximumFrames">Greatest length of a mask.</param>
/// <param name="Count">Number of masks.</param>
/// <param name="Value">Value of masked features.</param>
/// <remarks>Source: Park et al., "SpecAugment" (2019), section 2.</remarks>
internal sealed record TimeMask(int MaximumFrames, int Count, float Value) : ISpectrogramAugmentation
{
    public void Apply(Span<float> features, FeatureShape shape, Random random)
    {
        for (int i = 0; i < Count; i++)
        {
            (int start, int length) = MaskRange.Draw(shape.Frames, MaximumFrames, random);
            features.Slice(start * shape.Mels, length * shape.Mels).Fill(Value);
        }
    }
}

/// <summary>Frequency masking (SpecAugment): fills random ranges of mel bins with a value.</summary>
/// <param name="MaximumBins">Greatest width of a mask.</param>
/// <param name="Count">Number of masks.</param>
/// <param name="Value">Value of masked features.</param>
/// <remarks>Source: Park et al., "SpecAugment" (2019), section 2.</remarks>
internal sealed record FrequencyMask(int MaximumBins, int Count, float Value) : ISpectrogramAugmentation
{
    public void Apply(Span<float> features, FeatureShape shape, Random random)
    {
        for (int i = 0; i < Count; i++)
        {
            (int start, int length) = MaskRange.Draw(shape.Mels, MaximumBins, random);
            for (int frame = 0; frame < shape.Frames; frame++)
            {
                features.Slice(frame * shape.Mels + start, length).Fill(Value);
            }
        }
    }
}

/// <summary>Random range of a mask along an axis: a uniform length from 0 to a maximum, then a uniform start.</summary>
internal static class MaskRange
{
    public static (int Start, int Length) Draw(int size, int maximumLength, Random random)
    {
        int length = random.Next(Math.Min(maximumLength, size) + 1);
        return (random.Next(size - length + 1), length);
    }
}
