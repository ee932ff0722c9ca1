namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>
/// From 8, 12 or 16 kHz to 48: twice as many samples by all-pass filters, then a filter of eight taps between them. It is what
/// libopus does (RFC 6716, section 4.2.9, leaves it open), and delays as the CELT layer does.
/// </summary>
internal sealed class SilkResampler
{
    private const int Taps = 8;
    private const int MaximumBlock = 160;
    private const int Sections = 3;

    // For each twelfth between two samples, four of the eight taps; the others are those of the twelfth seen from the other
    // side. In Q15.
    private static ReadOnlySpan<short> Filters =>
    [
        189, -600, 617, 30567, 117, -159, -1070, 29704, 52, 221, -2392, 28276, -4, 529, -3350, 26341, -48, 758, -3956,
        23973, -80, 905, -4235, 21254, -99, 972, -4222, 18278, -107, 967, -3957, 15143, -103, 896, -3487, 11950, -91,
        773, -2865, 8798, -71, 611, -2143, 5784, -46, 425, -1375, 2996,
    ];

    // Of the all-pass sections for the samples that stay and for those between them, in Q16.
    private static ReadOnlySpan<int> EvenWeights => [1746, 14986, 39083];

    private static ReadOnlySpan<int> OddWeights => [6854, 25769, 55542];

    private readonly int[] _state = new int[2 * Sections];
    private readonly short[] _double = new short[(2 * MaximumBlock) + Taps];
    private readonly short[] _delayed = new short[16];
    private readonly short[] _input = new short[(3 * MaximumBlock) + 16];
    private int _kilohertz;
    private int _delay;
    private int _step;

    /// <summary>Forgets the past, for another sampling rate.</summary>
    /// <param name="kilohertz">8, 12 or 16.</param>
    public void Reset(int kilohertz)
    {
        Array.Clear(_state);
        Array.Clear(_double);
        Array.Clear(_delayed);
        _kilohertz = kilohertz;
        (_delay, _step) = kilohertz switch
        {
            8 => (0, 21846),
            12 => (4, 32768),
            _ => (7, 43691),
        };
    }

    /// <summary>Takes over the past of another one.</summary>
    public void CopyFrom(SilkResampler other)
    {
        other._state.CopyTo(_state, 0);
        other._double.CopyTo(_double, 0);
        other._delayed.CopyTo(_delayed, 0);
        (_kilohertz, _delay, _step) = (other._kilohertz, other._delay, other._step);
    }

    /// <summary>Resamples a frame.</summary>
    /// <param name="samples">10 or 20 ms.</param>
    /// <param name="output">Room for as long at 48 kHz, at full scale 1.</param>
    public void Run(ReadOnlySpan<short> samples, Span<float> output)
    {
        Span<short> input = _input.AsSpan(0, samples.Length);
        _delayed.AsSpan(0, _delay).CopyTo(input);
        samples[..^_delay].CopyTo(input[_delay..]);
        samples[^_delay..].CopyTo(_delayed);

        // Places between samples begin anew with each block, and the first one is 1 ms.
        int block = _kilohertz;
        int rate = 48 / _kilohertz;
        for (int start = 0; start < input.Length; start += block, block = Math.Min(10 * _kilohertz, input.Length - start))
        {
            RunBlock(input.Slice(start, block), output.Slice(start * rate, block * rate));
        }
    }

    private void RunBlock(ReadOnlySpan<short> input, Span<float> output)
    {
        Double(input, _double.AsSpan(Taps));
        ReadOnlySpan<short> filters = Filters;
        for (int i = 0, place = 0; i < output.Length; i++, place += _step)
        {
            ReadOnlySpan<short> near = _double.AsSpan(place >> 16, Taps);
            int twelfth = (int)((place & 0xffff) * 12L >> 16);
            ReadOnlySpan<short> rising = filters.Slice(4 * twelfth, 4);
            ReadOnlySpan<short> falling = filters.Slice(4 * (11 - twelfth), 4);
            int sum = (near[0] * rising[0]) + (near[1] * rising[1]) + (near[2] * rising[2]) + (near[3] * rising[3])
                + (near[4] * falling[3]) + (near[5] * falling[2]) + (near[6] * falling[1]) + (near[7] * falling[0]);
            output[i] = SilkMath.Saturate(SilkMath.Round(sum, 15)) * (1f / 32768);
        }

        _double.AsSpan(2 * input.Length, Taps).CopyTo(_double);
    }

    private void Double(ReadOnlySpan<short> input, Span<short> output)
    {
        Span<int> even = _state.AsSpan(0, Sections);
        Span<int> odd = _state.AsSpan(Sections, Sections);
        for (int i = 0; i < input.Length; i++)
        {
            int sample = input[i] << 10;
            output[2 * i] = Pass(even, sample, EvenWeights);
            output[(2 * i) + 1] = Pass(odd, sample, OddWeights);
        }
    }

    // Three all-pass sections of the first order.
    private static short Pass(Span<int> state, int sample, ReadOnlySpan<int> weights)
    {
        for (int i = 0; i < Sections; i++)
        {
            int part = SilkMath.Multiply(sample - state[i], weights[i]);
            (sample, state[i]) = (state[i] + part, sample + part);
        }

        return SilkMath.Saturate(SilkMath.Round(sample, 10));
    }
}
