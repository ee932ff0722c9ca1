namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>Joint stereo of layer III. ISO/IEC 11172-3, 2.4.3.4.9; ISO/IEC 13818-3, 2.4.3.2 for the lower sample rates.</summary>
internal static class LayerThreeStereo
{
    private const float Half = 0.70710678f;

    /// <summary>Makes left and right of what is coded.</summary>
    /// <param name="header">The frame's header.</param>
    /// <param name="granule">Side information of the right channel.</param>
    /// <param name="left">The first channel; the left one then.</param>
    /// <param name="right">The second channel; the right one then.</param>
    public static void Process(
        MpegFrameHeader header, LayerThreeGranule granule, LayerThreeSpectrum left, LayerThreeSpectrum right)
    {
        bool isMiddle = (header.ModeExtension & 2) != 0;
        bool isIntensity = (header.ModeExtension & 1) != 0;
        if (!isIntensity)
        {
            if (isMiddle)
            {
                int used = Math.Max(left.Used, right.Used);
                Rotate(left.Values.AsSpan(0, used), right.Values.AsSpan(0, used));
                left.Used = used;
                right.Used = used;
            }

            return;
        }

        LayerThreeBands bands = LayerThreeBands.Of(header);
        LayerThreeBand[] own = !granule.IsShort ? bands.Long : granule.IsMixed ? bands.Mixed : bands.Short;
        Span<bool> isZero = stackalloc bool[own.Length];
        FindZeros(own, right.Values, isZero);
        left.Used = LayerThreeSpectrum.Lines;
        right.Used = LayerThreeSpectrum.Lines;
        for (int i = 0; i < own.Length; i++)
        {
            LayerThreeBand band = own[i];
            int factor = FactorOf(own, isZero, i);
            if (isZero[i] && !(factor >= 0 && granule.IsIllegalPosition(factor)))
            {
                int position = factor >= 0 ? granule.ScaleFactors[factor] : header.Version == 0 ? 3 : 0;
                (float toLeft, float toRight) = Ratios(header, granule, position);
                Spread(band, left.Values, right.Values, toLeft, toRight);
            }
            else if (isMiddle)
            {
                RotateBand(band, left.Values, right.Values);
            }
        }
    }

    // The highest band has no factor of its own: it takes the one below, of the same window.
    private static int FactorOf(LayerThreeBand[] own, ReadOnlySpan<bool> isZero, int i)
    {
        int step = own[i].Window < 0 ? 1 : 3;
        if (i < own.Length - step)
        {
            return own[i].Factor;
        }

        return isZero[i - step] ? own[i - step].Factor : -1;
    }

    // Intensity begins behind the last line of the right channel that is not 0, in short blocks of each window.
    private static void FindZeros(LayerThreeBand[] own, float[] right, Span<bool> isZero)
    {
        Span<bool> found = stackalloc bool[4];
        found.Clear();
        for (int i = own.Length - 1; i >= 0; i--)
        {
            LayerThreeBand band = own[i];
            bool any = band.Window < 0 && (found[1] || found[2] || found[3]);
            int step = band.Window < 0 ? 1 : 3;
            int start = FirstLine(band);
            for (int line = start; line < start + (step * band.Width) && !any; line += step)
            {
                any = right[line] != 0;
            }

            found[band.Window + 1] |= any;
            isZero[i] = !found[band.Window + 1];
        }
    }

    private static int FirstLine(LayerThreeBand band) =>
        band.Window < 0 ? band.Start : band.Start - (band.Window * band.Width) + band.Window;

    private static (float Left, float Right) Ratios(MpegFrameHeader header, LayerThreeGranule granule, int position)
    {
        if (header.Version == 0)
        {
            double ratio = Math.Tan(position * Math.PI / 12);
            return position == 6 ? (1, 0) : ((float)(ratio / (1 + ratio)), (float)(1 / (1 + ratio)));
        }

        double step = (granule.FactorCode & 1) == 1 ? Math.Sqrt(0.5) : Math.Sqrt(Math.Sqrt(0.5));
        var lowered = (float)Math.Pow(step, (position + 1) / 2);
        return (position & 1) == 1 ? (lowered, 1) : (1, lowered);
    }

    private static void Spread(LayerThreeBand band, float[] left, float[] right, float toLeft, float toRight)
    {
        int step = band.Window < 0 ? 1 : 3;
        int line = FirstLine(band);
        for (int i = 0; i < band.Width; i++, line += step)
        {
            right[line] = left[line] * toRight;
            left[line] *= toLeft;
        }
    }

    private static void RotateBand(LayerThreeBand band, float[] left, float[] right)
    {
        int step = band.Window < 0 ? 1 : 3;
        int line = FirstLine(band);
        for (int i = 0; i < band.Width; i++, line += step)
        {
            (left[line], right[line]) = ((left[line] + right[line]) * Half, (left[line] - right[line]) * Half);
        }
    }

    private static void Rotate(Span<float> left, Span<float> right)
    {
        for (int i = 0; i < left.Length; i++)
        {
            float middle = left[i];
            left[i] = (middle + right[i]) * Half;
            right[i] = (middle - right[i]) * Half;
        }
    }
}
