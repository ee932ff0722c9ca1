using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>Decodes a FLAC file block by block.</summary>
internal sealed class FlacReader : AudioDecoder
{
    private readonly FlacMetadata _metadata;
    private readonly FlacInput _input;
    private readonly FlacFrames _frames;
    private readonly FlacDigest _digest;

    // The first sample's number: not 0 where a stream was recorded from its middle.
    private long _origin;
    private long _nextFrame;
    private long _silence;
    private int _used;
    private int _count;
    private bool _isEnded;
    private DamagedAudioException? _damage;

    /// <param name="source">The file, at its first byte.</param>
    public FlacReader(AudioSource source)
        : base(source)
    {
        _metadata = FlacMetadata.Read(source);
        _input = new FlacInput(source);
        _frames = new FlacFrames(_input, _metadata.Info);
        FlacStreamInfo info = _metadata.Info;
        _digest = new FlacDigest(info);
        Info = new AudioInfo(
            string.Create(CultureInfo.InvariantCulture, $"FLAC, PCM {info.Bits} bit"),
            info.SampleRate,
            info.Channels,
            info.Length);
        _origin = info.Length < 0 ? -1 : 0;
    }

    /// <inheritdoc/>
    public override AudioInfo Info { get; }

    /// <inheritdoc/>
    public override int Read(Span<float> interleaved)
    {
        int channels = Info.Channels;
        int total = 0;
        while (interleaved.Length >= channels)
        {
            int frames = (int)Math.Min(interleaved.Length / channels, _silence > 0 ? _silence : _count - _used);
            if (_damage is { } damage)
            {
                if (total > 0)
                {
                    break;
                }

                _damage = null;
                throw damage;
            }

            if (frames == 0)
            {
                if (!DecodeNext())
                {
                    break;
                }

                continue;
            }

            if (_silence > 0)
            {
                interleaved[..(frames * channels)].Clear();
                _silence -= frames;
            }
            else
            {
                FlacSamples.ToSingle(_frames.Block, channels, _used, interleaved[..(frames * channels)]);
                _used += frames;
            }

            interleaved = interleaved[(frames * channels)..];
            total += frames;
            Position += frames;
        }

        return total;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        if (Source.CanSeek && frame - Position > _count - _used + _metadata.Info.MaximumBlock)
        {
            Seek(frame);
        }

        while (Position < frame)
        {
            long frames = Math.Min(frame - Position, _silence > 0 ? _silence : _count - _used);
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
            if (_silence > 0)
            {
                _silence -= frames;
            }
            else
            {
                _used += (int)frames;
            }

            Position += frames;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _digest.Dispose();
        base.Dispose();
    }

    // Whether there is something new: a block, silence, or damage.
    private bool DecodeNext()
    {
        if (_isEnded)
        {
            return false;
        }

        long length = Info.Length;
        if (length >= 0 && _nextFrame >= length)
        {
            return End();
        }

        if (!_input.Require(1) || (length < 0 && IsTag()))
        {
            return length < 0 ? End() : EndEarly("the file ends");
        }

        string? wrong = _frames.Decode();
        if (wrong is not null)
        {
            if (_frames.IsCut)
            {
                return EndEarly("the file ends inside a block");
            }

            Damage(wrong);
            _input.Advance(1);
            if (!_frames.Find(long.MaxValue, out _))
            {
                _isEnded = true;
                return true;
            }
        }

        return Take();
    }

    // Puts the decoded block where its header says that it belongs.
    private bool Take()
    {
        FlacBlockDecoder block = _frames.Block;
        int count = block.Header.BlockSize;
        _origin = _origin < 0 ? _frames.BlockStart : _origin;
        long lost = _frames.BlockStart - _origin - _nextFrame;
        long length = Info.Length < 0 ? long.MaxValue : Info.Length;
        if (lost > 0 && _nextFrame + lost <= length && IsPlausible(lost))
        {
            if (_damage is null)
            {
                Damage($"{lost} samples are missing");
            }

            _silence = lost;
            _nextFrame += lost;
        }
        else if (lost != 0 && _damage is null)
        {
            Damage(string.Create(
                CultureInfo.InvariantCulture,
                $"a block begins with sample {_frames.BlockStart - _origin}; expected sample {_nextFrame}"));
        }

        if (count > length - _nextFrame)
        {
            if (_damage is null)
            {
                Damage(string.Create(
                    CultureInfo.InvariantCulture,
                    $"its blocks go on to sample {_nextFrame + count}; its header promises {length} samples"));
            }

            count = (int)(length - _nextFrame);
        }

        if (_damage is null)
        {
            _digest.Append(block);
        }

        _nextFrame += count;
        _used = 0;
        _count = count;
        return true;
    }

    // What is lost takes bytes: 65535 samples of silence are coded in a dozen.
    private bool IsPlausible(long lost) => lost / ushort.MaxValue * 10 <= _input.Position;

    private bool End()
    {
        _isEnded = true;
        string? wrong = _digest.Finish();
        if (wrong is not null)
        {
            Damage(wrong);
        }

        return wrong is not null;
    }

    private bool EndEarly(string what)
    {
        _isEnded = true;
        Damage(Info.Length < 0
            ? what
            : string.Create(
                CultureInfo.InvariantCulture, $"{what} after {_nextFrame} samples; its header promises {Info.Length}"));
        return true;
    }

    private void Damage(string what)
    {
        _damage = new DamagedAudioException(Name, (double)_nextFrame / Info.SampleRate, what);
        _digest.Abandon();
    }

    // Tags that players of other formats put behind the audio.
    private bool IsTag()
    {
        _input.Require(8);
        ReadOnlySpan<byte> bytes = _input.Available;
        return bytes.StartsWith("TAG"u8) || bytes.StartsWith("APETAGEX"u8);
    }

    private void Seek(long frame)
    {
        long length = Info.Length;
        _digest.Abandon();
        _damage = null;
        _silence = 0;
        _used = _count = 0;
        if (length >= 0 && frame >= length)
        {
            _isEnded = true;
            Position = _nextFrame = length;
            return;
        }

        if (_origin < 0 || !_frames.KnowsNumbering)
        {
            _input.Seek(_metadata.AudioStart);
            _origin = _frames.Find(long.MaxValue, out _) && _origin < 0 ? _frames.BlockStart : Math.Max(0, _origin);
        }

        var search = new FlacSearch(_input, _frames, _metadata, Source.Length, _origin);
        (long byteStart, long found) = search.Before(frame);
        _input.Seek(byteStart);
        _nextFrame = found;
        Position = found;
        _isEnded = false;
    }
}
