namespace Microsoft.ML.AudioTransformers;

/// <summary>PSD-ROC curve: true positive ratio against the rate of effective false positives (Bilen et al. 2020).</summary>
public sealed class DetectionCurve
{
    internal DetectionCurve(double[] falsePositiveRates, double[] truePositiveRatios)
    {
        FalsePositiveRates = falsePositiveRates;
        TruePositiveRatios = truePositiveRatios;
    }

    /// <summary>Rates of effective false positives in the unit of the options, ascending from 0; equal for all classes.</summary>
    public IReadOnlyList<double> FalsePositiveRates { get; }

    /// <summary>True positive ratio at each rate, 0 to 1.</summary>
    public IReadOnlyList<double> TruePositiveRatios { get; }

    /// <summary>Curves of all classes, over the rates of all their operating points.</summary>
    internal static DetectionCurve[] OfClasses(
        IReadOnlyList<DetectionOperatingPoint> points, int classCount, double alphaCrossTrigger, bool interpolate)
    {
        // Each class has the point at which nothing is detected as well.
        var classes = new CurvePoint[classCount][];
        for (int label = 0; label < classCount; label++)
        {
            IEnumerable<CurvePoint> found = points.Select(point => new CurvePoint(
                point.EffectiveFalsePositiveRate(label, alphaCrossTrigger), point.TruePositiveRatios[label]));
            classes[label] = [.. found.Append(default).OrderBy(point => point.Rate)];
        }

        double[] rates = [.. classes.SelectMany(list => list).Select(point => point.Rate).Distinct().Order()];
        return [.. classes.Select(list => new DetectionCurve(
            rates, interpolate ? Interpolate(rates, list) : Stairs(rates, list)))];
    }

    /// <summary>Mean of the curves less their weighted standard deviation, and not below 0.</summary>
    internal static DetectionCurve Combine(DetectionCurve[] curves, double alphaStability)
    {
        double[] rates = curves.Length == 0 ? [] : [.. curves[0].FalsePositiveRates];
        var combined = new double[rates.Length];
        for (int i = 0; i < rates.Length; i++)
        {
            double mean = curves.Average(curve => curve.TruePositiveRatios[i]);
            double variance = curves.Average(curve => Math.Pow(curve.TruePositiveRatios[i] - mean, 2));
            combined[i] = Math.Max(0, mean - alphaStability * Math.Sqrt(variance));
        }

        return new DetectionCurve(rates, combined);
    }

    /// <summary>Area up to a rate, as the sum of rectangles: a ratio holds until the next rate.</summary>
    internal double Area(double maximumRate)
    {
        double area = 0;
        for (int i = 0; i < FalsePositiveRates.Count && FalsePositiveRates[i] < maximumRate; i++)
        {
            double next = i + 1 < FalsePositiveRates.Count
                ? Math.Min(FalsePositiveRates[i + 1], maximumRate)
                : maximumRate;
            area += (next - FalsePositiveRates[i]) * TruePositiveRatios[i];
        }

        return area;
    }

    /// <summary>At each rate, the best ratio of the operating points up to it.</summary>
    private static double[] Stairs(double[] rates, CurvePoint[] points)
    {
        var ratios = new double[rates.Length];
        double best = 0;
        for (int i = 0, at = 0; i < rates.Length; i++)
        {
            for (; at < points.Length && points[at].Rate <= rates[i]; at++)
            {
                best = Math.Max(best, points[at].Ratio);
            }

            ratios[i] = best;
        }

        return ratios;
    }

    /// <summary>At each rate, the ratio on the line between the operating points beside it, or the best one so far.
    /// </summary>
    private static double[] Interpolate(double[] rates, CurvePoint[] points)
    {
        CurvePoint[] distinct = [.. points.DistinctBy(point => point.Rate)];
        var ratios = new double[rates.Length];
        double best = 0;
        for (int i = 0, at = 0; i < rates.Length; i++)
        {
            while (at + 1 < distinct.Length && distinct[at + 1].Rate <= rates[i])
            {
                at++;
            }

            double ratio = distinct[at].Ratio;
            if (at + 1 < distinct.Length)
            {
                double slope = (distinct[at + 1].Ratio - ratio) / (distinct[at + 1].Rate - distinct[at].Rate);
                ratio += slope * (rates[i] - distinct[at].Rate);
            }

            best = Math.Max(best, ratio);
            ratios[i] = best;
        }

        return ratios;
    }

    private readonly record struct CurvePoint(double Rate, double Ratio);
}
