using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>Decodes Vorbis packets to blocks, and overlaps each with the one before it (Vorbis I, section 4.3).</summary>
internal sealed class VorbisBlock
{
    private readonly VorbisSetup _setup;
    private readonly int _modeBits;
    private readonly InverseMdct _shortTransform;
    private readonly InverseMdct _longTransform;
    private readonly float[] _shortSlope;
    private readonly float[] _longSlope;
    private readonly float[][] _spectra;
    private readonly float[] _signal;
    private readonly int[][] _heights;
    private readonly bool[] _hasFloor;
    private readonly bool[] _isSilent;

    // For each channel where it comes in a frame.
    private readonly int[] _places;

    // The second half of the last block, under its window; and the block's length.
    private readonly float[][] _tails;
    private int _previous;

    /// <param name="setup">The headers.</param>
    public VorbisBlock(VorbisSetup setup)
    {
        _setup = setup;
        _modeBits = 32 - BitOperations.LeadingZeroCount((uint)setup.Modes.Length - 1);
        _shortTransform = new InverseMdct(setup.ShortBlock);
        _longTransform = new InverseMdct(setup.LongBlock);
        _shortSlope = MakeSlope(setup.ShortBlock / 2);
        _longSlope = MakeSlope(setup.LongBlock / 2);
        _spectra = MakeRows(setup.Channels, setup.LongBlock / 2);
        _tails = MakeRows(setup.Channels, setup.LongBlock / 2);
        _signal = new float[setup.LongBlock];
        _heights = new int[setup.Channels][];
        _hasFloor = new bool[setup.Channels];
        _isSilent = new bool[setup.Channels];
        _places = new int[setup.Channels];
        int[] order = OggChannels.Order(setup.Channels);
        for (int i = 0; i < order.Length; i++)
        {
            _places[order[i]] = i;
        }

        int points = setup.Modes.SelectMany(mode => mode.Mapping.Floors).Max(floor => floor.Points);
        for (int i = 0; i < _heights.Length; i++)
        {
            _heights[i] = new int[points];
        }
    }

    /// <summary>Forgets the last block.</summary>
    public void Restart() => _previous = 0;

    /// <summary>Takes silence for the last block.</summary>
    public void Leave(int length)
    {
        foreach (float[] tail in _tails)
        {
            tail.AsSpan().Clear();
        }

        _previous = length;
    }

    /// <summary>Decodes a packet of audio.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="interleaved">
    /// Room for a quarter of the last block and a quarter of this one in each channel, or none if there is no last block.
    /// </param>
    public void Decode(ReadOnlySpan<byte> packet, Span<float> interleaved)
    {
        var bits = new VorbisBits(packet);
        bits.Read(1);
        (bool isLong, VorbisMapping mapping) = _setup.Modes[bits.Read(_modeBits)];
        bool isLongBefore = isLong && bits.ReadFlag();
        bool isLongAfter = isLong && bits.ReadFlag();
        int length = isLong ? _setup.LongBlock : _setup.ShortBlock;
        ReadSpectra(ref bits, mapping, length / 2);

        InverseMdct transform = isLong ? _longTransform : _shortTransform;
        for (int channel = 0; channel < _setup.Channels; channel++)
        {
            Span<float> signal = _signal.AsSpan(0, length);
            if (_hasFloor[channel])
            {
                Span<float> spectrum = _spectra[channel].AsSpan(0, length / 2);
                VorbisFloor floor = mapping.Floors[mapping.Submaps[channel]];
                floor.Apply(_heights[channel].AsSpan(0, floor.Points), spectrum);
                transform.Run(spectrum, 1, signal[(length / 4)..]);
                Mirror(signal);
                Shape(signal, isLongBefore ? _longSlope : _shortSlope, isLongAfter ? _longSlope : _shortSlope);
            }
            else
            {
                signal.Clear();
            }

            if (_previous > 0)
            {
                Overlap(_tails[channel], _previous, signal, interleaved[_places[channel]..], _setup.Channels);
            }

            signal[(length / 2)..].CopyTo(_tails[channel]);
        }

        _previous = length;
    }

    // The outer quarters of a transformed block.
    private static void Mirror(Span<float> signal)
    {
        int half = signal.Length / 2;
        for (int i = 0; i < half / 2; i++)
        {
            signal[i] = -signal[half - 1 - i];
            signal[signal.Length - 1 - i] = signal[half + i];
        }
    }

