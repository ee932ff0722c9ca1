namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>
/// Decodes an Ogg file block by block. The links of a chain are one recording, at the rate and in the channels of the first:
/// others are resampled, and their channels mixed (<see cref="OggMixer"/>).
/// </summary>
internal sealed class OggReader : AudioDecoder
{
    private readonly OggPages _pages;

    // Of a source that can seek: all links, and the frame behind each.
    private readonly List<(OggChainLink Link, long End)> _links = [];
    private OggLink _link;
    private int _index;
    private long _linkStart;
    private OggMixer? _mixer;
    private bool _isEnded;
    private DamagedAudioException? _damage;

    /// <param name="source">The file, at its first byte.</param>
    public OggReader(AudioSource source)
        : base(source)
    {
        _pages = new OggPages(source);
        do
        {
            if (!_pages.Read())
            {
                throw new InvalidDataException(
                    $"'{source.Name}' is no Ogg file that can be read: none of its pages begins a stream and is whole.");
            }
        }
        while (!_pages.IsFirst);

        _link = OggLink.Open(_pages, source.Name);
        OggCodec codec = _link.Codec;
        long length = -1;
        if (source.CanSeek)
        {
            length = FindLinks(source.Length);
        }

        Info = new AudioInfo(codec.Format, codec.SampleRate, codec.Channels, length);
    }

    /// <inheritdoc/>
    public override AudioInfo Info { get; }

    /// <inheritdoc/>
    public override int Read(Span<float> interleaved)
    {
        int channels = Info.Channels;
        int total = 0;
        while (interleaved.Length >= channels && _damage is null && !_isEnded)
        {
            int frames = 0;
            try
            {
                frames = _mixer is null ? _link.Read(interleaved) : _mixer.Read(interleaved);
            }
            catch (DamagedAudioException damage)
            {
                // The link counts from its own start.
                Damage(damage.Seconds + ((double)_linkStart / Info.SampleRate), damage.What);
                break;
            }

            interleaved = interleaved[(frames * channels)..];
            total += frames;
            Position += frames;
            if (frames == 0 && !OpenNext())
            {
                _isEnded = true;
            }
        }

        if (total == 0 && _damage is { } pending)
        {
            _damage = null;
            throw pending;
        }

        return total;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        _damage = null;
        int index = _index;
        while (index < _links.Count - 1 && _links[index].End <= frame)
        {
            index++;
        }

        if (index != _index)
        {
            _index = index - 1;
            _isEnded = !OpenNext();
        }

        while (Position < frame && !_isEnded)
        {
            long end = _links.Count > 0 ? _links[_index].Link.End : -1;
            _damage = null;
            if (_mixer is null)
            {
                _link.SkipTo(frame - _linkStart, end);
                Position = _linkStart + _link.Position;
            }
            else
            {
                Position += _mixer.Skip(frame - Position);
            }

            if (Position < frame && !OpenNext())
            {
                _isEnded = true;
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _link.Dispose();
        base.Dispose();
    }

    // The frames of all links.
    private long FindLinks(long bytes)
    {
        OggLink first = _link;
        List<OggChainLink> chain = new OggChain(_pages, bytes).Find(first);
        long end = 0;
        foreach (OggChainLink part in chain)
        {
            OggLink? link = part.Start == first.Start ? first : TryOpen(part.Start, out _);
            if (link is not null)
            {
                long granule = part.LastGranules.GetValueOrDefault(link.Serial, -1);
                long frames = Math.Max(0, granule - link.FirstGranule);
                end += OggMixer.OutputLength(frames, link.Codec.SampleRate, first.Codec.SampleRate);
                link.Dispose();
            }

            _links.Add((part, end));
        }

        // Opening others has moved the pages away.
        _index = -1;
        OpenNext();
        return end;
    }

    // A link in which there is no audio that is read is none, and nothing is wrong with it.
    private OggLink? TryOpen(long start, out string? wrong)
    {
        wrong = null;
        _pages.Seek(start);
        try
        {
            return _pages.Read() ? OggLink.Open(_pages, Name) : null;
        }
        catch (InvalidDataException exception)
        {
            wrong = exception.Message;
            return null;
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private bool OpenNext() => _links.Count > 0 ? OpenKnown() : OpenUnknown();

    private bool OpenKnown()
    {
        while (++_index < _links.Count)
        {
            OggLink? link = TryOpen(_links[_index].Link.Start, out string? wrong);
            long start = _index == 0 ? 0 : _links[_index - 1].End;
            if (link is not null)
            {
                Use(link, start);
                Position = start;
                return true;
            }

            if (wrong is not null)
            {
                Damage((double)start / Info.SampleRate, wrong);
            }
        }

        _index = _links.Count - 1;
        return false;
    }

    private bool OpenUnknown()
    {
        // Behind a link's last page may come what is left of its other streams.
        bool isThere = _link.IsAtNextLink || _pages.Read();
        while (isThere)
        {
            while (isThere && !_pages.IsFirst)
            {
                isThere = _pages.Read();
            }

            try
            {
                if (isThere)
                {
                    Use(OggLink.Open(_pages, Name), Position);
                    return true;
                }
            }
            catch (InvalidDataException exception)
            {
                Damage((double)Position / Info.SampleRate, exception.Message);
                isThere = _pages.Read();
            }
            catch (NotSupportedException)
            {
                isThere = _pages.Read();
            }
        }

        return false;
    }

    private void Damage(double seconds, string what) => _damage ??= new DamagedAudioException(Name, seconds, what);

    private void Use(OggLink link, long start)
    {
        if (link != _link)
        {
            _link.Dispose();
        }

        _link = link;
        _linkStart = start;
        _mixer = null;
        if (Info is { } info && (link.Codec.SampleRate != info.SampleRate || link.Codec.Channels != info.Channels))
        {
            _mixer = new OggMixer(link, info.SampleRate, info.Channels);
        }
    }
}
