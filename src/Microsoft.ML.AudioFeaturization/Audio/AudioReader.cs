using System.Buffers;
using System.Globalization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Reads a recording as one channel at a wanted sample rate, block by block, in flat memory.</summary>
/// <remarks>
/// WAV, AIFF, AU, CAF, FLAC, MP3, Vorbis and Opus are read by managed code; of other formats, files where ffmpeg is found in the
/// folders of PATH. Damage is an <see cref="InvalidDataException"/> at the second where it is. Resampling is
/// by windowed sinc, equal to <c>torchaudio.functional.resample</c>. Not safe for use by several threads at once.
/// </remarks>
public sealed class AudioReader : IDisposable
{
    private const int BlockSamples = 1 << 14;

    private readonly AudioDecoder _decoder;
    private readonly AudioRequest _request;
    private readonly Action<string>? _tellDamage;
    private readonly Resampler? _resampler;
    private readonly float[] _interleaved;
    private readonly float[] _mono;
    private readonly float[] _ready;
    private readonly int _blockFrames;
    private readonly long _end;
    private int _readyStart;
    private int _readyEnd;
    private bool _ended;
    private bool _disposed;

    private AudioReader(AudioDecoder decoder, AudioRequest request, Action<string>? tellDamage)
    {
        _decoder = decoder;
        _tellDamage = tellDamage;
        _request = request;
        AudioInfo info = decoder.Info;
        request.CheckFor(decoder.Name, info);
        SampleRate = request.SampleRate == 0 ? info.SampleRate : request.SampleRate;
        long first = ToFrames(request.Offset, info.SampleRate);
        _end = request.Duration is double duration ? first + ToFrames(duration, info.SampleRate) : long.MaxValue;
        decoder.SkipTo(first);

        _resampler = SampleRate == info.SampleRate ? null : new Resampler(info.SampleRate, SampleRate);
        _blockFrames = Math.Max(1, BlockSamples / info.Channels);
        _interleaved = ArrayPool<float>.Shared.Rent(_blockFrames * info.Channels);
        _mono = ArrayPool<float>.Shared.Rent(_blockFrames);
        _ready = _resampler is null ? [] : ArrayPool<float>.Shared.Rent(_resampler.BlockCapacity(_blockFrames));
    }

    /// <summary>Format, sample rate, channels and length of the recording, from its headers.</summary>
    public AudioInfo Info => _decoder.Info;

    /// <summary>The rate of the samples that <see cref="Read"/> gives, in Hz.</summary>
    public int SampleRate { get; }

    /// <summary>The number of samples to read, or -1 where it is unknown until the end is read.</summary>
    public long Length
    {
        get
        {
            AudioInfo info = _decoder.Info;
            if (info.Length < 0)
            {
                return -1;
            }

            long first = Math.Min(ToFrames(_request.Offset, info.SampleRate), info.Length);
            long frames = Math.Min(_end, info.Length) - first;
            return _resampler?.OutputLength(frames) ?? frames;
        }
    }

    /// <summary>
    /// <see cref="Length"/> where it comes from bytes that are there (a WAV's) and fits an array, or null: other
    /// formats only claim a length.
    /// </summary>
    internal int? ExactLength =>
        _decoder.HasExactLength && Length is >= 0 and long length && length <= Array.MaxLength ? (int)length : null;

    /// <summary>Opens a recording.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sampleRate">
    /// The wanted sample rate in Hz, or 0 for the recording's own. Upsampling is limited to 16 times.
    /// </param>
    /// <param name="channel">The channel to take, counted from 0, or -1 for the mean of all.</param>
    /// <param name="offset">Seconds to leave out at the start, at least 0; they are not decoded.</param>
    /// <param name="duration">Seconds to read at most, or 0 for all that follows; the rest is not decoded.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no audio, or is cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read; the message names it.</exception>
    /// <exception cref="ArgumentException">
    /// A value is outside its range, the recording has no such channel, or its rate is too low for the wanted one.
    /// </exception>
    public static AudioReader Open(
        string path, int sampleRate = 0, int channel = -1, double offset = 0, double duration = 0)
    {
        AudioRequest request = AudioRequest.Create(sampleRate, channel, offset, duration);
        return Open(AudioDecoder.Open(path), request);
    }

