namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>A packet that waits to be decoded.</summary>
/// <param name="Offset">Its first byte in the queue's bytes.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Frames">Frames that it gives.</param>
/// <param name="Start">The first of them, as granule positions count; set once a page tells.</param>
/// <param name="Restarts">Whether it does not follow the packet before it.</param>
/// <param name="Damage">What is wrong before it, for a message, or null.</param>
internal readonly record struct OggPacket(int Offset, int Length, int Frames, long Start, bool Restarts, string? Damage);

/// <summary>Packets that were read from pages and wait to be decoded, and the one whose end is still to come.</summary>
internal sealed class OggQueue
{
    /// <summary>
    /// The most bytes that wait, 32 MiB: far above packets of audio, and above comments with a picture, which are the
    /// longest headers.
    /// </summary>
    public const int MaximumBytes = 1 << 25;

    private readonly List<OggPacket> _packets = [];
    private byte[] _bytes = new byte[1 << 13];
    private int _used;
    private int _first;
    private int _open = -1;

    /// <summary>The number of whole packets.</summary>
    public int Count => _packets.Count - _first;

    /// <summary>Whether a packet has begun and not ended.</summary>
    public bool IsOpen => _open >= 0;

    // The first byte that still waits.
    private int Kept => Count > 0 ? this[0].Offset : _open >= 0 ? _open : _used;

    /// <summary>One of the packets, the next one first.</summary>
    public OggPacket this[int index]
    {
        get => _packets[_first + index];
        set => _packets[_first + index] = value;
    }

    /// <summary>The bytes of a packet.</summary>
    public ReadOnlySpan<byte> Bytes(OggPacket packet) => _bytes.AsSpan(packet.Offset, packet.Length);

    /// <summary>Takes the next packet out; its bytes stay until something is added.</summary>
    public OggPacket Dequeue() => _packets[_first++];

    /// <summary>Appends a piece of a packet.</summary>
    /// <returns>Whether there was room for it below <see cref="MaximumBytes"/>.</returns>
    public bool Append(ReadOnlySpan<byte> piece)
    {
        if (_used - Kept + piece.Length > MaximumBytes)
        {
            return false;
        }

        MakeRoom(piece.Length);
        _open = _open < 0 ? _used : _open;
        piece.CopyTo(_bytes.AsSpan(_used));
        _used += piece.Length;
        return true;
    }

    /// <summary>Ends the packet and gives its bytes; it is not yet in the queue.</summary>
    public OggPacket Close()
    {
        var packet = new OggPacket(_open, _used - _open, 0, 0, false, null);
        _open = -1;
        return packet;
    }

    /// <summary>Puts a packet at the queue's end.</summary>
    public void Enqueue(OggPacket packet) => _packets.Add(packet);

    /// <summary>Drops the packet that has begun.</summary>
    public void DropOpen()
    {
        _used = _open >= 0 ? _open : _used;
        _open = -1;
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        _packets.Clear();
        _used = _first = 0;
        _open = -1;
    }

    // The bytes of packets that were taken out make room first.
    private void MakeRoom(int length)
    {
        if (_used + length <= _bytes.Length)
        {
            return;
        }

        int kept = Kept;
        int needed = _used - kept + length;
        byte[] target = needed <= _bytes.Length / 2 ? _bytes : new byte[checked(2 * needed)];
        _bytes.AsSpan(kept, _used - kept).CopyTo(target);
        _bytes = target;
        _packets.RemoveRange(0, _first);
        _first = 0;
        for (int i = 0; i < _packets.Count; i++)
        {
            _packets[i] = _packets[i] with { Offset = _packets[i].Offset - kept };
        }

        _used -= kept;
        _open = _open < 0 ? -1 : _open - kept;
    }
}
