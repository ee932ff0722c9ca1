using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>Decodes MPEG audio frame by frame.</summary>
/// <remarks>
/// Where the source can seek, the headers of all frames are read first: only they tell how long the recording is. The delay and
/// padding that LAME's tag gives are left out; without a tag all samples are given, as other decoders do.
/// </remarks>
internal sealed class MpegReader : AudioDecoder
{
    // The place of each frame of this many is kept to seek by; data of a frame reach back over fewer frames than half of it.
    private const int IndexStep = 64;
    private const int FramesOfReservoir = 32;

    private readonly MpegWindow _window;
    private readonly MpegFrameHeader _first;
    private readonly int _freeBytes;
    private readonly MpegInfoTag? _tag;
    private readonly IMpegLayerDecoder _decoder;
    private readonly List<long> _index = [];
    private readonly float[] _samples;
    private readonly int _frameSamples;

    // Positions in samples of all frames ("raw"): what comes before the first that counts, and what does not count at the end.
    private readonly long _start;
    private long _from;
    private readonly long _end = long.MaxValue;
    private readonly (long Start, long End) _gap = (long.MaxValue, long.MaxValue);

    private MpegFrames _frames;
    private MpegFrame? _held;
    private long _nextFrame;
    private long _raw;
    private int _left;
    private DamagedAudioException? _damage;
    private bool _ended;

    /// <param name="source">The recording, at its start.</param>
    /// <param name="end">The byte at which it ends at the latest.</param>
    /// <param name="container">What <see cref="AudioInfo.Format"/> begins with, such as "WAV, ".</param>
    /// <exception cref="InvalidDataException">There is no frame.</exception>
    public MpegReader(AudioSource source, long end, string container)
        : base(source)
    {
        MpegSync.SkipTags(source);
        long start = source.Position;
        var bytes = new byte[MpegSync.SearchBytes];
        int count = source.Peek(bytes);
        int place = MpegSync.FindFirst(bytes.AsSpan(0, count), count < bytes.Length, out _first, out _freeBytes);
        if (place < 0)
        {
            throw new InvalidDataException(
                $"'{source.Name}' has no frame of MPEG audio in the {count} bytes from byte {start} on.");
        }

        _window = new MpegWindow(source, end);
        _frames = new MpegFrames(_window, _first, _freeBytes, start + place);
        _decoder = _first.Layer == 3 ? new LayerThreeDecoder() : new LayerOneTwoDecoder();
        _frameSamples = _first.Samples;
        _samples = new float[2 * _frameSamples];
        if (_frames.TryNext(out MpegFrame frame))
        {
            _tag = MpegInfoTag.Read(frame.Header, _window.At(frame.Position, frame.Bytes));
            _held = _tag is null ? frame : null;
        }

        long total = -1;
        if (source.CanSeek)
        {
            total = Index(_held is null ? _frames.Position : start + place) * _frameSamples;
        }

        if (_tag is { Delay: { } delay, Frames: var frames, Padding: var padding })
        {
            _start = delay + MpegInfoTag.DecoderDelay;
            long tail = Math.Max(0, padding - MpegInfoTag.DecoderDelay);
            long all = frames * _frameSamples;
            if (total == all && tail < all)
            {
                // Else the tag is about another recording, most likely the first of several that were joined.
                _end = all - tail;
                total = _end;
            }
            else if (!source.CanSeek && frames > 0)
            {
                _gap = (all - tail, all);
            }
        }

        _from = _start;
        string version = _first.Version switch { 0 => "1", 1 => "2", _ => "2.5" };
        Info = new AudioInfo(
            $"{container}MPEG-{version}, layer {new string('I', _first.Layer)}",
            _first.SampleRate,
            _first.Channels,
            total < 0 ? -1 : Math.Max(0, total - _start));
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
            if (_damage is { } damage)
            {
                if (total > 0)
                {
                    break;
                }

                _damage = null;
                throw damage;
            }

            if (_left == 0 && !Load())
            {
                if (_damage is null)
                {
                    break;
                }

                continue;
            }

            // What does not count is passed over.
            long next = _raw < _from ? _from : _raw >= _gap.Start && _raw < _gap.End ? _gap.End : _raw;
            int passed = (int)Math.Min(next - _raw, _left);
            _raw += passed;
            _left -= passed;
            long limit = _raw < _gap.Start ? Math.Min(_gap.Start, _end) : _end;
            int frames = (int)Math.Min(Math.Min(interleaved.Length / channels, _left), limit - _raw);
            if (frames <= 0)
            {
                if (_raw >= _end)
                {
                    break;
                }

                continue;
            }

            _samples.AsSpan((_frameSamples - _left) * channels, frames * channels).CopyTo(interleaved);
            interleaved = interleaved[(frames * channels)..];
            _raw += frames;
            _left -= frames;
            Position += frames;
            total += frames;
        }

