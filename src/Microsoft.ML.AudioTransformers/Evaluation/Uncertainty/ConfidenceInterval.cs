using System.Globalization;

namespace Microsoft.ML.AudioTransformers;

/// <summary>A metric and how far it would vary with other clips of the same kind.</summary>
/// <param name="Estimate">The metric over the clips as they are.</param>
/// <param name="Lower">The interval's lower end.</param>
/// <param name="Upper">The interval's upper end.</param>
/// <param name="Level">The share of resampled metrics that lies within the interval, 0 to 1.</param>
public sealed record ConfidenceInterval(double Estimate, double Lower, double Upper, double Level)
{
    /// <summary>For example <c>0.4712 (95 %: 0.4581 to 0.4840)</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Estimate:F4} ({100 * Level:0.##} %: {Lower:F4} to {Upper:F4})");
}
