using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>
/// One link of an Ogg file: streams that begin together, of which the first audio is decoded and the others are passed over.
/// </summary>
internal sealed class OggLink : IDisposable
{
    // More silence for lost pages than this is no help: an hour at 48 kHz.
    private const long MaximumSilence = 3600L * 48000;

    private readonly string _name;
    private readonly OggCodec _codec;
    private readonly OggPackets _packets;
    private readonly HashSet<uint> _serials;
    private bool _isWhole = true;
    private bool _isEnded;
    private float[] _block = [];
    private int _used;
    private int _count;
    private long _silence;
    private long _wanted;
    private DamagedAudioException? _damage;

    private OggLink(OggPages pages, string name, long start, uint serial, OggCodec codec, HashSet<uint> serials)
    {
        _packets = new OggPackets(pages, name, serial, codec);
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
    public long AudioStart => _packets.AudioStart;

    /// <summary>The first frame, as granule positions count, without those that are not given.</summary>
    public long FirstGranule => _packets.FirstGranule;

    /// <summary>The next frame that <see cref="Read"/> gives, counted from the link's first.</summary>
    public long Position { get; private set; }

    /// <summary>Whether a page of the file's next link has been read, and is the last one.</summary>
    public bool IsAtNextLink => _packets.IsAtNextLink;

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
        link._packets.ReadHeaders(isThere);
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

    // Whether there is something new: a block, silence, or damage.
    private bool DecodeNext()
    {
        if (!_packets.TryTake(out OggPacket packet))
        {
            return End();
        }

        ReadOnlySpan<byte> bytes = _packets.Bytes(packet);
        if (packet.Restarts)
        {
            _codec.Restart();
        }

        long start = packet.Start - FirstGranule;
        if (_packets.Decoded < 0)
        {
            // After a search: this is where it led.
            _packets.Decoded = Math.Max(0, start);
            Position = _packets.Decoded;
        }
        else if (packet.Damage is not null)
        {
            long lost = start - _packets.Decoded;
            Damage(lost > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{packet.Damage}; {lost} samples are missing")
                : packet.Damage);
            _silence = lost is > 0 and <= MaximumSilence ? lost : 0;
            _packets.Decoded += _silence;
        }

        long end = Math.Min(start + packet.Frames, _packets.End - FirstGranule);
        long first = Math.Max(start, Math.Max(0, _packets.Decoded));
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
        _packets.Decoded = Math.Max(_packets.Decoded, Math.Min(first, end) + _count - _used);
        return true;
    }

    private bool End()
    {
        if (_isEnded)
        {
            return false;
        }

        _isEnded = true;
        string? wrong = _packets.PendingDamage ?? (_isWhole ? _codec.Finish() : null);
        if (wrong is not null)
        {
            Damage(wrong);
        }

        return wrong is not null;
    }

    private void Damage(string what)
    {
        _isWhole = false;
        _damage ??= new DamagedAudioException(_name, (double)Math.Max(0, _packets.Decoded) / _codec.SampleRate, what);
    }

    private void SeekNear(long frame, long end)
    {
        _packets.Seek(frame, end);
        _damage = null;
        _silence = 0;
        _used = _count = 0;
        _isWhole = false;
        _isEnded = false;
    }
}
