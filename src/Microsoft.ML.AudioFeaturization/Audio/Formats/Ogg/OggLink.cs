using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>
/// One link of an Ogg file: streams that begin together, of which the first audio is decoded and the others are passed over.
/// </summary>
internal sealed class OggLink : IDisposable
{
    // More silence for lost pages than this is no help: an hour at 48 kHz.
    private const long MaximumSilence = 3600L * 48000;

    private const long Unplaced = long.MinValue;

    private readonly OggPages _pages;
    private readonly string _name;
    private readonly OggCodec _codec;
    private readonly OggQueue _queue = new();
    private readonly HashSet<uint> _serials;

    // Where the page after the headers begins; what is behind the link; and where the search is.
    private long _audioStart;
    private bool _isFirstRead = true;
    private bool _isLastRead;
    private bool _isEnded;
    private long _expectedPage = -1;

    // As granule positions count: the first frame of all, the end of what was queued (-1 unknown), the end of all.
    private long _origin;
    private long _queued = -1;
    private long _end = long.MaxValue;
    private bool _isWhole = true;
    private bool _restarts;
    private string? _pendingDamage;
    private bool _hasWrongChecksum;

    private float[] _block = [];
    private int _used;
    private int _count;
    private long _silence;
    private long _next;
    private long _wanted;
    private DamagedAudioException? _damage;

    private OggLink(OggPages pages, string name, long start, uint serial, OggCodec codec, HashSet<uint> serials)
    {
        _pages = pages;
        _name = name;
        _codec = codec;
        _serials = serials;
        Start = start;
        Serial = serial;
    }

    /// <summary>The first byte in the source.</summary>
    public long Start { get; }

    /// <summary>The number of the stream that is decoded.</summary>
    public uint Serial { get; }

    /// <summary>What codes it.</summary>
    public OggCodec Codec => _codec;

    /// <summary>The first byte of its audio in the source.</summary>
    public long AudioStart => _audioStart;

    /// <summary>The first frame, as granule positions count, without those that are not given.</summary>
    public long FirstGranule => _origin + _codec.PreSkip;

    /// <summary>The next frame that <see cref="Read"/> gives, counted from the link's first.</summary>
    public long Position { get; private set; }

    /// <summary>Whether a page of the file's next link has been read, and is the last one.</summary>
    public bool IsAtNextLink { get; private set; }

    /// <summary>Whether a stream belongs to the link.</summary>
    public bool Has(uint serial) => _serials.Contains(serial);

    /// <summary>Opens a link, of which the first page has been read.</summary>
    /// <exception cref="InvalidDataException">Its headers end early or make no sense.</exception>
    /// <exception cref="NotSupportedException">It has no audio that is read here.</exception>
    public static OggLink Open(OggPages pages, string name)
    {
        long start = pages.Position;
        OggCodec? codec = null;
        uint serial = 0;
        var serials = new HashSet<uint>();
        var others = new List<string>();
        bool isThere = true;
        do
        {
            serials.Add(pages.Serial);
            ReadOnlySpan<byte> packet = pages.Body;
            if (codec is null && OggCodecs.Create(packet, name) is { } found)
            {
                codec = found;
                serial = pages.Serial;
                codec.AddHeader(packet);
            }
            else if (others.Count < 8)
            {
                others.Add(OggCodecs.Describe(packet));
            }

            isThere = pages.Read();
        }
        while (isThere && pages.IsFirst);

        if (codec is null)
        {
            throw new NotSupportedException(
                $"'{name}' is an Ogg file of {string.Join(", ", others)}; expected Vorbis, Opus or FLAC among it.");
        }

        var link = new OggLink(pages, name, start, serial, codec, serials);
        link.ReadHeaders(isThere);
        return link;
    }

    /// <summary>Decodes the next frames.</summary>
    /// <param name="interleaved">Room for the frames.</param>
    /// <returns>How many were decoded; 0 at the link's end only.</returns>
    /// <exception cref="DamagedAudioException">The next frames cannot be decoded, or the link ends early.</exception>
    public int Read(Span<float> interleaved)
    {
        int channels = _codec.Channels;
        int total = 0;
        while (interleaved.Length >= channels)
        {
            if (_damage is { } damage)
            {
                if (total > 0)
                {
                    break;
                }

                _damage = null;
                throw damage;
            }

            int frames = (int)Math.Min(interleaved.Length / channels, _silence > 0 ? _silence : _count - _used);
            if (frames == 0)
            {
                if (!DecodeNext())
                {
                    break;
                }

                continue;
            }

            Span<float> part = interleaved[..(frames * channels)];
            if (_silence > 0)
            {
                part.Clear();
            }
            else
            {
                _block.AsSpan(_used * channels, part.Length).CopyTo(part);
            }

            Take(frames);
            interleaved = interleaved[part.Length..];
            total += frames;
        }

        return total;
    }

