namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>
/// Reads the shapes of all bands of a frame (RFC 6716, section 4.3.4): spectra in which each band has the norm 1.
/// </summary>
/// <param name="range">Where from.</param>
/// <param name="invertsPhases">Whether a band's second channel may be the first one's negative (RFC 8251, section 10).</param>
internal sealed class CeltBands(RangeDecoder range, bool invertsPhases)
{
    private const int MaximumLines = 960;

    private readonly CeltPartition _partition = new(range);
    private readonly CeltStereo _stereo = new(range, invertsPhases);

    // What bands fold from, in each channel, the first band at 0.
    private readonly float[] _folds = new float[MaximumLines];
    private readonly float[] _otherFolds = new float[MaximumLines];

    /// <summary>The state of the generator of noise.</summary>
    public uint Seed
    {
        get => _partition.Seed;
        set => _partition.Seed = value;
    }

    /// <summary>Reads all bands.</summary>
    /// <param name="frame">The frame; <see cref="CeltFrame.Filled"/> is set.</param>
    /// <param name="bits">Eighths of bits that the frame has.</param>
    /// <param name="first">Room for the spectrum of the first channel.</param>
    /// <param name="second">Room for the second one's, or empty.</param>
    public void Read(CeltFrame frame, int bits, Span<float> first, Span<float> second)
    {
        int blocks = frame.IsTransient ? 1 << frame.Level : 1;
        int origin = frame.Edge(frame.Start);
        int balance = frame.Balance;
        int foldBand = 0;
        bool movesFold = true;
        bool isDual = frame.IsDualStereo;
        for (int band = frame.Start; band < frame.End; band++)
        {
            int place = frame.Edge(band);
            int width = frame.Width(band);
            Span<float> x = first.Slice(place, width);
            Span<float> y = second.IsEmpty ? second : second.Slice(place, width);
            int told = range.Eighths;
            balance -= band == frame.Start ? 0 : told;
            int remaining = bits - told - 1;
            int given = 0;
            if (band < frame.CodedBands)
            {
                int share = balance / Math.Min(3, frame.CodedBands - band);
                given = Math.Clamp(Math.Min(remaining + 1, frame.ShapeBits[band] + share), 0, 16383);
            }

            if ((place - width >= origin || band == frame.Start + 1) && (movesFold || foldBand == 0))
            {
                foldBand = band;
            }

            if (band == frame.Start + 1)
            {
                LengthenFold(frame, isDual);
            }

            int resolution = frame.Resolutions[band];
            (uint filled, uint otherFilled) = ((1u << blocks) - 1, (1u << blocks) - 1);
            int fold = -1;
            if (foldBand != 0 && (frame.Spread != 3 || blocks > 1 || resolution < 0))
            {
                // Where it would overlap the band itself, it begins earlier.
                fold = Math.Max(0, frame.Edge(foldBand) - origin - width);
                (filled, otherFilled) = FilledFrom(frame, foldBand, band, fold + origin, width);
            }

            if (isDual && band == frame.Intensity)
            {
                isDual = false;
                for (int i = 0; i < place - origin; i++)
                {
                    _folds[i] = (_folds[i] + _otherFolds[i]) * 0.5f;
                }
            }

            bool isLast = band == frame.End - 1;
            Span<float> low = fold < 0 ? [] : _folds.AsSpan(fold, width);
            Span<float> next = isLast ? [] : _folds.AsSpan(place - origin, width);
            _partition.Begin(frame, band, remaining);
            if (isDual)
            {
                Span<float> otherLow = fold < 0 ? [] : _otherFolds.AsSpan(fold, width);
                Span<float> otherNext = isLast ? [] : _otherFolds.AsSpan(place - origin, width);
                filled = _partition.ReadBand(x, given / 2, blocks, low, next, 1, (int)filled);
                otherFilled = _partition.ReadBand(y, given / 2, blocks, otherLow, otherNext, 1, (int)otherFilled);
            }
            else
            {
                filled |= otherFilled;
                filled = y.IsEmpty
                    ? _partition.ReadBand(x, given, blocks, low, next, 1, (int)filled)
                    : _stereo.Read(_partition, x, y, given, blocks, low, next, (int)filled);
                otherFilled = filled;
            }

            frame.Filled[2 * band] = (byte)filled;
            frame.Filled[(2 * band) + 1] = (byte)otherFilled;
            balance += frame.ShapeBits[band] + told;

            // A coarse band is no model for others.
            movesFold = given > width << 3;
        }
    }

    // Which blocks are filled in the bands that a band folds from.
    private static (uint Filled, uint OtherFilled) FilledFrom(CeltFrame frame, int foldBand, int band, int place, int width)
    {
        int start = foldBand - 1;
        while (frame.Edge(start) > place)
        {
            start--;
        }

        int end = foldBand;
        while (end < band && frame.Edge(end) < place + width)
        {
            end++;
        }

        uint filled = 0;
        uint otherFilled = 0;
        for (int i = start; i < end; i++)
        {
            filled |= frame.Filled[2 * i];
            otherFilled |= frame.Filled[(2 * i) + 1];
        }

        return (filled, otherFilled);
    }

    // The second band of the hybrid mode is wider than the first, from which it folds (RFC 8251, section 9).
    private void LengthenFold(CeltFrame frame, bool isDual)
    {
        int width = frame.Width(frame.Start);
        int more = frame.Width(frame.Start + 1) - width;
        if (more > 0)
        {
            _folds.AsSpan(width - more, more).CopyTo(_folds.AsSpan(width));
            if (isDual)
            {
                _otherFolds.AsSpan(width - more, more).CopyTo(_otherFolds.AsSpan(width));
            }
        }
    }
}
