using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;

/// <summary>Fits a linear predictor to a block: autocorrelation under a window, and Levinson's recursion.</summary>
internal sealed class FlacLinearFit
{
    /// <summary>The highest order that is tried; the streamable subset allows 12 (RFC 9639, section 7).</summary>
    public const int MaximumOrder = 8;

    // Section 9.2.6: coefficients have 15 bits at most.
    private const int Precision = 14;
    private const int MaximumShift = 15;

    private readonly double[][] _coefficients = new double[MaximumOrder + 1][];
    private readonly double[] _errors = new double[MaximumOrder + 1];
    private double[] _windowed = [];
    private double[] _window = [];

    /// <summary>Bits of a coefficient.</summary>
    public static int CoefficientBits => Precision;

    /// <summary>The coefficients of the last predictor, the last sample's first, as whole numbers.</summary>
    public int[] Coefficients { get; } = new int[MaximumOrder];

    /// <summary>Bits by which its sum is shifted down.</summary>
    public int Shift { get; private set; }

    /// <summary>Fits predictors of all orders.</summary>
    /// <returns>The order that should give the fewest bits; 0 if none predicts anything.</returns>
    public int Fit(ReadOnlySpan<int> samples)
    {
        int highest = Math.Min(MaximumOrder, samples.Length - 1);
        MakeWindow(samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            _windowed[i] = samples[i] * _window[i];
        }

        Span<double> correlation = stackalloc double[MaximumOrder + 1];
        ReadOnlySpan<double> x = _windowed.AsSpan(0, samples.Length);
        for (int lag = 0; lag <= highest; lag++)
        {
            correlation[lag] = Dot(x[lag..], x);
        }

        if (correlation[0] <= 0)
        {
            return 0;
        }

        Recurse(correlation, highest);
        int best = 0;
        double fewest = double.MaxValue;
        for (int order = 1; order <= highest; order++)
        {
            // Bits of a residual of this variance, and those of the coefficients and first samples.
            double variance = Math.Max(_errors[order] / samples.Length, 1e-3);
            double bits = (0.5 * Math.Log2(variance) * (samples.Length - order)) + (order * (Precision + 16.0));
            if (bits < fewest)
            {
                fewest = bits;
                best = order;
            }
        }

        return best;
    }

    /// <summary>Makes whole numbers of the predictor of one order.</summary>
    /// <returns>Whether it can be written.</returns>
    public bool Quantize(int order)
    {
        double largest = 0;
        for (int i = 0; i < order; i++)
        {
            largest = Math.Max(largest, Math.Abs(_coefficients[order][i]));
        }

        if (!double.IsFinite(largest) || largest == 0)
        {
            return false;
        }

        int shift = Precision - 1 - (Math.ILogB(largest) + 1);
        Shift = Math.Clamp(shift, 0, MaximumShift);
        int limit = (1 << (Precision - 1)) - 1;

        // What rounding takes from one coefficient is given to the next.
        double rest = 0;
        for (int i = 0; i < order; i++)
        {
            rest += _coefficients[order][i] * (1 << Shift);
            Coefficients[i] = (int)Math.Clamp(Math.Round(rest), -limit - 1, limit);
            rest -= Coefficients[i];
        }

        return shift >= 0;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector<double> sum = Vector<double>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            sum += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        }

        double total = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }

    private void Recurse(ReadOnlySpan<double> correlation, int highest)
    {
        double error = correlation[0] * (1 + 1e-9);
        double[] last = [];
        for (int order = 1; order <= highest; order++)
        {
            double reflection = correlation[order];
            for (int i = 0; i < last.Length; i++)
            {
                reflection -= last[i] * correlation[order - 1 - i];
            }

            reflection = error > 0 ? reflection / error : 0;
            var next = new double[order];
            for (int i = 0; i < last.Length; i++)
            {
                next[i] = last[i] - (reflection * last[last.Length - 1 - i]);
            }

            next[order - 1] = reflection;
            error *= 1 - (reflection * reflection);
            _coefficients[order] = next;
            _errors[order] = Math.Max(error, 0);
            last = next;
        }
    }

    // A Tukey window, flat in its middle half.
    private void MakeWindow(int length)
    {
        if (_window.Length == length)
        {
            return;
        }

        _window = new double[length];
        _windowed = new double[length];
        int slope = Math.Max(1, length / 4);
        for (int i = 0; i < length; i++)
        {
            int edge = Math.Min(i, length - 1 - i);
            _window[i] = edge >= slope ? 1 : 0.5 - (0.5 * Math.Cos(Math.PI * (edge + 0.5) / slope));
        }
    }
}
