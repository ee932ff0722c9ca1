namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>The packets of a link's stream, as its pages give them, each with its place as granule positions count.</summary>
/// <param name="pages">The file's pages, of which the first one behind those that begin streams has been read.</param>
/// <param name="name">The recording's name in messages.</param>
/// <param name="serial">The number of the stream.</param>
/// <param name="codec">What codes it.</param>
internal sealed class OggPackets(OggPages pages, string name, uint serial, OggCodec codec)
{
    private const long Unplaced = long.MinValue;

    private readonly OggQueue _queue = new();
    private bool _isFirstRead = true;
    private bool _isLastRead;
    private long _expectedPage = -1;

    // As granule positions count: the first frame of all, and the end of what was queued (-1 unknown).
    private long _origin;
    private long _queued = -1;
    private bool _restarts;
    private bool _hasWrongChecksum;

    /// <summary>The first byte behind the headers in the source.</summary>
    public long AudioStart { get; private set; }

    /// <summary>The first frame, as granule positions count, without those that are not given.</summary>
    public long FirstGranule => _origin + codec.PreSkip;

    /// <summary>Where the last page ends inside a packet, as granule positions count.</summary>
    public long End { get; private set; } = long.MaxValue;

    /// <summary>Whether a page of the file's next link has been read, and is the last one.</summary>
    public bool IsAtNextLink { get; private set; }

    /// <summary>What is wrong behind the packets that were read, for a message, or null.</summary>
    public string? PendingDamage { get; private set; }

    /// <summary>The first frame that is not decoded yet, counted from the link's first; -1 after a search.</summary>
    public long Decoded { get; set; }

    /// <summary>Reads the headers, and pages until it is known where audio begins.</summary>
    /// <param name="isThere">Whether there is a page behind those that begin streams.</param>
    /// <exception cref="InvalidDataException">They end early or make no sense.</exception>
    public void ReadHeaders(bool isThere)
    {
        bool isDone = false;
        while (!isDone)
        {
            if (!isThere || (pages.IsFirst && !pages.IsLast && pages.Serial != serial))
            {
                throw new InvalidDataException($"'{name}' is cut short: the Ogg file ends inside its headers.");
            }

            if (pages.Serial == serial)
            {
                isDone = TakeHeaders();
            }

            AudioStart = pages.Next;
            if (!isDone)
            {
                isThere = pages.Read();
            }
        }

        _queue.Clear();
        ReadPage();
        while (_queued < 0 && !_isLastRead)
        {
            ReadPage();
        }
    }

    /// <summary>Takes the next packet.</summary>
    /// <returns>Whether there is one; its place is known.</returns>
    public bool TryTake(out OggPacket packet)
    {
        packet = default;
        while (_queue.Count == 0 || _queued < 0)
        {
            if (_isLastRead)
            {
                return false;
            }

            ReadPage();
        }

        packet = _queue.Dequeue();
        return true;
    }

    /// <summary>The bytes of the packet that was taken last.</summary>
    public ReadOnlySpan<byte> Bytes(OggPacket packet) => _queue.Bytes(packet);

    /// <summary>Goes to a page before a frame; packets from there on are taken next.</summary>
    /// <param name="frame">The frame, counted from the link's first.</param>
    /// <param name="end">The byte behind the link.</param>
    public void Seek(long frame, long end)
    {
        long place = new OggSearch(pages, serial, AudioStart, end).Before(Math.Max(0, frame) + FirstGranule);
        pages.Seek(place);
        _queue.Clear();
        PendingDamage = null;
        _isLastRead = false;
        _isFirstRead = place == AudioStart;
        _expectedPage = -1;
        Decoded = -1;
        End = long.MaxValue;
        Interrupt();
    }

