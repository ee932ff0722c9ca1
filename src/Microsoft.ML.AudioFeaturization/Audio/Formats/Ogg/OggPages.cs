using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>Reads the pages of an Ogg file one by one (RFC 3533, section 6), and holds the last one.</summary>
/// <param name="source">The file.</param>
internal sealed class OggPages(AudioSource source)
{
    /// <summary>The most bytes of a page: its header, 255 lengths, and 255 segments of 255 bytes.</summary>
    public const int MaximumBytes = HeaderBytes + 255 + (255 * 255);

    private const int HeaderBytes = 27;

    private readonly byte[] _bytes = new byte[2 * MaximumBytes];
    private long _offset = source.Position;
    private int _start;
    private int _end;
    private int _length;

    /// <summary>The page's first byte in the source.</summary>
    public long Position => _offset + _start;

    /// <summary>The byte behind the page in the source.</summary>
    public long Next => _offset + _start + _length;

    /// <summary>Whether the page's first packet began on an earlier page.</summary>
    public bool IsContinued => (_bytes[_start + 5] & 1) != 0;

    /// <summary>Whether the page is the first of its stream.</summary>
    public bool IsFirst => (_bytes[_start + 5] & 2) != 0;

    /// <summary>Whether the page is the last of its stream.</summary>
    public bool IsLast => (_bytes[_start + 5] & 4) != 0;

    /// <summary>
    /// The position at the end of the last packet that ends on the page, in units of its codec; -1 if none does.
    /// </summary>
    public long Granule => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(_start + 6));

    /// <summary>The number of the page's stream.</summary>
    public uint Serial => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_start + 14));

    /// <summary>The page's number in its stream.</summary>
    public uint Sequence => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_start + 18));

    /// <summary>The lengths of its segments; a packet ends with one of fewer than 255 bytes.</summary>
    public ReadOnlySpan<byte> Lacing => _bytes.AsSpan(_start + HeaderBytes, _bytes[_start + 26]);

    /// <summary>The segments.</summary>
    public ReadOnlySpan<byte> Body => _bytes.AsSpan(_start, _length)[(HeaderBytes + _bytes[_start + 26])..];

    /// <summary>Whether a page with a wrong checksum was passed on the way to this one.</summary>
    public bool HasWrongChecksum { get; private set; }

    /// <summary>Whether the source ended inside a page.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Goes to a byte of a source that can seek; the next page from there on is read next.</summary>
    public void Seek(long position)
    {
        _length = 0;
        IsCut = false;
        if (position >= _offset && position <= _offset + _end)
        {
            _start = (int)(position - _offset);
            return;
        }

        source.Position = position;
        _offset = position;
        _start = 0;
        _end = 0;
    }

    /// <summary>Reads the next page whose checksum is right.</summary>
    /// <param name="end">The byte of the source before which the page must begin.</param>
    /// <returns>Whether there is one.</returns>
    public bool Read(long end = long.MaxValue)
    {
        HasWrongChecksum = false;
        _start += _length;
        _length = 0;
        while (Position < end)
        {
            if (!Require(HeaderBytes))
            {
                IsCut |= _end > _start;
                break;
            }

            if (!_bytes.AsSpan(_start).StartsWith("OggS"u8) || _bytes[_start + 4] != 0)
            {
                int next = _bytes.AsSpan(_start + 1, _end - _start - 1).IndexOf((byte)'O');
                _start = next < 0 ? _end : _start + 1 + next;
                continue;
            }

            int segments = _bytes[_start + 26];
            bool isThere = Require(HeaderBytes + segments);
            int length = HeaderBytes + segments;
            length += isThere ? Sum(_bytes.AsSpan(_start + HeaderBytes, segments)) : 0;
            if (!isThere || !Require(length))
            {
                IsCut = true;
                _start++;
                continue;
            }

            if (HasRightChecksum(_bytes.AsSpan(_start, length)))
            {
                _length = length;
                return true;
            }

            HasWrongChecksum = true;
            _start++;
        }

        return false;
    }

    private static bool HasRightChecksum(ReadOnlySpan<byte> page)
    {
        uint crc = OggChecksum.Append(0, page[..22]);
        crc = OggChecksum.Append(crc, [0, 0, 0, 0]);
        return OggChecksum.Append(crc, page[26..]) == BinaryPrimitives.ReadUInt32LittleEndian(page[22..]);
    }

    private static int Sum(ReadOnlySpan<byte> lengths)
    {
        int sum = 0;
        foreach (byte length in lengths)
        {
            sum += length;
        }

        return sum;
    }

    private bool Require(int count)
    {
        if (_end - _start >= count)
        {
            return true;
        }

        if (count > _bytes.Length)
        {
            return false;
        }

        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        _offset += _start;
        _end -= _start;
        _start = 0;
        _end += source.ReadAtLeast(_bytes.AsSpan(_end), count - _end, throwOnEndOfStream: false);
        return _end >= count;
    }
}
