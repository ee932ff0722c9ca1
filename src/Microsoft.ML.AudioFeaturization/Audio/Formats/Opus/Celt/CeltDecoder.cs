namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>The CELT layer of one stream: an MDCT with the energies of its bands apart (RFC 6716, section 4.3).</summary>
internal sealed class CeltDecoder
{
    private const int ShortFrame = 120;
    private const int MaximumSamples = 960;
    private const int Bands = CeltTables.Bands;

    // Behind so many lost frames the pitch is no more that of the sound.
    private const int MaximumRepeats = 5;

    // More frames than this make no difference.
    private const int MaximumLost = 1000;

    private readonly RangeDecoder _range;
    private readonly CeltFrame _frame = new();
    private readonly CeltEnergies _energies = new();
    private readonly CeltAllocation _allocation;
    private readonly CeltBands _bands;
    private readonly CeltSynthesis[] _channels;
    private readonly CeltConcealment _concealment;
    private readonly float[] _shapes = new float[2 * MaximumSamples];
    private readonly float[] _spectrum = new float[MaximumSamples];
    private readonly float[] _otherSpectrum = new float[MaximumSamples];
    private int _lost;

    // Only behind two frames in a row.
    private bool _canRepeat;
    private CeltPostFilter _filter;
    private CeltPostFilter _filterBefore;

