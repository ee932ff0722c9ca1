namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>Noise like that of the last inactive frames, added to frames that were lost or not sent.</summary>
/// <param name="channel">The channel.</param>
internal sealed class SilkComfortNoise(SilkChannel channel)
{
    private const int MaximumOrder = SilkSynthesis.MaximumOrder;
    private const int MaximumSamples = 320;

    private readonly short[] _frequencies = new short[MaximumOrder];
    private readonly int[] _excitation = new int[MaximumSamples];
    private readonly int[] _state = new int[MaximumOrder];
    private readonly int[] _signal = new int[MaximumOrder + MaximumSamples];
    private readonly short[] _noise = new short[MaximumSamples];
    private int _kilohertz;
    private int _gain;
    private int _seed;

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        _kilohertz = 0;
        Array.Clear(_excitation);
        Array.Clear(_state);
    }

    /// <summary>Learns from a frame that was decoded, or adds noise to one that was not.</summary>
    /// <param name="output">The frame.</param>
    /// <param name="made">Gain of the noise that it has, in Q16.</param>
    public void Run(Span<short> output, int made)
    {
        int order = channel.Spectrum.Order;
        if (channel.Kilohertz != _kilohertz)
        {
            _kilohertz = channel.Kilohertz;
            int step = short.MaxValue / (order + 1);
            for (int i = 0; i < order; i++)
            {
                _frequencies[i] = (short)(step * (i + 1));
            }

            _gain = 0;
            _seed = 3176576;
        }

        if (channel.Lost == 0)
        {
            Array.Clear(_state);
            if (channel.LastType == 0)
            {
                Learn(order);
            }
        }
        else
        {
            Add(output, made, order);
        }
    }

    private void Learn(int order)
    {
        for (int i = 0; i < order; i++)
        {
            _frequencies[i] += (short)SilkMath.Scale(channel.LastFrequencies[i] - _frequencies[i], 16348);
        }

        int loudest = 0;
        int[] gains = channel.Parameters.Gains;
        for (int i = 1; i < channel.Subframes; i++)
        {
            loudest = gains[i] > gains[loudest] ? i : loudest;
        }

        int samples = channel.SubframeSamples;
        Array.Copy(_excitation, 0, _excitation, samples, (channel.Subframes - 1) * samples);
        Array.Copy(channel.Excitation, loudest * samples, _excitation, 0, samples);
        for (int i = 0; i < channel.Subframes; i++)
        {
            _gain += SilkMath.Scale(gains[i] - _gain, 4634);
        }
    }

    private void Add(Span<short> output, int made, int order)
    {
        int gain = GainBeside(made) >> 6;
        int mask = 255;
        while (mask > output.Length)
        {
            mask >>= 1;
        }

        Span<short> filter = stackalloc short[MaximumOrder];
        filter = filter[..order];
        channel.Spectrum.MakeFilter(_frequencies, filter);
        _state.CopyTo(_signal, 0);
        Span<int> excitation = _signal.AsSpan(MaximumOrder, output.Length);
        foreach (ref int value in excitation)
        {
            _seed = SilkMath.Random(_seed);
            value = _excitation[_seed >> 24 & mask];
        }

        Span<short> noise = _noise.AsSpan(0, output.Length);
        SilkSynthesis.Run(excitation, filter, gain, _signal, noise);
        for (int i = 0; i < output.Length; i++)
        {
            output[i] = SilkMath.Saturate(output[i] + noise[i]);
        }

        _signal.AsSpan(output.Length, MaximumOrder).CopyTo(_state);
    }

    // What is missing of the noise's power, in Q16.
    private int GainBeside(int made)
    {
        int shift = made >= 1 << 21 || _gain > 1 << 23 ? 16 : 8;
        int Power(int gain) => shift == 16 ? (gain >> 16) * (gain >> 16) : SilkMath.Multiply(gain, gain);
        return SilkMath.Root(unchecked(Power(_gain) - (Power(made) << 5))) << shift;
    }
}
