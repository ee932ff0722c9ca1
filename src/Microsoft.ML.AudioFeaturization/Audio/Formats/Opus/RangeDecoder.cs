using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>
/// The range decoder, from which both layers of a frame read (RFC 6716, section 4.1): symbols from the front, plain bits from
/// the back. Past either end there are zeros.
/// </summary>
internal sealed class RangeDecoder
{
    private const int CodeBits = 32;
    private const uint Top = 1u << (CodeBits - 1);
    private const uint Bottom = Top >> 8;

    // Of the first byte, seven bits come into the first value.
    private const int FirstBits = 7;

    // The most bits of a number that are coded by probability; those below are plain.
    private const int UniformBits = 8;

    private byte[] _bytes = [];
    private int _start;
    private int _length;
    private int _front;
    private int _back;
    private uint _value;
    private uint _scale;
    private int _last;
    private ulong _window;
    private int _windowBits;
    private int _bits;

    /// <summary>Bytes of the frame.</summary>
    public int Length => _length;

    /// <summary>The state after the last symbol, of which the noise of the next frame is made.</summary>
    public uint Range { get; private set; }

    /// <summary>Bits that were used so far, rounded up.</summary>
    public int Bits => _bits - Log(Range);

    /// <summary>Eighths of bits that were used so far, rounded up (section 4.1.6.2).</summary>
    public int Eighths
    {
        get
        {
            int log = Log(Range);
            uint fraction = Range >> (log - 16);

            // The places where the fraction's logarithm passes an eighth: 32768 * 2^((i + 1) / 8).
            int eighth = (int)(fraction >> 12) - 8;
            ReadOnlySpan<ushort> limits = [35733, 38967, 42495, 46340, 50535, 55109, 60097, 65535];
            if (fraction > limits[eighth])
            {
                eighth++;
            }

            return (_bits << 3) - (log << 3) - eighth;
        }
    }

    /// <summary>Begins a frame.</summary>
    /// <param name="bytes">A packet; it is not changed while the frame is read.</param>
    /// <param name="start">The frame's first byte.</param>
    /// <param name="length">The frame's bytes.</param>
    public void Start(byte[] bytes, int start, int length)
    {
        _bytes = bytes;
        _start = start;
        _length = length;
        _front = _back = 0;
        _window = 0;
        _windowBits = 0;
        _last = NextByte();
        Range = 1u << FirstBits;
        _value = Range - 1 - (uint)(_last >> (8 - FirstBits));
        _bits = CodeBits + 1 - (3 * 8);
        Normalize();
    }

    /// <summary>Keeps where the decoder stands, while it reads another frame.</summary>
    public State Save() => new(
        _bytes, _start, _length, _front, _back, _value, Range, _last, _window, _windowBits, _bits);

    /// <summary>Goes back to where the decoder stood.</summary>
    public void Restore(State state)
    {
        (_bytes, _start, _length, _front, _back, _value, Range, _last, _window, _windowBits, _bits) = state;
    }

    /// <summary>Takes bytes off the end: they belong to another frame.</summary>
    public void Shorten(int bytes) => _length -= bytes;

    /// <summary>Counts all bits of the frame as used.</summary>
    public void UseUp() => _bits += (_length * 8) - Bits;

    /// <summary>Reads one of two symbols, the second of which has the probability 1/2^<paramref name="log"/>.</summary>
    public bool ReadFlag(int log)
    {
        uint part = Range >> log;
        bool isSet = _value < part;
        if (isSet)
        {
            Range = part;
        }
        else
        {
            _value -= part;
            Range -= part;
        }

        Normalize();
        return isSet;
    }

    /// <summary>Reads a symbol.</summary>
    /// <param name="inverse">For each symbol the frequency of all after it; the last is 0.</param>
    /// <param name="log">Logarithm of the sum of all frequencies.</param>
    public int ReadSymbol(ReadOnlySpan<byte> inverse, int log = 8)
    {
        uint scale = Range >> log;
        uint high = Range;
        int symbol = 0;
        uint low = scale * inverse[0];
        while (_value < low)
        {
            high = low;
            low = scale * inverse[++symbol];
        }

        _value -= low;
        Range = high - low;
        Normalize();
        return symbol;
    }

    /// <summary>Reads a number that is below <paramref name="count"/>, all of them being alike (section 4.1.5).</summary>
    public uint ReadUniform(uint count)
    {
        uint last = count - 1;
        int plain = Log(last) - UniformBits;
        if (plain <= 0)
        {
            uint found = Locate(count);
            Take(found, found + 1, count);
            return found;
        }

        uint parts = (last >> plain) + 1;
        uint part = Locate(parts);
        Take(part, part + 1, parts);
        return Math.Min((part << plain) | ReadPlain(plain), last);
    }

    /// <summary>Finds where the next symbol lies in a sum of frequencies; <see cref="Take"/> has to follow.</summary>
    public uint Locate(uint total)
    {
        _scale = Range / total;
        return total - Math.Min((_value / _scale) + 1, total);
    }

    /// <summary>Takes the symbol that was located.</summary>
    /// <param name="low">Frequencies of the symbols before it.</param>
    /// <param name="high">The same with its own.</param>
    /// <param name="total">The sum of all.</param>
    public void Take(uint low, uint high, uint total)
    {
        uint after = _scale * (total - high);
        _value -= after;
        Range = low > 0 ? _scale * (high - low) : Range - after;
        Normalize();
    }

    /// <summary>Reads up to 25 bits from the back (section 4.1.4).</summary>
    public uint ReadPlain(int count)
    {
        while (_windowBits < count)
        {
            if (_back < _length)
            {
                _window |= (ulong)_bytes[_start + _length - ++_back] << _windowBits;
            }

            _windowBits += 8;
        }

        uint bits = (uint)_window & ((1u << count) - 1);
        _window >>= count;
        _windowBits -= count;
        _bits += count;
        return bits;
    }

    private static int Log(uint value) => 32 - BitOperations.LeadingZeroCount(value);

    private int NextByte() => _front < _length ? _bytes[_start + _front++] : 0;

    private void Normalize()
    {
        while (Range <= Bottom)
        {
            Range <<= 8;
            _bits += 8;
            int both = _last << 8;
            _last = NextByte();
            int next = ((both | _last) >> 1) & 0xff;
            _value = ((_value << 8) + (uint)(0xff & ~next)) & (Top - 1);
        }
    }

    /// <summary>Where a decoder stands.</summary>
    internal readonly record struct State(
        byte[] Bytes, int Start, int Length, int Front, int Back, uint Value, uint Range, int Last, ulong Window,
        int WindowBits, int Bits);
}