    /// <summary>Skips to a later frame, or to the link's end where it is shorter.</summary>
    /// <param name="frame">The frame, counted from the link's first.</param>
    /// <param name="end">The byte behind the link in a source that can seek, or -1.</param>
    public void SkipTo(long frame, long end)
    {
        _wanted = frame;
        if (end >= 0 && frame - Position > _codec.SampleRate + _codec.PreRoll)
        {
            SeekNear(frame - _codec.PreRoll, end);
        }

        while (Position < frame)
        {
            int frames = (int)Math.Min(frame - Position, _silence > 0 ? Math.Min(_silence, int.MaxValue) : _count - _used);
            if (frames == 0)
            {
                if (!DecodeNext())
                {
                    return;
                }

                continue;
            }

            // What is damaged before the wanted frame does not concern its reader.
            _damage = null;
            Take(frames);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _codec.Dispose();

    private void Take(int frames)
    {
        if (_silence > 0)
        {
            _silence -= frames;
        }
        else
        {
            _used += frames;
        }

        Position += frames;
    }

    private void ReadHeaders(bool isThere)
    {
        bool isDone = false;
        while (!isDone)
        {
            if (!isThere || (_pages.IsFirst && !_pages.IsLast && _pages.Serial != Serial))
            {
                throw new InvalidDataException($"'{_name}' is cut short: the Ogg file ends inside its headers.");
            }

            if (_pages.Serial == Serial)
            {
                isDone = TakeHeaders();
            }

            _audioStart = _pages.Next;
            if (!isDone)
            {
                isThere = _pages.Read();
            }
        }

        _queue.Clear();
        ReadPage();
        while (_queued < 0 && !_isLastRead)
        {
            ReadPage();
        }
    }

    // Whether the page ends the headers. Audio begins on a page of its own.
    private bool TakeHeaders()
    {
        if (_expectedPage >= 0 && _pages.Sequence != (uint)_expectedPage)
        {
            throw new InvalidDataException($"'{_name}' is damaged: a page of its headers is missing.");
        }

        _expectedPage = (uint)(_pages.Sequence + 1);
        ReadOnlySpan<byte> body = _pages.Body;
        foreach (byte length in _pages.Lacing)
        {
            _queue.Append(body[..length]);
            body = body[length..];
            if (length < byte.MaxValue)
            {
                OggPacket packet = _queue.Close();
                if (_codec.AddHeader(_queue.Bytes(packet)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Whether there is something new: a block, silence, or damage.
    private bool DecodeNext()
    {
        while (_queue.Count == 0 || _queued < 0)
        {
            if (_isLastRead)
            {
                return End();
            }

            ReadPage();
        }

        OggPacket packet = _queue.Dequeue();
        ReadOnlySpan<byte> bytes = _queue.Bytes(packet);
        if (packet.Restarts)
        {
            _codec.Restart();
        }

        long start = packet.Start - FirstGranule;
        if (_next < 0)
        {
            // After a search: this is where it led.
            _next = Math.Max(0, start);
            Position = _next;
        }
        else if (packet.Damage is not null)
        {
            long lost = start - _next;
            Damage(lost > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{packet.Damage}; {lost} samples are missing")
                : packet.Damage);
            _silence = lost is > 0 and <= MaximumSilence ? lost : 0;
            _next += _silence;
        }

        long end = Math.Min(start + packet.Frames, _end - FirstGranule);
        long first = Math.Max(start, Math.Max(0, _next));
        if (end <= _wanted - _codec.PreRoll)
        {
            _codec.Leave(bytes);
            _isWhole = false;
        }
        else
        {
            int samples = packet.Frames * _codec.Channels;
            if (_block.Length < samples)
            {
                _block = new float[samples];
            }

            string? wrong = _codec.Decode(bytes, _block.AsSpan(0, samples));
            if (wrong is not null)
            {
                Damage(wrong);
                _block.AsSpan(0, samples).Clear();
            }
        }

        _used = (int)Math.Clamp(first - start, 0, packet.Frames);
        _count = (int)Math.Clamp(end - start, _used, packet.Frames);
        _next = Math.Max(_next, Math.Min(first, end) + _count - _used);
        return true;
    }

    private bool End()
    {
        if (_isEnded)
        {
            return false;
        }

        _isEnded = true;
        string? wrong = _pendingDamage ?? (_isWhole ? _codec.Finish() : null);
        if (wrong is not null)
        {
            Damage(wrong);
        }

        return wrong is not null;
    }

    private void Damage(string what)
    {
        _isWhole = false;
        _damage ??= new DamagedAudioException(_name, (double)Math.Max(0, _next) / _codec.SampleRate, what);
    }

    // Queues the packets of the stream's next page.
    private void ReadPage()
    {
        bool isThere;
        do
        {
            isThere = _pages.Read();
            _hasWrongChecksum |= _pages.HasWrongChecksum;
        }
        while (isThere && !_pages.IsFirst && _pages.Serial != Serial);

        if (!isThere || _pages.IsFirst)
        {
            IsAtNextLink = isThere;
            _isLastRead = true;
            _pendingDamage = _pages.IsCut ? "the file ends inside a page"
                : _hasWrongChecksum ? "the last page fails its checksum"
                : _pendingDamage ?? $"the {(isThere ? "stream" : "file")} ends without its end flag";
            AssumeStart();
            return;
        }

        bool isLost = _expectedPage >= 0 && _pages.Sequence != (uint)_expectedPage;
        _expectedPage = (uint)(_pages.Sequence + 1);
        if (isLost)
        {
            _pendingDamage ??= _hasWrongChecksum ? "a page fails its checksum" : "pages are missing";
            Interrupt();
        }

        _hasWrongChecksum = false;
        TakePackets();
        if (_pages.IsLast)
        {
            _pendingDamage ??= _queue.IsOpen ? "the last packet does not end" : null;
            _isLastRead = true;
            AssumeStart();
            if (_pages.Granule >= 0 && _pages.Granule < _queued)
            {
                _end = _pages.Granule;
            }
        }
    }

    private void TakePackets()
    {
        // What continues a packet whose beginning is not here is of no use.
        bool isDropped = _pages.IsContinued && !_queue.IsOpen;
        if (!_pages.IsContinued && _queue.IsOpen)
        {
            _pendingDamage ??= "a packet does not end";
            Interrupt();
        }

        int taken = 0;
        ReadOnlySpan<byte> body = _pages.Body;
        foreach (byte length in _pages.Lacing)
        {
            if (!isDropped)
            {
                _queue.Append(body[..length]);
            }

            body = body[length..];
            if (length == byte.MaxValue)
            {
                continue;
            }

            if (!isDropped)
            {
                OggPacket packet = _queue.Close();
                int frames = _codec.Advance(_queue.Bytes(packet));
                _queue.Enqueue(packet with
                {
                    Frames = frames, Start = _queued < 0 ? Unplaced : _queued, Restarts = _restarts, Damage = _pendingDamage,
                });
                _queued += _queued < 0 ? 0 : frames;
                _restarts = false;
                _pendingDamage = null;
                taken++;
            }

            isDropped = false;
        }

        if (_queued < 0 && _pages.Granule >= 0 && taken > 0)
        {
            Place(_pages.Granule, _pages.IsLast);
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
            start = Math.Max(start, Math.Max(0, _next) + FirstGranule);
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

            Place(Math.Max(0, _next) + frames + (_isFirstRead ? 0 : FirstGranule), isLast: true);
        }
    }

    private void Interrupt()
    {
        _queue.DropOpen();
        _codec.Reset();
        _restarts = true;
        _queued = -1;
    }

    private void SeekNear(long frame, long end)
    {
        long place = new OggSearch(_pages, Serial, _audioStart, end).Before(Math.Max(0, frame) + FirstGranule);
        _pages.Seek(place);
        _queue.Clear();
        _pendingDamage = null;
        _damage = null;
        _silence = 0;
        _used = _count = 0;
        _isWhole = false;
        _isLastRead = false;
        _isEnded = false;
        _isFirstRead = place == _audioStart;
        _expectedPage = -1;
        _next = -1;
        _end = long.MaxValue;
        Interrupt();
    }
}
