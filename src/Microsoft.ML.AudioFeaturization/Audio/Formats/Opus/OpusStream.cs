using Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>
/// Decodes one stream of one or two channels: frames of either layer or of both, and the changes between them (RFC 6716,
/// section 4.5).
/// </summary>
internal sealed class OpusStream
{
    private const int Milliseconds = OpusPacket.Rate / 1000;
    private const int Frame20 = 20 * Milliseconds;
    private const int Frame10 = 10 * Milliseconds;
    private const int Frame5 = 5 * Milliseconds;
    private const int Frame2 = Frame5 / 2;

    // The first band above the SILK layer.
    private const int HybridStart = 17;

    private static readonly byte[] s_silence = [0xff, 0xff];

    private readonly RangeDecoder _range = new();
    private readonly OpusPacket _packet = new();
    private readonly CeltDecoder _celt;
    private readonly SilkDecoder _silk;
    private readonly float[][] _crossing;
    private readonly float[][] _redundant;
    private readonly float[][] _short;
    private OpusMode _lastMode;
    private bool _endedRedundant;
    private int _bands = 21;

    /// <param name="channels">Channels that are made: 1 or 2, whatever packets have.</param>
    public OpusStream(int channels)
    {
        _celt = new CeltDecoder(_range, channels);
        _silk = new SilkDecoder(_range, channels);
        _crossing = MakeRows(channels, Frame5);
        _redundant = MakeRows(channels, Frame5);
        _short = MakeRows(channels, Frame10);
        Output = MakeRows(channels, OpusPacket.MaximumSamples);
    }

    /// <summary>What was decoded, a row a channel, at full scale 1.</summary>
    public float[][] Output { get; }

