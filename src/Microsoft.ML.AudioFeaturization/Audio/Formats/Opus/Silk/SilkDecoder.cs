namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>The SILK layer of one stream: linear prediction of one channel, or of mid and side (RFC 6716, section 4.2).</summary>
internal sealed class SilkDecoder
{
    private const int MaximumFrames = 3;
    private const int MaximumSamples = 320;

    private readonly RangeDecoder _range;
    private readonly SilkChannel[] _channels;
    private readonly SilkStereo _stereo;
    private readonly bool[] _activity = new bool[2 * MaximumFrames];
    private readonly int[] _copies = new int[2];

    // Each behind two samples of the last frame.
    private readonly short[] _first = new short[MaximumSamples + 2];
    private readonly short[] _second = new short[MaximumSamples + 2];
    private readonly int _outputs;
    private int _internal;
    private bool _wasMidOnly;

    /// <param name="range">From which frames are read.</param>
    /// <param name="channels">Channels that are made, 1 or 2, whatever the frames have.</param>
    public SilkDecoder(RangeDecoder range, int channels)
    {
        _range = range;
        _outputs = channels;
        _channels = [new SilkChannel(range), new SilkChannel(range)];
        _stereo = new SilkStereo(range);
    }

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        _channels[0].Reset();
        _channels[1].Reset();

        // RFC 8251, section 3: where the layer begins anew, so does the stereo state.
        _stereo.Reset();
        _wasMidOnly = false;
    }

    /// <summary>Decodes a frame of the stream, which the range decoder stands in; it is one to three of this layer's.</summary>
    /// <param name="milliseconds">10, 20, 40 or 60.</param>
    /// <param name="kilohertz">8, 12 or 16, or 0 to keep it, where the frame was lost.</param>
    /// <param name="isStereo">Whether the frame has two channels; not used where it was lost.</param>
    /// <param name="isLost">Whether the frame was lost.</param>
    /// <param name="output">For each channel that is made, room at full scale 1, at 48 kHz.</param>
    /// <param name="offset">Where in the room the frame is written.</param>
    public void Decode(int milliseconds, int kilohertz, bool isStereo, bool isLost, float[][] output, int offset)
    {
        int channels = isLost ? Math.Max(1, _internal) : isStereo ? 2 : 1;
        kilohertz = kilohertz == 0 ? Math.Max(8, _channels[0].Kilohertz) : kilohertz;
        if (channels > _internal)
        {
            _channels[1].Reset();
        }

        bool collapses = channels == 1 && _internal == 2 && _channels[0].Kilohertz == kilohertz;
        int frames = milliseconds <= 20 ? 1 : milliseconds / 20;
        for (int i = 0; i < channels; i++)
        {
            _channels[i].Begin(kilohertz, milliseconds == 10 ? 2 : 4);
        }

        if (_outputs == 2 && channels == 2 && _internal == 1)
        {
            _stereo.ForgetSide();
            _channels[1].Resampler.CopyFrom(_channels[0].Resampler);
        }

        _internal = channels;
        if (!isLost)
        {
            ReadFlags(frames, channels);
        }

        int samples = _channels[0].FrameSamples;
        int made = samples * 48 / kilohertz;
        for (int frame = 0; frame < frames; frame++, offset += made)
        {
            DecodeFrame(frame, channels, isLost);
            Give(channels, samples, collapses && frame == 0, output, offset, made);
        }
    }

    private void DecodeFrame(int frame, int channels, bool isLost)
    {
        bool isMidOnly = false;
        if (channels == 2 && !isLost)
        {
            _stereo.ReadWeights();
            isMidOnly = !_activity[MaximumFrames + frame] && _stereo.ReadMidOnly();
            if (!isMidOnly && _wasMidOnly)
            {
                _channels[1].ForgetPrediction();
            }
        }

        bool hasSide = isLost ? !_wasMidOnly : !isMidOnly;
        int samples = _channels[0].FrameSamples;
        for (int i = 0; i < channels; i++)
        {
            Span<short> output = (i == 0 ? _first : _second).AsSpan(2, samples);
            if (i == 1 && !hasSide)
            {
                output.Clear();
            }
            else if (isLost)
            {
                _channels[i].Conceal(output);
            }
            else
            {
                bool isFirst = frame == 0;
                bool followsSilence = i == 1 && _wasMidOnly;
                _channels[i].Decode(
                    _activity[(i * MaximumFrames) + frame], isConditional: !isFirst && !followsSilence, hasScale: isFirst,
                    output);
            }
        }

        if (isLost)
        {
            _channels[0].ForgetGain();
            _channels[1].ForgetGain();
        }
        else
        {
            _wasMidOnly = isMidOnly;
        }
    }

    private void Give(int channels, int samples, bool collapses, float[][] output, int offset, int made)
    {
        if (_outputs == 2 && channels == 2)
        {
            _stereo.Part(_first, _second, samples, _channels[0].Kilohertz);
        }
        else
        {
            _stereo.KeepMid(_first, samples);
        }

        _channels[0].Resampler.Run(_first.AsSpan(1, samples), output[0].AsSpan(offset, made));
        if (_outputs == 2)
        {
            Span<float> right = output[1].AsSpan(offset, made);
            if (channels == 2)
            {
                _channels[1].Resampler.Run(_second.AsSpan(1, samples), right);
            }
            else if (collapses)
            {
                _channels[1].Resampler.Run(_first.AsSpan(1, samples), right);
            }
            else
            {
                output[0].AsSpan(offset, made).CopyTo(right);
            }
        }
    }

    // Sections 4.2.3 to 4.2.5: voice activity, and copies of earlier frames for those who lost them, which are passed over.
    private void ReadFlags(int frames, int channels)
    {
        bool hasCopies = false;
        Span<bool> hasCopy = [false, false];
        for (int i = 0; i < channels; i++)
        {
            for (int frame = 0; frame < frames; frame++)
            {
                _activity[(i * MaximumFrames) + frame] = _range.ReadFlag(1);
            }

            hasCopy[i] = _range.ReadFlag(1);
            hasCopies |= hasCopy[i];
        }

        for (int i = 0; i < channels; i++)
        {
            _copies[i] = !hasCopy[i] ? 0
                : frames == 1 ? 1
                : frames == 2 ? _range.ReadSymbol(SilkTables.TwoRedundantSymbols) + 1
                : _range.ReadSymbol(SilkTables.ThreeRedundantSymbols) + 1;
        }

        for (int frame = 0; hasCopies && frame < frames; frame++)
        {
            for (int i = 0; i < channels; i++)
            {
                if ((_copies[i] >> frame & 1) == 0)
                {
                    continue;
                }

                if (channels == 2 && i == 0)
                {
                    _stereo.SkipWeights();
                    if ((_copies[1] >> frame & 1) == 0)
                    {
                        _stereo.ReadMidOnly();
                    }
                }

                _channels[i].Skip(frame > 0 && (_copies[i] >> (frame - 1) & 1) != 0);
            }
        }
    }
}
