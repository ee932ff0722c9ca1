namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Random numbers of a symmetric beta distribution.</summary>
internal static class BetaDistribution
{
    /// <summary>Draws a number.</summary>
    /// <param name="alpha">Both parameters, 0.05 or more.</param>
    /// <param name="random">Random number generator.</param>
    /// <returns>0 to 1.</returns>
    public static double Draw(double alpha, Random random)
    {
        if (alpha < 1)
        {
            return DrawSmall(alpha, random);
        }

        double x = DrawGamma(alpha, random);
        return x / (x + DrawGamma(alpha, random));
    }

    /// <summary>Jöhnk's method (1964), for parameters below 1.</summary>
    private static double DrawSmall(double alpha, Random random)
    {
        while (true)
        {
            double x = Math.Pow(1 - random.NextDouble(), 1 / alpha);
            double y = Math.Pow(1 - random.NextDouble(), 1 / alpha);
            if (x + y is > 0 and <= 1)
            {
                return x / (x + y);
            }
        }
    }

    /// <summary>The method of Marsaglia and Tsang (2000), for a shape of 1 or more.</summary>
    private static double DrawGamma(double shape, Random random)
    {
        double d = shape - 1.0 / 3;
        while (true)
        {
            double normal = DrawNormal(random);
            double v = Math.Pow(1 + normal / Math.Sqrt(9 * d), 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < normal * normal / 2 + d - d * v + d * Math.Log(v))
            {
                return d * v;
            }
        }
    }

    private static double DrawNormal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
