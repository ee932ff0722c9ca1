using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>From the power spectra of a batch of frames to normalized log-mel values.</summary>
internal sealed unsafe class BandCompressor
{
    private readonly Band[] _bands;
    private readonly AlignedBuffer<float> _weights;
    private readonly bool _magnitude;
    private readonly bool _logarithm;
    private readonly float _floor;
    private readonly float _offset;
    private readonly float _scale;
    private readonly float _shift;

    public BandCompressor(LogMelOptions options)
    {
        MelFilterBank bank = MelFilterBank.Create(options);
        _bands = new Band[bank.Bands.Length];
        _weights = new AlignedBuffer<float>(bank.Bands.Sum(band => band.Weights.Length));
        int start = 0;
        for (int i = 0; i < _bands.Length; i++)
        {
            float[] weights = bank.Bands[i].Weights;
            _bands[i] = new Band(bank.Bands[i].FirstBin, weights.Length);
            weights.CopyTo(_weights.Span[start..]);
            start += weights.Length;
        }

        _magnitude = options.Spectrum == SpectrumKind.Magnitude;
        _logarithm = options.Log != LogKind.None;
        _floor = (float)options.LogFloor;
        _offset = (float)options.LogOffset;

        LogMelScaling scaling = LogMelScaling.Create(options);
        _scale = (float)scaling.Scale;
        _shift = (float)scaling.Shift;
        PadValue = (float)scaling.PadValue;
        DynamicRange = (float)scaling.DynamicRange;
    }

    /// <summary>The number of bands.</summary>
    public int Bands => _bands.Length;

    /// <summary>The normalized value of an added frame.</summary>
    public float PadValue { get; }

    /// <summary>The range below the maximum beyond which values are cut, in normalized units; 0 for none.</summary>
    public float DynamicRange { get; }

    /// <summary>Sums, compresses and normalizes.</summary>
    /// <param name="power">(bins, <see cref="Lanes.Count"/>).</param>
    /// <param name="bins">Its rows.</param>
    /// <param name="values">(<see cref="Bands"/>, <see cref="Lanes.Count"/>).</param>
    /// <returns>Whether all sums are finite: that of a frame is not if one of its samples is not.</returns>
    public bool Run(float* power, int bins, float* values)
    {
        if (_magnitude)
        {
            for (int bin = 0; bin < bins; bin++)
            {
                float* place = power + ((long)bin * Lanes.Count);
                Vector512.Sqrt(Vector512.Load(place)).Store(place);
            }
        }

        bool finite = Sum(power, values);
        Compress(values);
        return finite;
    }

    private bool Sum(float* power, float* values)
    {
        float* weight = _weights.Pointer;
        Vector512<float> check = Vector512<float>.Zero;
        foreach (Band band in _bands)
        {
            // Two sums side by side: one alone would wait for itself.
            float* bin = power + ((long)band.FirstBin * Lanes.Count);
            Vector512<float> even = Vector512<float>.Zero;
            Vector512<float> odd = Vector512<float>.Zero;
            int i = 0;
            for (; i + 1 < band.Length; i += 2)
            {
                even = Add(bin, weight[i], even);
                odd = Add(bin + Lanes.Count, weight[i + 1], odd);
                bin += 2 * Lanes.Count;
            }

            if (i < band.Length)
            {
                even = Add(bin, weight[i], even);
            }

            Vector512<float> sum = even + odd;
            check = Vector512.MultiplyAddEstimate(sum, Vector512<float>.Zero, check);
            sum.Store(values);
            weight += band.Length;
            values += Lanes.Count;
        }

        return Vector512.EqualsAll(check, Vector512<float>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(float* bin, float weight, Vector512<float> sum) =>
        Vector512.MultiplyAddEstimate(Vector512.Load(bin), Vector512.Create(weight), sum);

    private void Compress(float* values)
    {
        Vector512<float> floor = Vector512.Create(_floor);
        Vector512<float> offset = Vector512.Create(_offset);
        Vector512<float> scale = Vector512.Create(_scale);
        Vector512<float> shift = Vector512.Create(_shift);
        for (int band = 0; band < _bands.Length; band++)
        {
            Vector512<float> value = Vector512.Load(values);
            if (_logarithm)
            {
                value = Lanes.Log(Vector512.MaxNative(value, floor) + offset);
            }

            Vector512.MultiplyAddEstimate(value, scale, shift).Store(values);
            values += Lanes.Count;
        }
    }

    private readonly record struct Band(int FirstBin, int Length);
}
