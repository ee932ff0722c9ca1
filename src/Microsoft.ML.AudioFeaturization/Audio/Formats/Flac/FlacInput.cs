namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The bytes of a FLAC file from the frame that is decoded next, held until it is known to be whole.</summary>
/// <param name="source">The file, at its first frame.</param>
internal sealed class FlacInput(AudioSource source)
{
    private const int FirstBytes = 1 << 16;

    private byte[] _bytes = [];
    private long _offset = source.Position;

    /// <summary>The bytes, with <see cref="FlacBits.Padding"/> behind <see cref="End"/>.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>The next frame's first byte in <see cref="Bytes"/>.</summary>
    public int Start { get; private set; }

    /// <summary>The end of what was read.</summary>
    public int End { get; private set; }

    /// <summary>Whether the source has no more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The next frame's first byte in the source.</summary>
    public long Position => _offset + Start;

    /// <summary>What was read from the next frame's first byte on.</summary>
    public ReadOnlySpan<byte> Available => _bytes.AsSpan(Start, End - Start);

    /// <summary>Reads until so many bytes lie behind <see cref="Start"/>, or to the source's end.</summary>
    /// <returns>Whether there are as many.</returns>
    public bool Require(long count)
    {
        while (End - Start < count && !IsEnded)
        {
            Fill();
        }

        return End - Start >= count;
    }

    /// <summary>Reads on, at least one byte unless the source has no more.</summary>
    public void Fill()
    {
        // The bytes grow only when they are full of what was there.
        if (End + FlacBits.Padding >= _bytes.Length)
        {
            bool isFull = End - Start > _bytes.Length / 2 || _bytes.Length == 0;
            byte[] target = isFull ? new byte[Math.Max(FirstBytes, checked(2 * _bytes.Length))] : _bytes;
            _bytes.AsSpan(Start, End - Start).CopyTo(target);
            _bytes = target;
            _offset += Start;
            End -= Start;
            Start = 0;
        }

        int read = source.Read(_bytes.AsSpan(End, _bytes.Length - FlacBits.Padding - End));
        IsEnded = read == 0;
        End += read;
    }

    /// <summary>Passes bytes that were read.</summary>
    public void Advance(int count) => Start += count;

    /// <summary>Goes to another byte of a source that can seek.</summary>
    public void Seek(long position)
    {
        if (position >= _offset && position <= _offset + End)
        {
            Start = (int)(position - _offset);
            return;
        }

        source.Position = position;
        _offset = position;
        Start = 0;
        End = 0;
        IsEnded = false;
    }
}
