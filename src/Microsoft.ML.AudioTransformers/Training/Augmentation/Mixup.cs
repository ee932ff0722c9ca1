namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Mixes a clip with another one, of which it keeps the greater share.</summary>
/// <param name="Alpha">Both parameters of the beta distribution that the share follows, 0.05 or more.</param>
/// <param name="Probability">The share of clips that are mixed, 0 to 1.</param>
/// <remarks>Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2018); PaSST section 3.3.</remarks>
internal sealed record Mixup(double Alpha, double Probability)
{
    /// <summary>The share that a clip keeps of itself: 1 where it is not mixed, otherwise 0.5 to 1.</summary>
    public float DrawShare(Random random)
    {
        if (random.NextDouble() >= Probability)
        {
            return 1;
        }

        double share = BetaDistribution.Draw(Alpha, random);
        return (float)Math.Max(share, 1 - share);
    }

    /// <summary>Replaces values by their mixture with others; both count from 0 where lengths differ.</summary>
    public static void Mix(Span<float> values, ReadOnlySpan<float> others, float share)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = share * values[i] + (1 - share) * (i < others.Length ? others[i] : 0);
        }
    }
}
