namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>Divides the bits of a frame among its bands, as the encoder did (RFC 6716, section 4.3.3).</summary>
/// <param name="range">From which boosts, tilt, skipping and stereo are read.</param>
internal sealed class CeltAllocation(RangeDecoder range)
{
    private const int Rates = 11;
    private const int Bands = CeltTables.Bands;
    private const int Bit = 8;

    private readonly int[] _caps = new int[Bands];
    private readonly int[] _least = new int[Bands];
    private readonly int[] _tilts = new int[Bands];
    private readonly int[] _lower = new int[Bands];
    private readonly int[] _steps = new int[Bands];

    /// <summary>Reads the boosts of bands, and the tilt.</summary>
    /// <returns>The tilt: 5 where there is none.</returns>
    public int ReadBoosts(CeltFrame frame)
    {
        int total = range.Length * 8 * Bit;
        int told = range.Eighths;
        int firstLog = 6;
        for (int band = frame.Start; band < frame.End; band++)
        {
            int index = (((2 * frame.Level) + frame.Channels - 1) * Bands) + band;
            int lines = frame.Channels * frame.Width(band);
            _caps[band] = (CeltTables.Caps[index] + 64) * lines >> 2;

            // Section 4.3.3: the step of a boost; narrow bands step by 8 a line, wide ones by 1.
            int quantum = Math.Min(lines * Bit, Math.Max(6 * Bit, lines));
            int boost = 0;
            int log = firstLog;
            while (told + (log * Bit) < total && boost < _caps[band])
            {
                bool isMore = range.ReadFlag(log);
                told = range.Eighths;
                if (!isMore)
                {
                    break;
                }

                boost += quantum;
                total -= quantum;
                log = 1;
            }

            frame.Boosts[band] = boost;
            firstLog = boost > 0 ? Math.Max(2, firstLog - 1) : firstLog;
        }

        return told + (6 * Bit) <= total ? range.ReadSymbol(CeltTables.TiltSymbols, 7) : 5;
    }

    /// <summary>Divides bits.</summary>
    /// <param name="frame">The frame; what it tells of bits and stereo is set.</param>
    /// <param name="tilt">As <see cref="ReadBoosts"/> gave it.</param>
    /// <param name="total">Eighths of bits.</param>
    public void Divide(CeltFrame frame, int tilt, int total)
    {
        total = Math.Max(total, 0);
        int skipReserve = total >= Bit ? Bit : 0;
        total -= skipReserve;
        int intensityReserve = 0;
        int dualReserve = 0;
        if (frame.Channels == 2)
        {
            intensityReserve = CeltTables.LogCounts[frame.End - frame.Start];
            if (intensityReserve > total)
            {
                intensityReserve = 0;
            }
            else
            {
                total -= intensityReserve;
                dualReserve = total >= Bit ? Bit : 0;
                total -= dualReserve;
            }
        }

        int firstBoosted = Interpolate(frame, tilt, total);
        int used = ChooseRate(frame, total);
        total += Skip(frame, firstBoosted, total, skipReserve, ref used, ref intensityReserve);
        ReadStereo(frame, intensityReserve, ref dualReserve, ref total);
        Distribute(frame, total - used);
        Refine(frame);
    }

    // Sets the two rates between which the frame's lies, and returns the last band that is boosted, or the first.
    private int Interpolate(CeltFrame frame, int tilt, int total)
    {
        int channels = frame.Channels;
        for (int band = frame.Start; band < frame.End; band++)
        {
            int width = frame.Width(band);
            _least[band] = Math.Max(channels * Bit, 3 * width * Bit >> 4);
            _tilts[band] = channels * (width >> frame.Level) * (tilt - 5 - frame.Level) * (frame.End - band - 1)
                * (1 << (frame.Level + 3)) >> 6;
            _tilts[band] -= width == 1 ? channels * Bit : 0;
        }

        int low = 1;
        int high = Rates - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            int sum = 0;
            bool isAbove = false;
            for (int band = frame.End - 1; band >= frame.Start; band--)
            {
                int bits = BitsAt(frame, band, middle) + frame.Boosts[band];
                sum += Counted(frame, band, bits, ref isAbove);
            }

            (low, high) = sum > total ? (low, middle - 1) : (middle + 1, high);
        }

        int firstBoosted = frame.Start;
        for (int band = frame.Start; band < frame.End; band++)
        {
            int below = BitsAt(frame, band, low - 1) + (low > 1 ? frame.Boosts[band] : 0);
            int above = (low >= Rates ? Capped(_caps[band], _tilts[band]) : BitsAt(frame, band, low)) + frame.Boosts[band];
            firstBoosted = frame.Boosts[band] > 0 ? band : firstBoosted;
            _lower[band] = below;
            _steps[band] = Math.Max(0, above - below);
        }