    /// <summary>Opens a recording in a stream, from its position on.</summary>
    /// <param name="stream">The audio; left open.</param>
    /// <param name="sampleRate">
    /// The wanted sample rate in Hz, or 0 for the recording's own. Upsampling is limited to 16 times.
    /// </param>
    /// <param name="channel">The channel to take, counted from 0, or -1 for the mean of all.</param>
    /// <param name="offset">Seconds to leave out at the start, at least 0.</param>
    /// <param name="duration">Seconds to read at most, or 0 for all that follows.</param>
    /// <exception cref="InvalidDataException">The stream is no audio, or is cut inside its headers.</exception>
    /// <exception cref="NotSupportedException">It is coded in a way that is not read; the message names it.</exception>
    /// <exception cref="ArgumentException">
    /// A value is outside its range, the recording has no such channel, or its rate is too low for the wanted one.
    /// </exception>
    public static AudioReader Open(
        Stream stream, int sampleRate = 0, int channel = -1, double offset = 0, double duration = 0)
    {
        AudioRequest request = AudioRequest.Create(sampleRate, channel, offset, duration);
        return Open(AudioDecoder.Open(stream, "stream", leaveOpen: true), request);
    }

    /// <summary>Opens a recording, or closes it if it does not meet the request.</summary>
    /// <param name="decoder">The recording, which the reader then owns.</param>
    /// <param name="request">What to read.</param>
    /// <param name="tellDamage">
    /// Told of damage, behind which is read on; null for an exception.
    /// </param>
    internal static AudioReader Open(AudioDecoder decoder, AudioRequest request, Action<string>? tellDamage = null)
    {
        try
        {
            return new AudioReader(decoder, request, tellDamage);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Leaves out the first samples, before any is read: what follows is what it is in the whole. What is left out is not
    /// decoded, but for what the resampler hears of it.
    /// </summary>
    /// <param name="samples">How many, at <see cref="SampleRate"/>; at least 0.</param>
    internal void Skip(long samples)
    {
        if (_resampler is null)
        {
            _decoder.SkipTo(_decoder.Position + samples);
            return;
        }

        (long frame, long first) = _resampler.StartOf(samples);
        _decoder.SkipTo(_decoder.Position + frame);
        Span<float> sink = stackalloc float[256];
        for (long left = samples - first; left > 0;)
        {
            int read = Read(sink[..(int)Math.Min(left, sink.Length)]);
            if (read == 0)
            {
                break;
            }

            left -= read;
        }
    }

    /// <summary>Reads all that is left.</summary>
    /// <exception cref="InvalidDataException">There is nothing, or a sample that is not a finite number.</exception>
    public float[] ReadToEnd() => ReadUpTo(int.MaxValue);

    /// <summary>Reads all that is left, or the first of it; what follows is not decoded, but for the rest of a block.</summary>
    /// <param name="most">The most samples to read, at least 1; <see cref="int.MaxValue"/> for all.</param>
    /// <exception cref="InvalidDataException">There is nothing, or a sample that is not a finite number.</exception>
    internal float[] ReadUpTo(int most)
    {
        var samples = new float[Math.Min(ExactLength is > 0 and int exact ? exact : BlockSamples, most)];
        int length = 0;
        while (true)
        {
            int read = Read(samples.AsSpan(length));
            length += read;
            if (length < samples.Length)
            {
                return length > 0 ? samples[..length] : throw NoSamples();
            }

            if (length == ExactLength || length == most)
            {
                CheckEnd(length);
                return samples;
            }

            if (length == Array.MaxLength)
            {
                throw new InvalidDataException(
                    $"'{_decoder.Name}' has more than {Array.MaxLength} samples, which is what fits a vector. Read it "
                    + "in parts by offset and duration.");
            }

            Array.Resize(ref samples, (int)Math.Min(2L * length, Math.Min(most, Array.MaxLength)));
        }
    }

    /// <summary>Reads as many samples as there is room for.</summary>
    /// <exception cref="InvalidDataException">There are fewer, or one that is not a finite number.</exception>
    internal void ReadExactly(Span<float> samples)
    {
        int read = Read(samples);
        if (read < samples.Length)
        {
            throw new InvalidDataException(
                $"'{_decoder.Name}' ended while it was read: {read} samples, expected {samples.Length}.");
        }

        CheckEnd(read);
    }

    /// <summary>Reads the next samples, full scale at +-1.</summary>
    /// <param name="samples">Room for the samples.</param>
    /// <returns>How many; fewer than there is room for at the end only.</returns>
    /// <exception cref="InvalidDataException">A sample is not a finite number.</exception>
    public int Read(Span<float> samples)
    {
        int total = 0;
        while (samples.Length > 0)
        {
            int read = _resampler is null ? ReadMono(samples) : ReadResampled(_resampler, samples);
            if (read == 0)
            {
                break;
            }

            total += read;
            samples = samples[read..];
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        ArrayPool<float>.Shared.Return(_interleaved);
        ArrayPool<float>.Shared.Return(_mono);
        if (_ready.Length > 0)
        {
            ArrayPool<float>.Shared.Return(_ready);
        }

        _decoder.Dispose();
    }

    private static long ToFrames(double seconds, int sampleRate) =>
        (long)Math.Round(Math.Min(seconds * sampleRate, long.MaxValue / 4));

    // Where all samples are read, only asking for more tells whether the recording ends as it should.
    private void CheckEnd(int read)
    {
        if (read == ExactLength && Read(stackalloc float[1]) > 0)
        {
            throw new InvalidDataException($"'{_decoder.Name}' has more samples than its length, {ExactLength}.");
        }
    }

    private InvalidDataException NoSamples()
    {
        string where = _request.Offset > 0
            ? string.Create(CultureInfo.InvariantCulture, $"from {_request.Offset} s on")
            : "at all";
        return new InvalidDataException($"'{_decoder.Name}' holds no samples {where} ({_decoder.Info}).");
    }

    private int ReadResampled(Resampler resampler, Span<float> samples)
    {
        while (_readyStart == _readyEnd)
        {
            if (_ended)
            {
                return 0;
            }

            int read = ReadMono(_mono.AsSpan(0, _blockFrames));
            _ended = read == 0;
            _readyStart = 0;
            _readyEnd = _ended ? resampler.Finish(_ready) : resampler.Process(_mono.AsSpan(0, read), _ready);
        }

        int count = Math.Min(samples.Length, _readyEnd - _readyStart);
        _ready.AsSpan(_readyStart, count).CopyTo(samples);
        _readyStart += count;
        return count;
    }

    // The next samples at the recording's own rate.
    private int ReadMono(Span<float> samples)
    {
        int channels = _decoder.Info.Channels;
        long start = _decoder.Position;
        int frames = (int)Math.Min(Math.Min(samples.Length, _blockFrames), _end - start);
        if (frames <= 0)
        {
            return 0;
        }

        // One channel needs no mixing.
        Span<float> block = channels == 1 ? samples[..frames] : _interleaved.AsSpan(0, frames * channels);
        frames = Decode(block);
        block = block[..(frames * channels)];
        samples = samples[..frames];
        if (channels > 1)
        {
            ChannelMixer.ToMono(block, channels, _request.Channel, samples);
        }

        int wrong = FiniteNumbers.FirstOther(samples);
        return wrong < 0 ? frames : throw NotFinite(block, channels, wrong, start);
    }

    private int Decode(Span<float> block)
    {
        while (true)
        {
            try
            {
                return _decoder.Read(block);
            }
            catch (DamagedAudioException damage)
            {
                if (_tellDamage is null)
                {
                    throw new InvalidDataException(damage.Message, damage);
                }

                _tellDamage(damage.Message);
            }
        }
    }

    private InvalidDataException NotFinite(ReadOnlySpan<float> block, int channels, int frame, long start)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            float value = block[(frame * channels) + channel];
            if (!float.IsFinite(value))
            {
                return new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{_decoder.Name}': sample {start + frame} of channel {channel} is {value}; "
                    + $"expected a finite number."));
            }
        }

        return new InvalidDataException(
            $"'{_decoder.Name}': the channels' sum at sample {start + frame} is beyond the range of float32.");
    }
}
