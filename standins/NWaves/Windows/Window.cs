namespace NWaves.Windows;

/// <summary>Window samples as NWaves defines them: computed in double, rounded to single, endpoints included.</summary>
public static class Window
{
    public static float[] OfType(WindowType type, int length, params object[] parameters) => type switch
    {
        WindowType.Triangular => Sample(length, i => 1 - (2 * Math.Abs(i - ((length - 1) / 2.0)) / length)),
        WindowType.Hamming => CosineSum(length, 0.54, 0.46),
        WindowType.Blackman => CosineSum(length, 0.42, 0.5, 0.08),
        WindowType.Hann => CosineSum(length, 0.5, 0.5),
        WindowType.Gaussian => Gaussian(length),
        WindowType.Kaiser => Kaiser(length, Parameter(parameters, 12.0)),
        WindowType.Kbd => KaiserBesselDerived(length, Parameter(parameters, 4.0)),
        WindowType.BartlettHann => BartlettHann(length),
        WindowType.Lanczos => Sample(length, i => Sinc((2.0 * i / (length - 1)) - 1)),
        WindowType.PowerOfSine => PowerOfSine(length, Parameter(parameters, 1.5)),
        WindowType.Flattop => CosineSum(length, 0.216, 0.417, 0.278, 0.084, 0.007),
        WindowType.Liftering => Lifter(length, Parameter(parameters, 22)),
        _ => Sample(length, _ => 1),
    };

    private static T Parameter<T>(object[] parameters, T whenNone) =>
        parameters.Length > 0 ? (T)parameters[0] : whenNone;

    private static float[] Sample(int length, Func<int, double> value)
    {
        float[] window = new float[length];
        for (int i = 0; i < length; i++)
        {
            window[i] = (float)value(i);
        }

        return window;
    }

    /// <summary>a0 - a1 cos(x) + a2 cos(2x) - ... over one period, both ends included.</summary>
    private static float[] CosineSum(int length, params double[] coefficients) => Sample(length, i =>
    {
        double x = 2 * Math.PI * i / (length - 1);
        double sum = 0;
        for (int k = 0; k < coefficients.Length; k++)
        {
            sum += (k % 2 == 0 ? 1 : -1) * coefficients[k] * Math.Cos(k * x);
        }

        return sum;
    });

    // The centre is rounded down to a whole sample, as in NWaves.
    private static float[] Gaussian(int length)
    {
        int centre = (length - 1) / 2;
        return Sample(length, i => Math.Exp(-0.5 * Math.Pow((i - centre) / (0.4 * centre), 2)));
    }

    private static float[] Kaiser(int length, double alpha) => Sample(length, i =>
    {
        double x = (2.0 * i / (length - 1)) - 1;
        return BesselI0(alpha * Math.Sqrt(1 - (x * x))) / BesselI0(alpha);
    });

    private static float[] KaiserBesselDerived(int length, double alpha)
    {
        float[] window = new float[length];
        double sum = 0;
        for (int i = 0; i <= length / 2; i++)
        {
            double x = (4.0 * i / length) - 1;
            sum += BesselI0(Math.PI * alpha * Math.Sqrt(1 - (x * x)));
            window[i] = (float)sum;
        }

        for (int i = 0; i < length / 2; i++)
        {
            window[i] = (float)Math.Sqrt(window[i] / sum);
            window[length - 1 - i] = window[i];
        }

        return window;
    }

    private static float[] BartlettHann(int length) => Sample(length, i =>
    {
        double x = (double)i / (length - 1);
        return 0.62 - (0.48 * Math.Abs(x - 0.5)) - (0.38 * Math.Cos(2 * Math.PI * x));
    });

    private static float[] PowerOfSine(int length, double alpha) =>
        Sample(length, i => Math.Pow(Math.Sin(Math.PI * i / length), alpha));

    private static float[] Lifter(int length, int quefrency) =>
        Sample(length, i => quefrency <= 0 ? 1 : 1 + (quefrency * Math.Sin(Math.PI * i / quefrency) / 2));

    private static double Sinc(double x) => Math.Abs(x) > 1e-20 ? Math.Sin(Math.PI * x) / (Math.PI * x) : 1;

    // The power series of I0, as far as double precision reaches.
    private static double BesselI0(double x)
    {
        double sum = 1;
        double term = 1;
        for (int i = 1; Math.Abs(term) > 1e-20; i++)
        {
            term *= x * x / (4.0 * i * i);
            sum += term;
        }

        return sum;
    }
}
