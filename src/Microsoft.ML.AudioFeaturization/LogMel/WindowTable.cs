using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>Window samples.</summary>
internal static class WindowTable
{
    /// <summary>The window of the given shape.</summary>
    /// <param name="type">The shape.</param>
    /// <param name="length">At least 2.</param>
    /// <param name="periodic">
    /// Whether it is the first <paramref name="length"/> samples of a window one sample longer.
    /// </param>
    /// <param name="exponent">The power that it is raised to.</param>
    public static double[] Create(WindowType type, int length, bool periodic, double exponent = 1)
    {
        int whole = periodic ? length + 1 : length;
        double[] window = type switch
        {
            WindowType.Rectangular => Cosines(whole, 1),
            WindowType.Hann => Cosines(whole, 0.5, 0.5),
            WindowType.Hamming => Cosines(whole, 0.54, 0.46),
            WindowType.Blackman => Cosines(whole, 0.42, 0.5, 0.08),
            _ => Array.ConvertAll(Window.OfType(type, whole), sample => (double)sample),
        };
        if (exponent != 1)
        {
            window = Array.ConvertAll(window, sample => Math.Pow(Math.Max(sample, 0), exponent));
        }

        return window[..length];
    }

    // NWaves rounds its windows to float32, which raises their side lobes to -150 dB: too coarse for double precision.
    private static double[] Cosines(int length, params ReadOnlySpan<double> coefficients)
    {
        var window = new double[length];
        for (int i = 0; i < length; i++)
        {
            double x = 2 * Math.PI * i / (length - 1);
            double sum = 0;
            for (int k = 0; k < coefficients.Length; k++)
            {
                sum += (k % 2 == 0 ? coefficients[k] : -coefficients[k]) * Math.Cos(k * x);
            }

            window[i] = sum;
        }

        return window;
    }
}