    /// <summary>The state of the range decoder after the last frame, with which an encoder's can be compared.</summary>
    public uint FinalRange { get; private set; }

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        _celt.Reset();
        _silk.Reset();
        _lastMode = OpusMode.None;
        _endedRedundant = false;
    }

    /// <summary>Decodes a packet into <see cref="Output"/>.</summary>
    /// <param name="bytes">What the packet is a part of.</param>
    /// <param name="length">How many of them count.</param>
    /// <param name="start">Where the packet begins; then where it ends.</param>
    /// <param name="isDelimited">Whether it tells its length, as all packets of several streams but the last do.</param>
    /// <returns>How many samples there are, or -1 where the packet makes no sense.</returns>
    public int Decode(byte[] bytes, int length, ref int start, bool isDelimited)
    {
        if (!_packet.Read(bytes.AsSpan(0, length), start, isDelimited))
        {
            return -1;
        }

        int place = _packet.Start;
        int samples = 0;
        foreach (int frameLength in _packet.Lengths)
        {
            if (frameLength <= 1)
            {
                Conceal(Output, samples, _packet.FrameSamples);
                FinalRange = 0;
            }
            else
            {
                DecodeFrame(bytes, place, frameLength, samples);
            }

            place += frameLength;
            samples += _packet.FrameSamples;
        }

        start = _packet.End;
        return samples;
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

    private void DecodeFrame(byte[] bytes, int start, int length, int offset)
    {
        OpusMode mode = _packet.Mode;
        int samples = _packet.FrameSamples;
        bool changes = Changes(mode);
        _range.Start(bytes, start, length);
        Redundancy redundancy = mode == OpusMode.Celt ? default : DecodeSilk(mode, length, offset);
        changes &= redundancy.Bytes == 0;
        if (changes)
        {
            Conceal(_crossing, 0, Math.Min(Frame5, samples));
        }

        _bands = _packet.Bandwidth switch { 0 => 13, 1 or 2 => 17, 3 => 19, _ => 21 };
        int redundantStart = start + length - redundancy.Bytes;
        uint redundantRange = redundancy.IsAtStart ? DecodeRedundant(bytes, redundantStart, redundancy.Bytes) : 0;
        DecodeTransform(mode, samples, offset, fadesOut: !(redundancy.IsAtStart && _endedRedundant));
        FinalRange = _range.Range;
        if (redundancy.IsAtEnd)
        {
            _celt.Reset();
            redundantRange = DecodeRedundant(bytes, redundantStart, redundancy.Bytes);
            int last = offset + samples - Frame2;
            CrossFade(Output, last, _redundant, Frame2, Output, last);
        }
        else if (redundancy.IsAtStart && (_lastMode != OpusMode.Silk || _endedRedundant))
        {
            CrossFrom(_redundant, offset);
        }

        if (changes && samples >= Frame5)
        {
            CrossFrom(_crossing, offset);
        }
        else if (changes)
        {
            CrossFade(_crossing, 0, Output, offset, Output, offset);
        }

        FinalRange ^= redundantRange;
        _lastMode = mode;
        _endedRedundant = redundancy.IsAtEnd;
    }

    // Whether the layer changes, as far as no frame before made it smooth.
    private bool Changes(OpusMode mode) => _lastMode != OpusMode.None && (mode == OpusMode.Celt
        ? _lastMode != OpusMode.Celt && !_endedRedundant
        : _lastMode == OpusMode.Celt);

    private Redundancy DecodeSilk(OpusMode mode, int length, int offset)
    {
        if (_lastMode == OpusMode.Celt)
        {
            _silk.Reset();
        }

        int milliseconds = _packet.FrameSamples / Milliseconds;
        int kilohertz = mode == OpusMode.Hybrid ? 16 : 8 + (4 * _packet.Bandwidth);
        _silk.Decode(milliseconds, kilohertz, _packet.IsStereo, isLost: false, Output, offset);
        return ReadRedundancy(mode, length);
    }

    // From 5 ms of another frame, half of which come first, to what was decoded.
    private void CrossFrom(float[][] before, int offset)
    {
        Copy(before, Output, offset);
        CrossFade(before, Frame2, Output, offset + Frame2, Output, offset + Frame2);
    }

    private void DecodeTransform(OpusMode mode, int samples, int offset, bool fadesOut)
    {
        if (mode != OpusMode.Silk)
        {
            if (mode != _lastMode && _lastMode != OpusMode.None && !_endedRedundant)
            {
                _celt.Reset();
            }

            _celt.Decode(
                samples, mode == OpusMode.Hybrid ? HybridStart : 0, _bands, _packet.IsStereo, Output, offset,
                adds: mode == OpusMode.Hybrid);
        }
        else if (_lastMode == OpusMode.Hybrid && fadesOut)
        {
            // The last overlap of the upper bands has still to be given.
            RangeDecoder.State state = _range.Save();
            _range.Start(s_silence, 0, s_silence.Length);
            _celt.Decode(Frame2, 0, _bands, _packet.IsStereo, Output, offset, adds: true);
            _range.Restore(state);
        }
    }

    // Section 4.5.1: a frame of the other layer, of 5 ms, behind the frame's own bytes.
    private Redundancy ReadRedundancy(OpusMode mode, int length)
    {
        bool isHybrid = mode == OpusMode.Hybrid;
        if (_range.Bits + (isHybrid ? 37 : 17) > 8 * length || (isHybrid && !_range.ReadFlag(12)))
        {
            return default;
        }

        bool isAtStart = _range.ReadFlag(1);
        int bytes = isHybrid ? (int)_range.ReadUniform(256) + 2 : length - ((_range.Bits + 7) >> 3);
        if ((length - bytes) * 8 < _range.Bits)
        {
            return default;
        }

        _range.Shorten(bytes);
        return new Redundancy(bytes, isAtStart);
    }

    // The range decoder then stands where it stood.
    private uint DecodeRedundant(byte[] bytes, int start, int length)
    {
        RangeDecoder.State state = _range.Save();
        _range.Start(bytes, start, length);
        _celt.Decode(Frame5, 0, _bands, _packet.IsStereo, _redundant, 0, adds: false);
        uint range = _range.Range;
        _range.Restore(state);
        return range;
    }

    // What libopus does with frames that were lost, or not sent: the layer of the last frame goes on.
    private void Conceal(float[][] output, int offset, int samples)
    {
        OpusMode mode = _endedRedundant ? OpusMode.Celt : _lastMode;
        for (int end = offset + samples; offset < end;)
        {
            int left = Math.Min(end - offset, Frame20);
            int step = left >= Frame20 ? Frame20 : left >= Frame10 ? Frame10
                : left >= Frame5 && mode != OpusMode.Silk ? Frame5
                : left;
            ConcealFrame(mode, output, offset, step);
            offset += step;
        }
    }

    private void ConcealFrame(OpusMode mode, float[][] output, int offset, int samples)
    {
        if (mode == OpusMode.None)
        {
            foreach (float[] row in output)
            {
                row.AsSpan(offset, samples).Clear();
            }

            return;
        }

        if (mode == OpusMode.Celt)
        {
            _celt.Conceal(samples, 0, _bands, output, offset, adds: false);
        }
        else
        {
            float[][] made = samples < Frame10 ? _short : output;
            _silk.Decode(Math.Max(samples, Frame10) / Milliseconds, 0, false, isLost: true, made, made == output ? offset : 0);
            for (int i = 0; made != output && i < output.Length; i++)
            {
                made[i].AsSpan(0, samples).CopyTo(output[i].AsSpan(offset));
            }

            if (mode == OpusMode.Hybrid)
            {
                _celt.Conceal(samples, HybridStart, Math.Max(_bands, HybridStart), output, offset, adds: true);
            }
        }

        _lastMode = mode;
        _endedRedundant = false;
    }

    private static void Copy(float[][] from, float[][] to, int offset)
    {
        for (int i = 0; i < to.Length; i++)
        {
            from[i].AsSpan(0, Frame2).CopyTo(to[i].AsSpan(offset));
        }
    }

    private static void CrossFade(float[][] from, int fromOffset, float[][] to, int toOffset, float[][] output, int offset)
    {
        ReadOnlySpan<float> window = CeltSynthesis.Window;
        for (int i = 0; i < output.Length; i++)
        {
            for (int j = 0; j < Frame2; j++)
            {
                float weight = window[j] * window[j];
                output[i][offset + j] = (weight * to[i][toOffset + j]) + ((1 - weight) * from[i][fromOffset + j]);
            }
        }
    }

    // Bytes of a frame of 5 ms behind a frame's own, or 0, and whether it stands at the frame's start or its end.
    private readonly record struct Redundancy(int Bytes, bool IsAtStart)
    {
        public bool IsAtEnd => Bytes > 0 && !IsAtStart;
    }
}
