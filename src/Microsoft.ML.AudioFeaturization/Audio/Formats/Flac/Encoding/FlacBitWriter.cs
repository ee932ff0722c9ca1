namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;

/// <summary>Bits, from the highest of each byte down.</summary>
internal sealed class FlacBitWriter
{
    private byte[] _bytes = new byte[1 << 14];
    private int _length;
    private ulong _open;
    private int _openBits;

    /// <summary>The whole bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _length = 0;
        _open = 0;
        _openBits = 0;
    }

    /// <summary>Appends the lowest bits of a number.</summary>
    /// <param name="value">The number; its higher bits are left out.</param>
    /// <param name="count">0 to 33.</param>
    public void Write(long value, int count)
    {
        _open = (_open << count) | ((ulong)value & ((1UL << count) - 1));
        _openBits += count;
        if (_length + 8 > _bytes.Length)
        {
            Array.Resize(ref _bytes, 2 * _bytes.Length);
        }

        while (_openBits >= 8)
        {
            _openBits -= 8;
            _bytes[_length++] = (byte)(_open >> _openBits);
        }
    }

    /// <summary>Appends zeros and a one.</summary>
    public void WriteUnary(uint zeros)
    {
        for (; zeros >= 32; zeros -= 32)
        {
            Write(0, 32);
        }

        Write(1, (int)zeros + 1);
    }

    /// <summary>Appends zeros up to a whole byte.</summary>
    public void Align() => Write(0, (8 - _openBits) & 7);
}