    /// <param name="range">From which frames are read.</param>
    /// <param name="channels">Channels that are made, 1 or 2, whatever the frames have.</param>
    public CeltDecoder(RangeDecoder range, int channels)
    {
        _range = range;
        _allocation = new CeltAllocation(range);
        _bands = new CeltBands(range, invertsPhases: channels == 2);
        _channels = new CeltSynthesis[channels];
        for (int i = 0; i < channels; i++)
        {
            _channels[i] = new CeltSynthesis();
        }

        _concealment = new CeltConcealment(_channels);
        Reset();
    }

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        _energies.Reset();
        _bands.Seed = 0;
        _filter = _filterBefore = default;
        _lost = 0;
        _canRepeat = false;
        foreach (CeltSynthesis channel in _channels)
        {
            channel.Reset();
        }
    }

    /// <summary>Decodes a frame, which the range decoder stands in.</summary>
    /// <param name="samples">120, 240, 480 or 960.</param>
    /// <param name="start">The first band.</param>
    /// <param name="end">The band after the last one.</param>
    /// <param name="isStereo">Whether the frame has two channels.</param>
    /// <param name="output">For each channel that is made, room at full scale 1.</param>
    /// <param name="offset">Where in the room the frame is written.</param>
    /// <param name="adds">Whether it is added to what is there.</param>
    public void Decode(int samples, int start, int end, bool isStereo, float[][] output, int offset, bool adds)
    {
        Begin(samples, start, end, isStereo ? 2 : 1);
        _canRepeat = _lost == 0;
        if (!isStereo)
        {
            _energies.Join();
        }

        int total = _range.Length * 8;
        bool isSilent = _range.Bits >= total || (_range.Bits == 1 && _range.ReadFlag(15));
        if (isSilent)
        {
            _range.UseUp();
        }

        CeltPostFilter next = start == 0 && _range.Bits + 16 <= total && _range.ReadFlag(1)
            ? CeltPostFilter.Read(_range) : default;
        _frame.IsTransient = _frame.Level > 0 && _range.Bits + 3 <= total && _range.ReadFlag(3);
        bool isIntra = _range.Bits + 3 <= total && _range.ReadFlag(3);
        _energies.ReadCoarse(_range, _frame, isIntra);
        ReadResolutions(total);
        _frame.Spread = _range.Bits + 4 <= total ? _range.ReadSymbol(CeltTables.SpreadSymbols, 5) : 2;
        int tilt = _allocation.ReadBoosts(_frame);
        int bits = (total << 3) - _range.Eighths - 1;
        int reserve = _frame.IsTransient && _frame.Level >= 2 && bits >= (_frame.Level + 2) << 3 ? 8 : 0;
        _allocation.Divide(_frame, tilt, bits - reserve);
        _energies.ReadFine(_range, _frame);
        Span<float> first = _shapes.AsSpan(0, samples);
        Span<float> second = isStereo ? _shapes.AsSpan(MaximumSamples, samples) : [];
        _bands.Read(_frame, (total << 3) - reserve, first, second);
        bool fillsBlocks = reserve > 0 && _range.ReadPlain(1) != 0;
        _energies.ReadLast(_range, _frame);
        if (fillsBlocks)
        {
            FillBlocks();
        }

        if (isSilent)
        {
            _energies.Silence(_frame);
        }

        Synthesize(samples, isSilent);
        Filter(samples, next);
        _energies.End(_frame, _lost);
        _lost = 0;
        _bands.Seed = _range.Range;
        Give(samples, output, offset, adds);
    }

    /// <summary>
    /// Makes up for a frame that was lost: by the last pitch, then by noise of the energies of the last frame, which fade.
    /// </summary>
    /// <inheritdoc cref="Decode"/>
    public void Conceal(int samples, int start, int end, float[][] output, int offset, bool adds)
    {
        Begin(samples, start, end, _channels.Length);
        if (_lost < MaximumRepeats && start == 0 && _canRepeat)
        {
            _concealment.Extrapolate(samples, _lost++ == 0, _filter);
            Give(samples, output, offset, adds);
            return;
        }

        _frame.IsTransient = false;
        _energies.Decay(_frame, _lost == 0 ? 1.5f : 0.5f);
        uint seed = _bands.Seed;
        for (int channel = 0; channel < _channels.Length; channel++)
        {
            for (int band = start; band < end; band++)
            {
                Span<float> shape = _shapes.AsSpan((channel * MaximumSamples) + _frame.Edge(band), _frame.Width(band));
                foreach (ref float line in shape)
                {
                    seed = CeltPartition.NextSeed(seed);
                    line = (int)seed >> 20;
                }

                CeltPartition.Scale(shape, 1);
            }
        }

        _bands.Seed = seed;
        Synthesize(samples, isSilent: false);
        _lost = Math.Min(MaximumLost, _lost + 1);
        Give(samples, output, offset, adds);
    }

    private void Begin(int samples, int start, int end, int channels)
    {
        _frame.Level = samples >= 8 * ShortFrame ? 3 : samples >= 4 * ShortFrame ? 2 : samples >= 2 * ShortFrame ? 1 : 0;
        _frame.Start = start;
        _frame.End = end;
        _frame.Channels = channels;
    }

    private void Give(int samples, float[][] output, int offset, bool adds)
    {
        for (int channel = 0; channel < _channels.Length; channel++)
        {
            _channels[channel].Give(output[channel].AsSpan(offset, samples), adds);
        }
    }

    // Section 4.3.4.5.
    private void ReadResolutions(int total)
    {
        int firstLog = _frame.IsTransient ? 2 : 4;
        bool hasChoice = _frame.Level > 0 && _range.Bits + firstLog + 1 <= total;
        Span<bool> changes = stackalloc bool[Bands];
        ReadChanges(hasChoice ? total - 1 : total, firstLog, changes);

        // Two pairs for the frame: bands without and with a change.
        ReadOnlySpan<sbyte> pairs = CeltTables.Resolutions.Slice((_frame.Level * 8) + (_frame.IsTransient ? 4 : 0), 4);
        int any = changes.Contains(true) ? 1 : 0;
        ReadOnlySpan<sbyte> pair = hasChoice && pairs[any] != pairs[any + 2] && _range.ReadFlag(1) ? pairs[2..] : pairs;
        for (int band = _frame.Start; band < _frame.End; band++)
        {
            _frame.Resolutions[band] = pair[changes[band] ? 1 : 0];
        }
    }

    // Each band tells whether it differs from the one below.
    private void ReadChanges(int budget, int firstLog, Span<bool> changes)
    {
        bool current = false;
        int log = firstLog;
        for (int band = _frame.Start; band < _frame.End; band++)
        {
            current ^= _range.Bits + log <= budget && _range.ReadFlag(log);
            changes[band] = current;
            log = _frame.IsTransient ? 4 : 5;
        }
    }

    // Section 4.3.5: blocks without a pulse get noise, lest they sound as holes.
    private void FillBlocks()
    {
        uint seed = _bands.Seed;
        int blocks = 1 << _frame.Level;
        for (int band = _frame.Start; band < _frame.End; band++)
        {
            int width = CeltTables.BandEdges[band + 1] - CeltTables.BandEdges[band];
            int depth = (1 + _frame.ShapeBits[band]) / width >> _frame.Level;
            float limit = 0.5f * MathF.Pow(2, -0.125f * depth);
            for (int channel = 0; channel < _frame.Channels; channel++)
            {
                float height = Math.Min(limit, _energies.NoiseOf(_frame, band, channel))
                    / MathF.Sqrt(width << _frame.Level);
                Span<float> shape = _shapes.AsSpan((channel * MaximumSamples) + _frame.Edge(band), _frame.Width(band));
                int filled = _frame.Filled[(2 * band) + channel];
                for (int block = 0; block < blocks; block++)
                {
                    for (int i = 0; (filled >> block & 1) == 0 && i < width; i++)
                    {
                        seed = CeltPartition.NextSeed(seed);
                        shape[(i << _frame.Level) + block] = (seed & 0x8000) != 0 ? height : -height;
                    }
                }

                if (filled != (1 << blocks) - 1)
                {
                    CeltPartition.Scale(shape, 1);
                }
            }
        }
    }

    private void Synthesize(int samples, bool isSilent)
    {
        foreach (CeltSynthesis channel in _channels)
        {
            channel.Shift(samples);
        }

        Span<float> spectrum = _spectrum.AsSpan(0, samples);
        Span<float> other = _otherSpectrum.AsSpan(0, samples);
        Denormalize(0, spectrum, isSilent);
        if (_frame.Channels == 2)
        {
            Denormalize(1, other, isSilent);
            if (_channels.Length == 1)
            {
                for (int i = 0; i < samples; i++)
                {
                    spectrum[i] = (spectrum[i] + other[i]) * 0.5f;
                }
            }
        }

        _channels[0].Add(spectrum, _frame.Level, _frame.IsTransient);
        if (_channels.Length == 2)
        {
            _channels[1].Add(_frame.Channels == 2 ? other : spectrum, _frame.Level, _frame.IsTransient);
        }
    }

    // Section 4.3.6.
    private void Denormalize(int channel, Span<float> spectrum, bool isSilent)
    {
        spectrum.Clear();
        for (int band = _frame.Start; !isSilent && band < _frame.End; band++)
        {
            float log = _energies.Current[band + (channel * Bands)] + (CeltTables.MeanEnergies[band] / 16f);

            // RFC 8251, section 8: no more than 32.
            float gain = MathF.Pow(2, Math.Min(32, log));
            ReadOnlySpan<float> shape = _shapes.AsSpan(
                (channel * MaximumSamples) + _frame.Edge(band), _frame.Width(band));
            Span<float> lines = spectrum.Slice(_frame.Edge(band), shape.Length);
            for (int i = 0; i < shape.Length; i++)
            {
                lines[i] = shape[i] * gain;
            }
        }
    }

    // A filter comes into force 2.5 ms late.
    private void Filter(int samples, CeltPostFilter next)
    {
        foreach (CeltSynthesis channel in _channels)
        {
            int start = CeltSynthesis.History - samples;
            channel.Filter(start, ShortFrame, _filterBefore, _filter);
            if (samples > ShortFrame)
            {
                channel.Filter(start + ShortFrame, samples - ShortFrame, _filter, next);
            }
        }

        _filterBefore = samples > ShortFrame ? next : _filter;
        _filter = next;
    }
}
