using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>The windows that torchaudio offers for its sinc filter.</summary>
internal enum SincWindow
{
    /// <summary>cos^2 over the filter's width (<c>sinc_interpolation</c>, the default).</summary>
    Hann,

    /// <summary>Kaiser with <see cref="SincFilter.Beta"/> (<c>kaiser_window</c>).</summary>
    Kaiser,
}

/// <summary>
/// The low-pass filter of a resampler; the defaults are those of <c>torchaudio.functional.resample</c>.
/// </summary>
/// <param name="LowpassFilterWidth">Zero crossings of the sinc on each side; at least 1.</param>
/// <param name="Rolloff">Cut-off relative to the lower Nyquist frequency, in (0, 1].</param>
/// <param name="Window">The shape that ends the sinc.</param>
/// <param name="Beta">Kaiser's beta.</param>
internal sealed record SincFilter(
    int LowpassFilterWidth = 6,
    double Rolloff = 0.99,
    SincWindow Window = SincWindow.Hann,
    double Beta = 14.769656459379492)
{
    /// <summary>torchaudio's defaults.</summary>
    public static SincFilter Default { get; } = new();
}

/// <summary>
/// The polyphase filters of one ratio: output sample <c>b * To + p</c> is the product of phase <c>p</c>'s taps with the
/// inputs from <c>b * From + FirstInput(p)</c> on. Made once per ratio and shared between threads.
/// </summary>
internal sealed class ResamplingKernel
{
    /// <summary>The phases of a bundle.</summary>
    public const int BundleSize = 4;

    // Beyond this many taps (2 MB) a phase's filter is computed when it is needed: ratios of huge coprime rates.
    private const long MaximumTableLength = 1 << 19;
    private const int MaximumKept = 64;
    private const int MaximumSingleRate = 4096;

    private static readonly ConcurrentDictionary<(int From, int To, SincFilter), ResamplingKernel> s_kept = new();

    private readonly SincFilter _filter;
    private readonly double _cutoff;
    private readonly double _halfWidth;
    private readonly float[]? _table;
    private readonly Lazy<float[]> _bundles;

    private ResamplingKernel(int from, int to, SincFilter filter)
    {
        (From, To) = (from, to);
        _filter = filter;
        _cutoff = Math.Min(from, to) * filter.Rolloff;
        _halfWidth = filter.LowpassFilterWidth * from / _cutoff;
        Taps = (int)Math.Floor(2 * _halfWidth) + 1;
        RowLength = (Taps + Vector512<float>.Count - 1) / Vector512<float>.Count * Vector512<float>.Count;
        for (int phase = 0; phase + BundleSize <= to; phase += BundleSize)
        {
            BundleLength = Math.Max(BundleLength, FirstInput(phase + BundleSize - 1) - FirstInput(phase) + Taps);
        }

        _bundles = new(CreateBundles);
        if ((long)RowLength * to <= MaximumTableLength)
        {
            _table = new float[RowLength * to];
            for (int phase = 0; phase < to; phase++)
            {
                Compute(phase, _table.AsSpan(phase * RowLength, RowLength));
            }
        }
    }

    /// <summary>Input samples of a block.</summary>
    public int From { get; }

    /// <summary>Output samples of a block, and phases.</summary>
    public int To { get; }

    /// <summary>The most taps of a phase.</summary>
    public int Taps { get; }

    /// <summary>The taps of a row, filled up with zeros to whole vectors.</summary>
    public int RowLength { get; }

    /// <summary>Whether all filters are kept, rather than computed when they are needed.</summary>
    public bool HasTable => _table is not null;

    /// <summary>The filters of a ratio of sample rates.</summary>
    public static ResamplingKernel Get(int from, int to, SincFilter filter)
    {
        int divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(from, to);
        (int From, int To, SincFilter) key = (from / divisor, to / divisor, filter);
        if (s_kept.TryGetValue(key, out ResamplingKernel? kernel))
        {
            return kernel;
        }

        kernel = new ResamplingKernel(key.From, key.To, filter);
        return s_kept.Count < MaximumKept ? s_kept.GetOrAdd(key, kernel) : kernel;
    }

    /// <summary>
    /// Where phase <paramref name="phase"/> begins in the input, relative to its block's first sample.
    /// </summary>
    public int FirstInput(int phase) => (int)Math.Ceiling(((double)phase * From / To) - _halfWidth);

    /// <summary>
    /// The filters of four phases that follow one another, side by side: for each input from the first phase's first
    /// on, the tap of each. (To / 4, <see cref="BundleLength"/>, 4); phases that are left over are not in it.
    /// </summary>
    public float[] Bundles => _bundles.Value;

    /// <summary>The inputs that the phases of a bundle reach together.</summary>
    public int BundleLength { get; }

    /// <summary>The taps of a phase.</summary>
    /// <param name="phase">0 to <see cref="To"/> - 1.</param>
    /// <param name="scratch">Room for a row, used where no table is kept.</param>
    public ReadOnlySpan<float> Row(int phase, Span<float> scratch)
    {
        if (_table is not null)
        {
            return _table.AsSpan(phase * RowLength, RowLength);
        }

        Compute(phase, scratch[..RowLength]);
        return scratch[..RowLength];
    }

    private float[] CreateBundles()
    {
        var bundles = new float[To / BundleSize * BundleLength * BundleSize];
        Span<float> scratch = new float[RowLength];
        for (int phase = 0; phase < To - (To % BundleSize); phase++)
        {
            int bundle = phase / BundleSize;
            int delay = FirstInput(phase) - FirstInput(bundle * BundleSize);
            ReadOnlySpan<float> row = Row(phase, scratch);
            for (int tap = 0; tap < Taps; tap++)
            {
                bundles[((((bundle * BundleLength) + delay + tap) * BundleSize) + (phase % BundleSize))] = row[tap];
            }
        }

        return bundles;
    }

    private void Compute(int phase, Span<float> row)
    {
        row.Clear();
        int first = FirstInput(phase);
        double scale = _cutoff / From;
        for (int tap = 0; tap < Taps; tap++)
        {
            double t = Time(first + tap, phase);
            if (Math.Abs(t) < _filter.LowpassFilterWidth)
            {
                double sinc = t == 0 ? 1 : Math.Sin(Math.PI * t) / (Math.PI * t);
                row[tap] = (float)(sinc * Window(t / _filter.LowpassFilterWidth) * scale);
            }
        }
    }

    // torchaudio._get_sinc_resample_kernel's t, which it computes in float32. Its rounding shows in the result and is
    // followed here, as long as it stays below what can be heard; the error grows with the reduced rates.
    private double Time(int input, int phase) => Math.Max(From, To) <= MaximumSingleRate
        ? (((float)input / From) - ((float)phase / To)) * (float)_cutoff
        : (((double)input / From) - ((double)phase / To)) * _cutoff;

    private double Window(double x)
    {
        if (_filter.Window == SincWindow.Kaiser)
        {
            return BesselI0(_filter.Beta * Math.Sqrt(1 - (x * x))) / BesselI0(_filter.Beta);
        }

        double cosine = Math.Cos(x * Math.PI / 2);
        return cosine * cosine;
    }

    private static double BesselI0(double x)
    {
        double sum = 1;
        double term = 1;
        for (int i = 1; term > sum * 1e-17; i++)
        {
            term *= x * x / (4.0 * i * i);
            sum += term;
        }

        return sum;
    }
}
