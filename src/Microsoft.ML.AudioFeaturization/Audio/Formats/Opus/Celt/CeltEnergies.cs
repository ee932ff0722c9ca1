namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>
/// Energies of the bands of two channels, as logarithms to base 2 without their means (RFC 6716, section 4.3.2). The second
/// channel's stand behind the first one's.
/// </summary>
internal sealed class CeltEnergies
{
    /// <summary>Energy of a band that has none.</summary>
    public const float None = -28;

    /// <summary>The most bits of fine energy.</summary>
    public const int MaximumFineBits = 8;

    private const int Bands = CeltTables.Bands;

    private static ReadOnlySpan<float> TimeWeights => [29440 / 32768f, 26112 / 32768f, 21248 / 32768f, 16384 / 32768f];

    private static ReadOnlySpan<float> BandWeights => [30147 / 32768f, 22282 / 32768f, 12124 / 32768f, 6554 / 32768f];

    private readonly float[] _last = new float[2 * Bands];
    private readonly float[] _beforeLast = new float[2 * Bands];
    private readonly float[] _floor = new float[2 * Bands];

    /// <summary>Of the frame that is read.</summary>
    public float[] Current { get; } = new float[2 * Bands];

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        Array.Clear(Current);
        Array.Clear(_floor);
        Array.Fill(_last, None);
        Array.Fill(_beforeLast, None);
    }

    /// <summary>Prepares to read a frame of one channel.</summary>
    public void Join()
    {
        for (int band = 0; band < Bands; band++)
        {
            Current[band] = Math.Max(Current[band], Current[band + Bands]);
        }
    }

    /// <summary>Reads energies to a factor of two (section 4.3.2.1).</summary>
    public void ReadCoarse(RangeDecoder range, CeltFrame frame, bool isIntra)
    {
        float timeWeight = isIntra ? 0 : TimeWeights[frame.Level];
        float bandWeight = isIntra ? 4915 / 32768f : BandWeights[frame.Level];
        ReadOnlySpan<byte> model = CeltTables.EnergyModels.Slice(
            ((frame.Level * 2) + (isIntra ? 1 : 0)) * 2 * Bands, 2 * Bands);
        int budget = range.Length * 8;
        Span<float> before = [0, 0];
        for (int band = frame.Start; band < frame.End; band++)
        {
            for (int channel = 0; channel < frame.Channels; channel++)
            {
                int left = budget - range.Bits;
                int step;
                if (left >= 15)
                {
                    step = ReadLaplace(range, (uint)model[2 * band] << 7, model[(2 * band) + 1] << 6);
                }
                else if (left >= 2)
                {
                    int symbol = range.ReadSymbol(CeltTables.SmallEnergySymbols, 2);
                    step = (symbol >> 1) ^ -(symbol & 1);
                }
                else
                {
                    step = left >= 1 && !range.ReadFlag(1) ? 0 : -1;
                }

                ref float energy = ref Current[band + (channel * Bands)];
                energy = (timeWeight * Math.Max(-9, energy)) + before[channel] + step;
                before[channel] += step - (bandWeight * step);
            }
        }
    }

    /// <summary>Reads what the allocation gave to finer steps (section 4.3.2.2).</summary>
    public void ReadFine(RangeDecoder range, CeltFrame frame)
    {
        for (int band = frame.Start; band < frame.End; band++)
        {
            int bits = frame.FineBits[band];
            for (int channel = 0; bits > 0 && channel < frame.Channels; channel++)
            {
                Current[band + (channel * Bands)] += ((range.ReadPlain(bits) + 0.5f) / (1 << bits)) - 0.5f;
            }
        }
    }

    /// <summary>Reads bits that are left at the end of a frame, one a band.</summary>
    public void ReadLast(RangeDecoder range, CeltFrame frame)
    {
        int left = (range.Length * 8) - range.Bits;
        for (int pass = 0; pass < 2; pass++)
        {
            for (int band = frame.Start; band < frame.End && left >= frame.Channels; band++)
            {
                if (frame.FineBits[band] >= MaximumFineBits || frame.IsLast[band] != (pass == 1))
                {
                    continue;
                }

                for (int channel = 0; channel < frame.Channels; channel++, left--)
                {
                    Current[band + (channel * Bands)] += (range.ReadPlain(1) - 0.5f) / (1 << (frame.FineBits[band] + 1));
                }
            }
        }
    }

    /// <summary>Tells how loud noise is that fills a block without pulses (section 4.3.5).</summary>
    public float NoiseOf(CeltFrame frame, int band, int channel)
    {
        int place = band + (channel * Bands);
        float last = _last[place];
        float beforeLast = _beforeLast[place];
        if (frame.Channels == 1)
        {
            last = Math.Max(last, _last[band + Bands]);
            beforeLast = Math.Max(beforeLast, _beforeLast[band + Bands]);
        }

        float rise = Math.Max(0, Current[place] - Math.Min(last, beforeLast));
        return 2 * MathF.Pow(2, -rise) * (frame.Level == 3 ? 1.41421356f : 1);
    }

    /// <summary>Sets all bands to nothing.</summary>
    public void Silence(CeltFrame frame) => Array.Fill(Current, None, 0, frame.Channels * Bands);

    /// <summary>Ends a frame: the next one is predicted from it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="lost">How many frames were lost before it.</param>
    public void End(CeltFrame frame, int lost)
    {
        if (frame.Channels == 1)
        {
            Array.Copy(Current, 0, Current, Bands, Bands);
        }

        if (frame.IsTransient)
        {
            for (int i = 0; i < _last.Length; i++)
            {
                _last[i] = Math.Min(_last[i], Current[i]);
            }
        }
        else
        {
            _last.CopyTo(_beforeLast, 0);
            Current.CopyTo(_last, 0);
        }

        float increase = lost < 10 ? 0.001f * (1 << frame.Level) : 1;
        for (int i = 0; i < _floor.Length; i++)
        {
            _floor[i] = Math.Min(_floor[i] + increase, Current[i]);
        }

        for (int band = 0; band < Bands; band++)
        {
            if (band < frame.Start || band >= frame.End)
            {
                for (int place = band; place < 2 * Bands; place += Bands)
                {
                    Current[place] = 0;
                    _last[place] = _beforeLast[place] = None;
                }
            }
        }
    }

    /// <summary>Lets energies fall where a frame is lost, down to those of what was steady.</summary>
    public void Decay(CeltFrame frame, float by)
    {
        for (int band = frame.Start; band < frame.End; band++)
        {
            for (int place = band; place < frame.Channels * Bands; place += Bands)
            {
                Current[place] = Math.Max(_floor[place], Current[place] - by);
            }
        }
    }

    // Section 4.3.2.1: a probability of 0, and two sides that decay, down to a least one.
    private static int ReadLaplace(RangeDecoder range, uint zero, int decay)
    {
        const uint Least = 1;
        const uint LeastCount = 16;
        uint found = range.Locate(1 << 15);
        if (found < zero)
        {
            range.Take(0, zero, 1 << 15);
            return 0;
        }

        int value = 1;
        uint low = zero;
        uint width = ((((1u << 15) - (2 * LeastCount * Least) - zero) * (uint)(16384 - decay)) >> 15) + Least;
        while (width > Least && found >= low + (2 * width))
        {
            width *= 2;
            low += width;
            width = (((width - (2 * Least)) * (uint)decay) >> 15) + Least;
            value++;
        }

        if (width <= Least)
        {
            uint more = (found - low) / (2 * Least);
            value += (int)more;
            low += 2 * more * Least;
        }

        if (found < low + width)
        {
            value = -value;
        }
        else
        {
            low += width;
        }

        range.Take(low, Math.Min(low + width, 1u << 15), 1 << 15);
        return value;
    }
}
