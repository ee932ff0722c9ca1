namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Mixup of two clips. The mixing weight (lambda) is 0.5 or more, so that a clip outweighs its partner.</summary>
/// <param name="Alpha">Both parameters of the beta distribution of the mixing weight, 0.05 or more.</param>
/// <param name="Probability">Probability that a clip is mixed, 0 to 1.</param>
/// <remarks>Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2018); PaSST section 3.3.</remarks>
internal sealed record Mixup(double Alpha, double Probability)
{
    /// <summary>Draws the mixing weight of a clip: 1 if it is not mixed, otherwise 0.5 to 1.</summary>
    public float DrawShare(Random random)
    {
        if (random.NextDouble() >= Probability)
        {
            return 1;
        }

        double share = BetaDistribution.Draw(Alpha, random);
        return (float)Math.Max(share, 1 - share);
    }

    /// <summary>Mixes values in place, share * values + (1 - share) * others. Shorter others are padded with zeros, longer ones
    /// are cut.</summary>
    public static void Mix(Span<float> values, ReadOnlySpan<float> others, float share)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = share * values[i] + (1 - share) * (i < others.Length ? others[i] : 0);
        }
    }
}
