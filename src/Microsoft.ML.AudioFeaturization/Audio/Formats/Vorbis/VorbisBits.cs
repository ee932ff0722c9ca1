using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>The bits of a Vorbis packet, from the lowest of each byte up (Vorbis I, section 2).</summary>
/// <remarks>Reading beyond the end gives zeros and sets <see cref="IsOverrun"/>.</remarks>
/// <param name="bytes">The packet.</param>
internal ref struct VorbisBits(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private ulong _cache;
    private int _valid;
    private int _next;

    /// <summary>Whether more was read than there is.</summary>
    public readonly bool IsOverrun => _valid < 0;

    /// <summary>Reads a number of 0 to 32 bits.</summary>
    public uint Read(int count)
    {
        Fill();
        uint value = (uint)(_cache & ((1UL << count) - 1));
        Pass(count);
        return value;
    }

    /// <summary>Reads one bit.</summary>
    public bool ReadFlag() => Read(1) != 0;

    /// <summary>Looks at the next 32 bits or more, of which those beyond the end are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Peek()
    {
        if (_valid < 32)
        {
            Fill();
        }

        return (uint)_cache;
    }

    /// <summary>Passes bits that were looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass(int count)
    {
        _cache >>= count;
        _valid -= count;
    }

    private void Fill()
    {
        if (_next + 8 <= _bytes.Length && _valid >= 0)
        {
            // Bits of a byte that is not yet counted as valid may be in the cache already: they are the same bits.
            _cache |= BinaryPrimitives.ReadUInt64LittleEndian(_bytes[_next..]) << _valid;
            _next += (63 - _valid) >> 3;
            _valid |= 56;
            return;
        }

        if (_valid >= 0)
        {
            _cache &= (1UL << _valid) - 1;
        }

        while (_valid is >= 0 and <= 56 && _next < _bytes.Length)
        {
            _cache |= (ulong)_bytes[_next++] << _valid;
            _valid += 8;
        }
    }
}
