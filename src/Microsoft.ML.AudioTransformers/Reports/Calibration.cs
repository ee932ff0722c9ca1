using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>
/// Calibration: how often predictions of a confidence are right (reliability diagram), and the expected calibration error.
/// </summary>
/// <remarks>Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017: bins of equal width, 15 of them.</remarks>
internal sealed class Calibration
{
    private const int Bins = 15;

    private readonly double[] _confidences = new double[Bins];
    private readonly long[] _right = new long[Bins];
    private readonly long[] _counts = new long[Bins];

    /// <summary>Expected calibration error, 0 to 1: the mean distance of confidence and share of right ones.</summary>
    public double Error => Enumerable.Range(0, Bins).Where(bin => _counts[bin] > 0)
        .Sum(bin => Math.Abs(_confidences[bin] - _right[bin])) / _counts.Sum();

    /// <summary>Adds a prediction.</summary>
    /// <param name="confidence">Its probability, 0 to 1.</param>
    /// <param name="isRight">Whether it is right.</param>
    public void Add(double confidence, bool isRight)
    {
        int bin = Math.Clamp((int)Math.Ceiling(confidence * Bins) - 1, 0, Bins - 1);
        _confidences[bin] += confidence;
        _right[bin] += isRight ? 1 : 0;
        _counts[bin]++;
    }

    /// <summary>Section with the diagram.</summary>
    /// <param name="what">What is counted: "clips".</param>
    public CurvesSection ToSection(string what)
    {
        int[] bins = [.. Enumerable.Range(0, Bins).Where(bin => _counts[bin] > 0)];
        return new CurvesSection(
            "Calibration",
            ReportAxis.Of("confidence", Axis.Unit),
            ReportAxis.Of("share that is right", Axis.Unit),
            [
                new ReportCurve(
                    "all classes",
                    [.. bins.Select(bin => _confidences[bin] / _counts[bin])],
                    [.. bins.Select(bin => _right[bin] / (double)_counts[bin])],
                    N: [.. bins.Select(bin => (double)_counts[bin])]),
            ])
        {
            About = "On the dashed line, what the model says with a confidence of 80 % is right in 80 of 100 cases; below it the "
                + "model is too sure of itself, above it not sure enough.",
            N = what,
            Diagonal = true,
            Dots = true,
        };
    }
}
