using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Streaming classifier: scores a recording of any length, such as a microphone's or a socket's, window by window as it comes
/// in. Samples are written in blocks of any size, at any rate and with any number of channels; the scores do not depend on the
/// sizes, and are those of the same windows of a file.
/// </summary>
/// <remarks>
/// A window is scored within the call of <see cref="Write"/> that gives its last sample, and a sound is in a window
/// <see cref="Latency"/> after it was written at the latest, to which the time of computing is added. Once warm, it allocates no
/// managed memory of its own; TorchSharp allocates a handle for each tensor of the network's forward pass. Each recording
/// needs a classifier of its own, which is not safe for use by several threads at once; the model is, so that several
/// classifiers of one model can run side by side.
/// </remarks>
public sealed class StreamingClassifier
{
    private const int BlockFrames = 1 << 12;

    private readonly IClipColumns _columns;
    private readonly ScoringBatch _clip;
    private readonly StreamedWindowReceiver _receiver;
    private readonly WaveformReader _reader;
    private readonly WindowGrid _grid;
    private readonly int _rate;
    private readonly Resampler? _resampler;

    // A frame of all channels whose last samples have not come yet; a block of one channel; the same, resampled.
    private readonly float[] _frame;
    private readonly float[] _mono;
    private readonly float[] _resampled;
    private int _frameLength;

    // The hop before the window, then the window, of which so many samples are there.
    private readonly float[] _samples;
    private int _length;
    private long _start;
    private long _windows;

    private readonly float[] _scores;
    private readonly int[] _predicted;
    private readonly int[] _heads;
    private bool _isFinished;

    /// <param name="model">Model with a front end.</param>
    /// <param name="receiver">Receives each window.</param>
    /// <param name="sampleRate">Sample rate of the samples to write, in Hz.</param>
    /// <param name="channels">Channels of the samples to write.</param>
    private StreamingClassifier(
        IClipScorer model, StreamedWindowReceiver receiver, int sampleRate, int channels)
    {
        LogMelOptions frontEnd = model.FrontEnd!;
        _columns = model.Columns;
        _receiver = receiver;
        _reader = new WaveformReader(frontEnd);
        _grid = WindowGrid.For(frontEnd, model.Windows, $"{nameof(model.Windows)}.");
        _rate = frontEnd.SampleRate;
        SampleRate = sampleRate;
        Channels = channels;
        _resampler = sampleRate == _rate ? null : new Resampler(sampleRate, _rate);
        _frame = new float[channels];
        _mono = new float[BlockFrames];
        _resampled = new float[_resampler?.BlockCapacity(BlockFrames) ?? 0];
        _samples = new float[checked(_grid.Hop + _grid.Length)];
        _clip = model.CreateBatch(_reader, 1);
        _scores = new float[_columns.ClassNames.Count];
        _predicted = new int[_columns.ClassNames.Count];
        _heads = [.. _columns.HeadSizes];
    }