    private static float[][] MakeRows(int count, int length)
    {
        var rows = new float[count][];
        for (int i = 0; i < count; i++)
        {
            rows[i] = new float[length];
        }

        return rows;
    }

    // Section 1.3.2: the rising half of the window.
    private static float[] MakeSlope(int length)
    {
        var slope = new float[length];
        for (int i = 0; i < length; i++)
        {
            double sine = Math.Sin((i + 0.5) / length * Math.PI / 2);
            slope[i] = (float)Math.Sin(Math.PI / 2 * sine * sine);
        }

        return slope;
    }

    // The slopes lie around the first and the third quarter of a block.
    private static void Shape(Span<float> signal, float[] before, float[] after)
    {
        int quarter = signal.Length / 4;
        int start = quarter - (before.Length / 2);
        signal[..start].Clear();
        Span<float> rising = signal.Slice(start, before.Length);
        for (int i = 0; i < rising.Length; i++)
        {
            rising[i] *= before[i];
        }

        start = (3 * quarter) - (after.Length / 2);
        Span<float> falling = signal.Slice(start, after.Length);
        for (int i = 0; i < falling.Length; i++)
        {
            falling[i] *= after[^(i + 1)];
        }

        signal[(start + after.Length)..].Clear();
    }

    // Both slopes are centred at the same sample: from the last block's middle to this one's.
    private static void Overlap(
        ReadOnlySpan<float> tail, int previous, ReadOnlySpan<float> signal, Span<float> interleaved, int channels)
    {
        int shift = (signal.Length - previous) / 4;
        int count = (signal.Length + previous) / 4;
        tail = tail[..(previous / 2)];
        for (int i = 0, j = 0; i < count; i++, j += channels)
        {
            int place = i + shift;
            float value = i < tail.Length ? tail[i] : 0;
            interleaved[j] = place >= 0 ? value + signal[place] : value;
        }
    }

    private void ReadSpectra(ref VorbisBits bits, VorbisMapping mapping, int length)
    {
        for (int channel = 0; channel < _setup.Channels; channel++)
        {
            VorbisFloor floor = mapping.Floors[mapping.Submaps[channel]];
            _hasFloor[channel] = floor.Decode(ref bits, _heights[channel].AsSpan(0, floor.Points));
            _isSilent[channel] = !_hasFloor[channel];
            _spectra[channel].AsSpan(0, length).Clear();
        }

        // Of a coupled pair each needs the other.
        foreach ((int magnitude, int angle) in mapping.Couplings)
        {
            bool isSilent = _isSilent[magnitude] && _isSilent[angle];
            _isSilent[magnitude] = _isSilent[angle] = isSilent;
        }

        for (int submap = 0; submap < mapping.Residues.Length; submap++)
        {
            ReadResidue(ref bits, mapping, submap, length);
        }

        for (int i = mapping.Couplings.Length - 1; i >= 0; i--)
        {
            (int magnitude, int angle) = mapping.Couplings[i];
            Decouple(_spectra[magnitude].AsSpan(0, length), _spectra[angle].AsSpan(0, length));
        }
    }

    private void ReadResidue(ref VorbisBits bits, VorbisMapping mapping, int submap, int length)
    {
        if (mapping.Residues.Length == 1)
        {
            mapping.Residues[0].Decode(ref bits, _spectra, _isSilent, length);
            return;
        }

        var spectra = new List<float[]>();
        var isSilent = new List<bool>();
        for (int channel = 0; channel < _setup.Channels; channel++)
        {
            if (mapping.Submaps[channel] == submap)
            {
                spectra.Add(_spectra[channel]);
                isSilent.Add(_isSilent[channel]);
            }
        }

        mapping.Residues[submap].Decode(
            ref bits, CollectionsMarshal.AsSpan(spectra), CollectionsMarshal.AsSpan(isSilent), length);
    }

    // Section 4.3.5: from magnitude and angle to two channels.
    private static void Decouple(Span<float> first, Span<float> second)
    {
        for (int i = 0; i < first.Length && i < second.Length; i++)
        {
            float magnitude = first[i];
            float angle = second[i];
            float other = magnitude > 0
                ? angle > 0 ? magnitude - angle : magnitude + angle
                : angle > 0 ? magnitude + angle : magnitude - angle;
            first[i] = angle > 0 ? magnitude : other;
            second[i] = angle > 0 ? other : magnitude;
        }
    }
}