        return total;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        if (!Source.CanSeek)
        {
            SkipForward(frame);
            return;
        }

        frame = Math.Min(frame, Info.Length);
        long target = frame + _start;
        Position = frame;
        if (target < _raw + _left)
        {
            _left -= (int)(target - _raw);
            _raw = target;
            return;
        }

        long wanted = target / _frameSamples;
        _damage = null;
        long step = Math.Min(Math.Max(0, wanted - FramesOfReservoir - IMpegLayerDecoder.FramesBefore) / IndexStep, _index.Count - 1);
        if (step * IndexStep > _nextFrame)
        {
            _frames = new MpegFrames(_window, _first, _freeBytes, _index[(int)step]);
            _held = null;
            _nextFrame = step * IndexStep;
            _decoder.Forget();
        }

        PassTo(wanted);
        _left = 0;
        _from = target;
    }

    // The frames before the wanted one: their data, and the last of them decoded, since they overlap.
    private void PassTo(long wanted)
    {
        while (_nextFrame < wanted && Take(out MpegFrame frame))
        {
            if (frame.Lost > 0)
            {
                _decoder.Forget();
            }

            ReadOnlySpan<byte> bytes = _window.At(frame.Position, frame.Bytes);
            if (_nextFrame >= wanted - IMpegLayerDecoder.FramesBefore)
            {
                _decoder.Decode(frame.Header, bytes, _samples);
            }
            else
            {
                _decoder.Pass(frame.Header, bytes);
            }

            _nextFrame++;
        }
    }

    private void SkipForward(long frame)
    {
        var sink = new float[_frameSamples * Info.Channels];
        while (Position < frame)
        {
            int wanted = (int)Math.Min(_frameSamples, frame - Position);
            try
            {
                if (Read(sink.AsSpan(0, wanted * Info.Channels)) == 0)
                {
                    break;
                }
            }
            catch (DamagedAudioException)
            {
                // It lies in what is left out.
            }
        }
    }

    private bool Take(out MpegFrame frame)
    {
        if (_held is { } held)
        {
            frame = held;
            _held = null;
            return true;
        }

        return _frames.TryNext(out frame);
    }

    // Decodes the next frame; false at the end, and where damage is to be told first.
    private bool Load()
    {
        if (!Take(out MpegFrame frame))
        {
            if (!_ended)
            {
                _ended = true;
                if (EndFault() is { } fault)
                {
                    _damage = Damage(fault);
                }
            }

            return false;
        }

        if (frame.Lost > 0)
        {
            _decoder.Forget();
            _held = frame with { Lost = 0 };
            _damage = Damage($"{frame.Lost} bytes from byte {frame.Position - frame.Lost} on are no frame");
            return false;
        }

        string? wrong = _decoder.Decode(frame.Header, _window.At(frame.Position, frame.Bytes), _samples);
        if (wrong is not null)
        {
            // The frame's place is given, silent, once the damage is told.
            _damage = Damage(wrong);
        }

        MatchChannels(frame.Header.Channels);
        _raw = _nextFrame * _frameSamples;
        _left = _frameSamples;
        _nextFrame++;
        return wrong is null;
    }

    private DamagedAudioException Damage(string what) =>
        new(Name, (double)Math.Max(0, (_nextFrame * _frameSamples) - _start) / Info.SampleRate, what);

    private double SecondsOf(long frames) => (double)frames * _frameSamples / Info.SampleRate;

    private string? EndFault() => _tag is { Frames: > 0 and var frames } && _nextFrame + 1 < frames
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"the file ends after {_nextFrame} frames, expected {frames} ({SecondsOf(frames):0.###} s) as its first frame says")
        : _tag is { Frames: > 0 } && _nextFrame >= _tag.Frames ? null
        : _frames.EndFault;

    private void MatchChannels(int channels)
    {
        if (channels == 1 && Info.Channels == 2)
        {
            for (int i = _frameSamples - 1; i >= 0; i--)
            {
                _samples[2 * i] = _samples[(2 * i) + 1] = _samples[i];
            }
        }
        else if (channels == 2 && Info.Channels == 1)
        {
            for (int i = 0; i < _frameSamples; i++)
            {
                _samples[i] = (_samples[2 * i] + _samples[(2 * i) + 1]) / 2;
            }
        }
    }

    private long Index(long start)
    {
        var frames = new MpegFrames(_window, _first, _freeBytes, start);
        long count = 0;
        long position = start;
        while (frames.TryNext(out MpegFrame frame))
        {
            if (count++ % IndexStep == 0)
            {
                _index.Add(count == 1 ? position : frame.Position - frame.Lost);
            }
        }

        return count;
    }
}
