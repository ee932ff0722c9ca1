namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>A frame in a recording.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Position">Its first byte.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Lost">Bytes before it that are neither frames nor tags.</param>
internal readonly record struct MpegFrame(MpegFrameHeader Header, long Position, int Bytes, long Lost);

/// <summary>Walks from frame to frame over tags and damage.</summary>
/// <param name="window">The recording's bytes.</param>
/// <param name="first">Header of a frame; the others are alike.</param>
/// <param name="freeBytes">Bytes of a frame of the free format without padding.</param>
/// <param name="position">Where the next frame begins.</param>
internal sealed class MpegFrames(MpegWindow window, MpegFrameHeader first, int freeBytes, long position)
{
    // Less than this behind the last frame is a tag of some kind, or what a recorder of streams leaves.
    private const int TailBytes = 1 << 14;

    private long _position = position;

    /// <summary>Where the next frame begins, if nothing is wrong.</summary>
    public long Position => _position;

    /// <summary>What is wrong with the end, once <see cref="TryNext"/> found none; null if nothing is.</summary>
    public string? EndFault { get; private set; }

    /// <summary>Finds the next frame.</summary>
    public bool TryNext(out MpegFrame frame)
    {
        long lostFrom = -1;
        while (true)
        {
            ReadOnlySpan<byte> start = window.At(_position, MpegSync.TagHeaderBytes);
            if (start.Length < MpegFrameHeader.Bytes)
            {
                break;
            }

            // Before the next look, which can move the bytes.
            long tag = MpegSync.TagBytes(start);
            if (MpegFrameHeader.TryRead(start, out MpegFrameHeader header) && header.IsLike(first))
            {
                int bytes = MpegSync.FrameBytes(header, freeBytes);
                int found = window.At(_position, bytes).Length;
                if (found < bytes && lostFrom < 0)
                {
                    EndFault = $"the file ends within a frame, after {found} of its {bytes} bytes";
                    break;
                }

                if (found == bytes && (lostFrom < 0 || IsFrameOrEnd(_position + bytes)))
                {
                    frame = new MpegFrame(header, _position, bytes, lostFrom < 0 ? 0 : _position - lostFrom);
                    _position += bytes;
                    return true;
                }
            }

            if (lostFrom < 0)
            {
                if (tag > 0)
                {
                    _position += tag;
                    continue;
                }

                lostFrom = _position;
            }

            _position = NextCandidate(_position + 1);
        }

        if (lostFrom >= 0 && _position - lostFrom > TailBytes)
        {
            EndFault = $"the last {_position - lostFrom} bytes hold no frames";
        }

        frame = default;
        return false;
    }

    private bool IsFrameOrEnd(long at)
    {
        ReadOnlySpan<byte> bytes = window.At(at, MpegFrameHeader.Bytes);
        return bytes.Length < MpegFrameHeader.Bytes
            ? bytes.Length == 0
            : (MpegFrameHeader.TryRead(bytes, out MpegFrameHeader header) && header.IsLike(first));
    }

    private long NextCandidate(long at)
    {
        const int Step = 4096;
        while (true)
        {
            ReadOnlySpan<byte> bytes = window.At(at, Step);
            int next = bytes.IndexOf((byte)0xFF);
            if (next >= 0 || bytes.Length < Step)
            {
                return at + (next >= 0 ? next : bytes.Length);
            }

            at += Step;
        }
    }
}
