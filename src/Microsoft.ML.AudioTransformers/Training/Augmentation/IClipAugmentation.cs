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
