using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>Reads bits, the highest of a byte first; behind the last byte there are zeros.</summary>
/// <param name="bytes">The bytes.</param>
internal ref struct BitCursor(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The next bit, counted from the first.</summary>
    public int Position { get; set; }

    /// <summary>Bits in all.</summary>
    public readonly int Length => 8 * _bytes.Length;

    /// <summary>The next bits, of which at least the first 57 are right.</summary>
    public readonly ulong Peek()
    {
        int place = Position >> 3;
        if (place <= _bytes.Length - sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(_bytes[place..]) << (Position & 7);
        }

        Span<byte> end = stackalloc byte[sizeof(ulong)];
        end.Clear();
        if (place < _bytes.Length)
        {
            _bytes[place..].CopyTo(end);
        }

        return BinaryPrimitives.ReadUInt64BigEndian(end) << (Position & 7);
    }

    /// <summary>Reads a number.</summary>
    /// <param name="bits">0 to 32.</param>
    public int Read(int bits)
    {
        ulong next = Peek();
        Position += bits;
        return bits == 0 ? 0 : (int)(next >> (64 - bits));
    }
}