    // Whether the page ends the headers. Audio begins on a page of its own.
    private bool TakeHeaders()
    {
        if (_expectedPage >= 0 && pages.Sequence != (uint)_expectedPage)
        {
            throw new InvalidDataException($"'{name}' is damaged: a page of its headers is missing.");
        }

        _expectedPage = (uint)(pages.Sequence + 1);
        ReadOnlySpan<byte> body = pages.Body;
        foreach (byte length in pages.Lacing)
        {
            Append(body[..length]);
            body = body[length..];
            if (length < byte.MaxValue)
            {
                OggPacket packet = _queue.Close();
                if (codec.AddHeader(_queue.Bytes(packet)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Queues the packets of the stream's next page.
    private void ReadPage()
    {
        bool isThere;
        do
        {
            isThere = pages.Read();
            _hasWrongChecksum |= pages.HasWrongChecksum;
        }
        while (isThere && !pages.IsFirst && pages.Serial != serial);

        if (!isThere || pages.IsFirst)
        {
            IsAtNextLink = isThere;
            _isLastRead = true;
            PendingDamage = pages.IsCut ? "the file ends inside a page"
                : _hasWrongChecksum ? "the last page fails its checksum"
                : PendingDamage ?? $"the {(isThere ? "stream" : "file")} ends without its end flag";
            AssumeStart();
            return;
        }

        bool isLost = _expectedPage >= 0 && pages.Sequence != (uint)_expectedPage;
        _expectedPage = (uint)(pages.Sequence + 1);
        if (isLost)
        {
            PendingDamage ??= _hasWrongChecksum ? "a page fails its checksum" : "pages are missing";
            Interrupt();
        }

        _hasWrongChecksum = false;
        TakePackets();
        if (pages.IsLast)
        {
            PendingDamage ??= _queue.IsOpen ? "the last packet does not end" : null;
            _isLastRead = true;
            AssumeStart();
            if (pages.Granule >= 0 && pages.Granule < _queued)
            {
                End = pages.Granule;
            }
        }
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        if (!_queue.Append(piece))
        {
            throw new InvalidDataException(
                $"'{name}' is damaged: an Ogg packet, or packets in a row without a granule position, have more than "
                + $"{OggQueue.MaximumBytes} bytes.");
        }
    }

    private void TakePackets()
    {
        // What continues a packet whose beginning is not here is of no use.
        bool isDropped = pages.IsContinued && !_queue.IsOpen;
        if (!pages.IsContinued && _queue.IsOpen)
        {
            PendingDamage ??= "a packet does not end";
            Interrupt();
        }

        int taken = 0;
        ReadOnlySpan<byte> body = pages.Body;
        foreach (byte length in pages.Lacing)
        {
            if (!isDropped)
            {
                Append(body[..length]);
            }

            body = body[length..];
            if (length == byte.MaxValue)
            {
                continue;
            }

            if (!isDropped)
            {
                OggPacket packet = _queue.Close();
                int frames = codec.Advance(_queue.Bytes(packet));
                _queue.Enqueue(packet with
                {
                    Frames = frames, Start = _queued < 0 ? Unplaced : _queued, Restarts = _restarts, Damage = PendingDamage,
                });
                _queued += _queued < 0 ? 0 : frames;
                _restarts = false;
                PendingDamage = null;
                taken++;
            }

            isDropped = false;
        }

        if (_queued < 0 && pages.Granule >= 0 && taken > 0)
        {
            Place(pages.Granule, pages.IsLast);
        }
    }

    // The packets of which only the end is known.
    private void Place(long end, bool isLast)
    {
        long frames = 0;
        int first = _queue.Count;
        while (first > 0 && _queue[first - 1].Start == Unplaced)
        {
            frames += _queue[--first].Frames;
        }

        // The last page may end inside its last packet.
        long start = end - frames;
        if (_isFirstRead)
        {
            start = isLast ? Math.Max(0, start) : start;
            _origin = Math.Max(0, start);
            _isFirstRead = false;
        }
        else if (isLast && first == 0)
        {
            start = Math.Max(start, Math.Max(0, Decoded) + FirstGranule);
        }

        long place = start;
        for (int i = first; i < _queue.Count; i++)
        {
            _queue[i] = _queue[i] with { Start = place };
            place += _queue[i].Frames;
        }

        _queued = place;
    }

    // Without a granule position a stream begins at 0.
    private void AssumeStart()
    {
        if (_queued < 0)
        {
            long frames = 0;
            for (int i = 0; i < _queue.Count; i++)
            {
                frames += _queue[i].Frames;
            }

            Place(Math.Max(0, Decoded) + frames + (_isFirstRead ? 0 : FirstGranule), isLast: true);
        }
    }

    private void Interrupt()
    {
        _queue.DropOpen();
        codec.Reset();
        _restarts = true;
        _queued = -1;
    }
}