    /// <summary>Creates the classifier of a model, after a check of its stream's format.</summary>
    /// <inheritdoc cref="StreamingClassifier(IClipScorer, StreamedWindowReceiver, int, int)"/>
    /// <exception cref="InvalidOperationException">The model has no front end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    internal static StreamingClassifier Create(
        IClipScorer model, StreamedWindowReceiver receiver, int sampleRate, int channels)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        int rate = model.FrontEnd?.SampleRate ?? throw new InvalidOperationException(
            "The model has no front end: train it on waveforms, with the option FrontEnd, to score streams of samples.");
        const int maximumUpsampling = 16;
        int least = (rate + maximumUpsampling - 1) / maximumUpsampling;
        OptionCheck.That(
            sampleRate == 0 || (sampleRate >= least && sampleRate <= 1_000_000), sampleRate, nameof(sampleRate),
            $"0 or {least} to 1000000");
        OptionCheck.That(channels is >= 1 and <= 1024, channels, nameof(channels), "1 to 1024");
        return new StreamingClassifier(model, receiver, sampleRate == 0 ? rate : sampleRate, channels);
    }

    /// <summary>Sample rate of the samples to write, in Hz.</summary>
    public int SampleRate { get; }

    /// <summary>Channels of the samples to write; their mean is scored.</summary>
    public int Channels { get; }

    /// <summary>Length of a window, in seconds: that of the model's input.</summary>
    public double WindowSeconds => (double)_grid.Length / _rate;

    /// <summary>Hop from one window to the next, in seconds, as the model's <see cref="WindowOptions"/> say.</summary>
    public double HopSeconds => (double)_grid.Hop / _rate;

    /// <summary>
    /// Longest time, in seconds of the stream, from a sample until it is in a scored window: a hop and, where samples are
    /// resampled, the block that the resampler waits for, which can be 0.2 s. The first window takes <see cref="WindowSeconds"/>.
    /// </summary>
    public double Latency => HopSeconds + ((double)(_resampler?.Lookahead ?? 0) / SampleRate);

    /// <summary>Writes the next samples of the stream, and scores the windows that end with them.</summary>
    /// <param name="samples">
    /// Any number of finite samples, full scale at 1; those of several channels interleaved. A call may end within a frame.
    /// </param>
    /// <exception cref="ArgumentException">A sample is not finite; nothing of the call is scored.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void Write(ReadOnlySpan<float> samples)
    {
        CheckOpen();
        if (FeatureReader.FirstNotFinite(samples) is { } wrong)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"Sample {wrong} of the block is {samples[wrong]}; expected a finite number."),
                nameof(samples));
        }

        if (_frameLength > 0)
        {
            int taken = Math.Min(Channels - _frameLength, samples.Length);
            samples[..taken].CopyTo(_frame.AsSpan(_frameLength));
            _frameLength += taken;
            samples = samples[taken..];
            if (_frameLength < Channels)
            {
                return;
            }

            WriteFrames(_frame);
        }

        int whole = samples.Length - (samples.Length % Channels);
        WriteFrames(samples[..whole]);
        samples[whole..].CopyTo(_frame);
        _frameLength = samples.Length - whole;
    }

    /// <summary>Ends the stream, and scores what is left after the last window, as the rule for tails says.</summary>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void Finish()
    {
        CheckOpen();
        _isFinished = true;
        if (_resampler is not null)
        {
            Push(_resampled.AsSpan(0, _resampler.Finish(_resampled)));
        }

        int rest = _windows == 0 ? _length : _length - (_grid.Length - _grid.Hop);
        if (_windows == 0 ? _reader.HasFrame(_length) : _grid.Tail != WindowTail.Drop && rest > _grid.Slack)
        {
            bool isShifted = _windows > 0 && _grid.Tail == WindowTail.ShiftBack;
            Score(isShifted ? _length - _grid.Length : 0, isShifted ? _grid.Length : _length);
        }
    }

    private void WriteFrames(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            int frames = Math.Min(samples.Length / Channels, BlockFrames);
            ReadOnlySpan<float> block = samples[..(frames * Channels)];
            samples = samples[block.Length..];
            if (Channels > 1)
            {
                ChannelMixer.ToMono(block, Channels, null, _mono.AsSpan(0, frames));
                block = _mono.AsSpan(0, frames);
            }

            Push(_resampler is null ? block : _resampled.AsSpan(0, _resampler.Process(block, _resampled)));
        }
    }

    private void Push(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            int taken = Math.Min(samples.Length, _grid.Length - _length);
            samples[..taken].CopyTo(_samples.AsSpan(_grid.Hop + _length));
            _length += taken;
            samples = samples[taken..];
            if (_length == _grid.Length)
            {
                Score(0, _grid.Length);
                _samples.AsSpan(_grid.Hop).CopyTo(_samples);
                _length -= _grid.Hop;
                _start += _grid.Hop;
                _windows++;
            }
        }
    }

    private void Score(int offset, int length)
    {
        _clip.Clear();
        _clip.Add(_samples.AsSpan(_grid.Hop + offset, length));
        _clip.Score(_scores);
        long start = _start + offset;
        _receiver(new StreamedWindow(
            (double)start / _rate, (double)(start + length) / _rate, _scores, _predicted.AsSpan(0, Predict()),
            _columns.ClassNames));
    }

    private int Predict()
    {
        int count = 0;
        if (_columns.IsMultiLabel)
        {
            for (int label = 0; label < _scores.Length; label++)
            {
                if (_scores[label] >= 0.5f)
                {
                    _predicted[count++] = label;
                }
            }

            return count;
        }

        int first = 0;
        foreach (int size in _heads)
        {
            _predicted[count++] = first + ScoreColumns.Best(_scores.AsSpan(first, size));
            first += size;
        }

        return count;
    }

    private void CheckOpen()
    {
        if (_isFinished)
        {
            throw new InvalidOperationException("The stream is finished; a new recording needs a new one.");
        }
    }
}
