namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>
/// Gives a link in another rate and in other channels. One channel becomes all; of more than are wanted, each wanted
/// channel k
/// of n is the mean of those numbered k, k + n, k + 2n, and so on; of fewer, it is the one numbered k modulo their number.
/// </summary>
internal sealed class OggMixer
{
    private const int BlockFrames = 4096;

    private readonly OggLink _link;
    private readonly int _channels;
    private readonly Resampler[]? _resamplers;
    private readonly float[] _input;
    private readonly float[] _mono = new float[BlockFrames];
    private readonly float[][] _ready;
    private int _start;
    private int _end;
    private bool _isEnded;

    /// <param name="link">The link, at its start.</param>
    /// <param name="sampleRate">The wanted rate in Hz.</param>
    /// <param name="channels">The wanted channels.</param>
    public OggMixer(OggLink link, int sampleRate, int channels)
    {
        _link = link;
        _channels = channels;
        _input = new float[BlockFrames * link.Codec.Channels];
        int capacity = BlockFrames;
        if (link.Codec.SampleRate != sampleRate)
        {
            _resamplers = new Resampler[channels];
            for (int i = 0; i < channels; i++)
            {
                _resamplers[i] = new Resampler(link.Codec.SampleRate, sampleRate);
            }

            capacity = _resamplers[0].BlockCapacity(BlockFrames);
        }

        _ready = new float[channels][];
        for (int i = 0; i < channels; i++)
        {
            _ready[i] = new float[capacity];
        }
    }

    /// <summary>The frames that some frames become at another rate: the next whole number.</summary>
    public static long OutputLength(long frames, int from, int to) =>
        (long)((((UInt128)frames * (uint)to) + (uint)from - 1) / (uint)from);

    /// <summary>Gives the next frames.</summary>
    /// <returns>How many; 0 at the link's end only.</returns>
    /// <exception cref="DamagedAudioException">The next frames cannot be decoded.</exception>
    public int Read(Span<float> interleaved)
    {
        int total = 0;
        while (interleaved.Length >= _channels)
        {
            if (_start == _end)
            {
                // What came before damage is given first.
                if (total > 0 || !Fill())
                {
                    break;
                }

                continue;
            }

            int frames = Math.Min(interleaved.Length / _channels, _end - _start);
            for (int channel = 0; channel < _channels; channel++)
            {
                ReadOnlySpan<float> samples = _ready[channel].AsSpan(_start, frames);
                for (int i = 0, j = channel; i < frames; i++, j += _channels)
                {
                    interleaved[j] = samples[i];
                }
            }

            _start += frames;
            interleaved = interleaved[(frames * _channels)..];
            total += frames;
        }

        return total;
    }

    /// <summary>Passes frames; as a filter needs what is before a frame, all are decoded.</summary>
    /// <returns>How many were passed; fewer than wanted at the link's end only.</returns>
    public long Skip(long frames)
    {
        long passed = 0;
        while (passed < frames)
        {
            try
            {
                if (_start == _end && !Fill())
                {
                    break;
                }
            }
            catch (DamagedAudioException)
            {
                // What is damaged before the wanted frame does not concern its reader.
                continue;
            }

            int step = (int)Math.Min(frames - passed, _end - _start);
            _start += step;
            passed += step;
        }

        return passed;
    }

    private bool Fill()
    {
        if (_isEnded)
        {
            return false;
        }

        int frames = _link.Read(_input);
        _isEnded = frames == 0;
        _start = 0;
        _end = _isEnded ? 0 : frames;
        for (int channel = 0; channel < _channels; channel++)
        {
            Span<float> mono = _mono.AsSpan(0, frames);
            Mix(channel, frames, mono);
            if (_resamplers is null)
            {
                mono.CopyTo(_ready[channel]);
            }
            else
            {
                Resampler resampler = _resamplers[channel];
                _end = _isEnded ? resampler.Finish(_ready[channel]) : resampler.Process(mono, _ready[channel]);
            }
        }

        return !_isEnded || _end > 0;
    }

    private void Mix(int channel, int frames, Span<float> mono)
    {
        int inputs = _link.Codec.Channels;
        int first = channel % inputs;
        int count = 1 + Math.Max(0, (inputs - 1 - first) / _channels);
        for (int i = 0; i < frames; i++)
        {
            float sum = 0;
            for (int input = first; input < inputs; input += _channels)
            {
                sum += _input[(i * inputs) + input];
            }

            mono[i] = sum / count;
        }
    }
}
