using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Drawing;

/// <summary>Axis of a chart: its range, its scale, and ticks whose labels have as many digits as tell them apart.</summary>
/// <param name="From">Value at its start; on a logarithmic axis above 0.</param>
/// <param name="To">Value at its end, above <paramref name="From"/>.</param>
/// <param name="IsLogarithmic">Whether equal lengths are equal factors. Default: false.</param>
/// <param name="IsWhole">Whether only whole numbers are ticks. Default: false.</param>
internal sealed record Axis(double From, double To, bool IsLogarithmic = false, bool IsWhole = false)
{
    // Values that differ by more than this factor are drawn by their logarithm.
    private const double LogarithmicFactor = 50;
    private const int TickCount = 5;
    private const int MaximumTicks = 20;

    /// <summary>From 0 to 1.</summary>
    public static Axis Unit { get; } = new(0, 1);

    /// <summary>Axis on which all values stand, with a margin; logarithmic where they are all above 0 and differ by more than a
    /// factor of 50.</summary>
    /// <param name="values">Values; those that are not finite are left out. Without any, the axis goes from 0 to 1.</param>
    /// <param name="canBeLogarithmic">Whether the axis may be logarithmic.</param>
    public static Axis Of(IEnumerable<double> values, bool canBeLogarithmic = true)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        if (finite.Length == 0)
        {
            return Unit;
        }

        (double low, double high) = (finite.Min(), finite.Max());
        bool isWhole = Array.TrueForAll(finite, double.IsInteger);
        if (canBeLogarithmic && low > 0 && high / low > LogarithmicFactor)
        {
            double factor = Math.Exp(0.05 * (Math.Log(high) - Math.Log(low)));
            return new(low / factor, high * factor, IsLogarithmic: true, isWhole);
        }

        double margin = 0.05 * (high > low ? high - low : low != 0 ? Math.Abs(low) : 1);
        return new(low - margin, high + margin, IsLogarithmic: false, isWhole);
    }

    /// <summary>Place of a value, 0 at the start to 1 at the end.</summary>
    public double Share(double value) => IsLogarithmic
        ? (Math.Log(value) - Math.Log(From)) / (Math.Log(To) - Math.Log(From))
        : (value - From) / (To - From);

    /// <summary>Ticks: round values within the range, about five of them, with their labels.</summary>
    public IReadOnlyList<(double Value, string Text)> Ticks() => IsLogarithmic ? LogarithmicTicks() : LinearTicks();

    private (double Value, string Text)[] LinearTicks()
    {
        double rough = (To - From) / TickCount;
        if (!(rough > 0 && double.IsFinite(rough)))
        {
            return [(From, Format(From, 0, isScientific: false))];
        }

        int exponent = Exponent(rough);
        (int factor, int decade) = (rough / Math.Pow(10, exponent)) switch
        {
            < 1.5 => (1, exponent),
            < 3.5 => (2, exponent),
            < 7.5 => (5, exponent),
            _ => (1, exponent + 1),
        };
        if (IsWhole && decade < 0)
        {
            (factor, decade) = (1, 0);
        }

        double step = factor * Math.Pow(10, decade);
        double first = Math.Ceiling((From / step) - 1e-9);
        double[] values =
        [
            .. Enumerable.Range(0, MaximumTicks)
                .Select(index => Rounded((first + index) * step, decade))
                .TakeWhile(value => value <= To + (step * 1e-9)),
        ];
        double largest = values.Select(Math.Abs).DefaultIfEmpty(0).Max();
        bool isScientific = largest is >= 1e6 or (> 0 and < 1e-3);

        // Beyond the digits of float64, neighbours have one label.
        return [.. values.Select(value => (value, Text: Format(value, decade, isScientific))).DistinctBy(tick => tick.Text)];
    }

    /// <summary>Powers of ten; over few decades also twice and five times those, over many only some of them.</summary>
    private (double Value, string Text)[] LogarithmicTicks()
    {
        (int low, int high) = ((int)Math.Floor(Math.Log10(From)), (int)Math.Ceiling(Math.Log10(To)));
        double decades = Math.Log10(To) - Math.Log10(From);
        int every = Math.Max(1, (int)Math.Ceiling(decades / 6));
        int[] factors = decades > 3 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
        return
        [
            .. Enumerable.Range(low, high - low + 1)
                .Where(power => power % every == 0)
                .SelectMany(power => factors.Select(factor => (Value: factor * Math.Pow(10, power), Power: power)))
                .Where(tick => tick.Value >= From * (1 - 1e-9) && tick.Value <= To * (1 + 1e-9))
                .Select(tick => (tick.Value, Format(tick.Value, tick.Power, tick.Power is < -4 or > 5))),
        ];
    }

    /// <summary>Value without what arithmetic adds beyond the decimals of a decade, and never a negative 0.</summary>
    private static double Rounded(double value, int decade) =>
        (decade is < 0 and >= -15 ? Math.Round(value, -decade) : value) + 0.0;

    /// <summary>Tick label: a number to a decade's decimals, without zeros at its end.</summary>
    private static string Format(double value, int decade, bool isScientific)
    {
        if (!isScientific || value == 0)
        {
            return value.ToString("0." + new string('#', Math.Clamp(-decade, 0, 15)), CultureInfo.InvariantCulture);
        }

        int exponent = Exponent(Math.Abs(value));
        string digits = (value / Math.Pow(10, exponent)).ToString(
            "0." + new string('#', Math.Clamp(exponent - decade, 0, 15)), CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{digits}e{exponent}");
    }

    // The small summand keeps 1000, whose logarithm may be 2.999..., in its decade.
    private static int Exponent(double value) => (int)Math.Floor(Math.Log10(value) + 1e-12);
}