        return firstBoosted;
    }

    private int BitsAt(CeltFrame frame, int band, int rate) => Capped(
        frame.Channels * (CeltTables.BandEdges[band + 1] - CeltTables.BandEdges[band])
            * CeltTables.Allocation[(rate * Bands) + band] << frame.Level >> 2,
        _tilts[band]);

    private static int Capped(int bits, int tilt) => bits > 0 ? Math.Max(0, bits + tilt) : bits;

    // Bands at the end that have too few bits for a shape get a bit for each channel's energy, or nothing.
    private int Counted(CeltFrame frame, int band, int bits, ref bool isAbove)
    {
        isAbove |= bits >= _least[band];
        int least = frame.Channels * Bit;
        return isAbove ? Math.Min(bits, _caps[band]) : bits >= least ? least : 0;
    }

    // Sets the bits of all bands and returns their sum.
    private int ChooseRate(CeltFrame frame, int total)
    {
        int low = 0;
        int high = 64;
        for (int i = 0; i < 6; i++)
        {
            int middle = (low + high) >> 1;
            int sum = 0;
            bool isAbove = false;
            for (int band = frame.End - 1; band >= frame.Start; band--)
            {
                sum += Counted(frame, band, _lower[band] + (middle * _steps[band] >> 6), ref isAbove);
            }

            (low, high) = sum > total ? (low, middle) : (middle, high);
        }

        int used = 0;
        bool isCoded = false;
        for (int band = frame.End - 1; band >= frame.Start; band--)
        {
            int bits = Counted(frame, band, _lower[band] + (low * _steps[band] >> 6), ref isCoded);
            frame.ShapeBits[band] = Math.Min(bits, _caps[band]);
            used += frame.ShapeBits[band];
        }

        return used;
    }

    // Sets the number of coded bands, and returns what was reserved and is not needed.
    private int Skip(
        CeltFrame frame, int firstBoosted, int total, int skipReserve, ref int used, ref int intensityReserve)
    {
        int least = frame.Channels * Bit;
        ReadOnlySpan<byte> edges = CeltTables.BandEdges;
        int coded = frame.End;
        for (; ; coded--)
        {
            int band = coded - 1;
            if (band <= firstBoosted)
            {
                frame.CodedBands = coded;
                return skipReserve;
            }

            int left = total - used;
            int lines = edges[coded] - edges[frame.Start];
            int each = left / lines;
            int rest = Math.Max(left - (lines * each) - (edges[band] - edges[frame.Start]), 0);
            int bits = frame.ShapeBits[band] + (each * (edges[coded] - edges[band])) + rest;
            if (bits >= Math.Max(_least[band], least + Bit))
            {
                if (range.ReadFlag(1))
                {
                    frame.CodedBands = coded;
                    return 0;
                }

                used += Bit;
                bits -= Bit;
            }

            used -= frame.ShapeBits[band] + intensityReserve;
            if (intensityReserve > 0)
            {
                intensityReserve = CeltTables.LogCounts[band - frame.Start];
            }

            used += intensityReserve;
            frame.ShapeBits[band] = bits >= least ? least : 0;
            used += frame.ShapeBits[band];
        }
    }

    private void ReadStereo(CeltFrame frame, int intensityReserve, ref int dualReserve, ref int total)
    {
        frame.Intensity = intensityReserve > 0
            ? frame.Start + (int)range.ReadUniform((uint)(frame.CodedBands + 1 - frame.Start)) : 0;
        if (frame.Intensity <= frame.Start)
        {
            total += dualReserve;
            dualReserve = 0;
        }

        frame.IsDualStereo = dualReserve > 0 && range.ReadFlag(1);
    }

    private static void Distribute(CeltFrame frame, int left)
    {
        ReadOnlySpan<byte> edges = CeltTables.BandEdges;
        int lines = edges[frame.CodedBands] - edges[frame.Start];
        int each = left / lines;
        left -= each * lines;
        for (int band = frame.Start; band < frame.CodedBands; band++)
        {
            int width = edges[band + 1] - edges[band];
            int more = Math.Min(left, width);
            frame.ShapeBits[band] += (each * width) + more;
            left -= more;
        }
    }

    // Parts the bits of each band between fine energy and shape.
    private void Refine(CeltFrame frame)
    {
        int channels = frame.Channels;
        int stereo = channels - 1;
        int balance = 0;
        int band = frame.Start;
        for (; band < frame.CodedBands; band++)
        {
            int width = frame.Width(band);
            int bits = frame.ShapeBits[band] + balance;
            int excess;
            if (width > 1)
            {
                excess = Math.Max(bits - _caps[band], 0);
                bits -= excess;
                int freedoms = (channels * width)
                    + (channels == 2 && width > 2 && !frame.IsDualStereo && band < frame.Intensity ? 1 : 0);
                int logs = freedoms * (CeltTables.LogWidths[band] + (frame.Level * Bit));
                int offset = (logs >> 1) - (freedoms * 21) + (width == 2 ? freedoms * Bit >> 2 : 0);
                offset += bits + offset < freedoms * 2 * Bit ? logs >> 2
                    : bits + offset < freedoms * 3 * Bit ? logs >> 3 : 0;
                int fine = Math.Max(0, bits + offset + (freedoms << 2)) / freedoms >> 3;
                if (channels * fine > bits >> 3)
                {
                    fine = bits >> stereo >> 3;
                }

                fine = Math.Min(fine, CeltEnergies.MaximumFineBits);
                frame.IsLast[band] = fine * freedoms * Bit >= bits + offset;
                frame.FineBits[band] = fine;
                frame.ShapeBits[band] = bits - (channels * fine * Bit);
            }
            else
            {
                // A line alone needs a sign; all else goes to its energy.
                excess = Math.Max(0, bits - (channels * Bit));
                frame.ShapeBits[band] = bits - excess;
                frame.FineBits[band] = 0;
                frame.IsLast[band] = true;
            }

            if (excess > 0)
            {
                int more = Math.Min(excess >> (stereo + 3), CeltEnergies.MaximumFineBits - frame.FineBits[band]);
                frame.FineBits[band] += more;
                int moreBits = more * channels * Bit;
                frame.IsLast[band] = moreBits >= excess - balance;
                excess -= moreBits;
            }

            balance = excess;
        }

        frame.Balance = balance;
        for (; band < frame.End; band++)
        {
            frame.FineBits[band] = frame.ShapeBits[band] >> stereo >> 3;
            frame.ShapeBits[band] = 0;
            frame.IsLast[band] = frame.FineBits[band] < 1;
        }
    }
}
