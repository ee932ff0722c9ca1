using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>Puts batches of values where a layout wants them.</summary>
internal static class FeatureWriter
{
    /// <summary>(bands, <see cref="Lanes.Count"/>) to (frames, bands).</summary>
    public static unsafe void WriteFrames(ReadOnlySpan<float> values, int frames, Span<float> target)
    {
        int bands = values.Length / Lanes.Count;
        fixed (float* from = values, to = target[..(frames * bands)])
        {
            Transposition.Run(from, Lanes.Count, bands, frames, to, bands);
        }
    }

    /// <summary>(bands, <see cref="Lanes.Count"/>) to columns of (bands, <paramref name="stride"/>).</summary>
    public static void WriteBands(ReadOnlySpan<float> values, int frames, Span<float> target, int stride)
    {
        int bands = values.Length / Lanes.Count;
        for (int band = 0; band < bands; band++)
        {
            values.Slice(band * Lanes.Count, frames).CopyTo(target[(band * stride)..]);
        }
    }

    /// <summary>Fills the frames behind the computed ones.</summary>
    public static void Pad(Span<float> features, FeatureLayout layout, int bands, int computed, int frames, float value)
    {
        if (layout == FeatureLayout.FramesByBands)
        {
            features[(computed * bands)..].Fill(value);
            return;
        }

        for (int band = 0; band < bands && computed < frames; band++)
        {
            features.Slice((band * frames) + computed, frames - computed).Fill(value);
        }
    }

    /// <summary>Raises the computed values to at least the maximum less the range.</summary>
    public static void CutRange(
        Span<float> features, FeatureLayout layout, int bands, int computed, int frames, float range)
    {
        (int runs, int stride, int length) = layout == FeatureLayout.FramesByBands
            ? (1, 0, computed * bands)
            : (bands, frames, computed);
        float maximum = float.NegativeInfinity;
        for (int run = 0; run < runs; run++)
        {
            foreach (float value in features.Slice(run * stride, length))
            {
                maximum = Math.Max(maximum, value);
            }
        }

        for (int run = 0; run < runs; run++)
        {
            foreach (ref float value in features.Slice(run * stride, length))
            {
                value = Math.Max(value, maximum - range);
            }
        }
    }
}
