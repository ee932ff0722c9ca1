using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.ClipScoring.Streaming;

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
    private readonly IClipColumns _columns;
    private readonly ScoringBatch _clip;
    private readonly StreamedWindowReceiver _receiver;
    private readonly WindowGrid _grid;
    private readonly int _rate;
    private readonly MonoSamples _samples;
    private readonly StreamedWindows _windows;
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
        _grid = WindowGrid.For(frontEnd, model.Windows, $"{nameof(model.Windows)}.");
        _rate = frontEnd.SampleRate;
        var reader = new WaveformReader(frontEnd);
        _windows = new StreamedWindows(_grid, reader, Score);
        _samples = new MonoSamples(sampleRate, channels, _rate, _windows.Add);
        _clip = model.CreateBatch(reader, 1);
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
        MonoSamples.Check(sampleRate, channels, rate);
        return new StreamingClassifier(model, receiver, sampleRate == 0 ? rate : sampleRate, channels);
    }

    /// <summary>Sample rate of the samples to write, in Hz.</summary>
    public int SampleRate => _samples.SampleRate;

    /// <summary>Channels of the samples to write; their mean is scored.</summary>
    public int Channels => _samples.Channels;

    /// <summary>Length of a window, in seconds: that of the model's input.</summary>
    public double WindowSeconds => (double)_grid.Length / _rate;

    /// <summary>Hop from one window to the next, in seconds, as the model's <see cref="WindowOptions"/> say.</summary>
    public double HopSeconds => (double)_grid.Hop / _rate;

    /// <summary>
    /// Longest time, in seconds of the stream, from a sample until it is in a scored window: a hop and, where samples are
    /// resampled, the block that the resampler waits for, which can be 0.2 s. The first window takes <see cref="WindowSeconds"/>.
    /// </summary>
    public double Latency => HopSeconds + _samples.Latency;

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
        _samples.Write(samples);
    }

    /// <summary>Ends the stream, and scores what is left after the last window, as the rule for tails says.</summary>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void Finish()
    {
        CheckOpen();
        _isFinished = true;
        _samples.Finish();
        _windows.Finish();
    }

    private void Score(long start, ReadOnlySpan<float> samples)
    {
        _clip.Clear();
        _clip.Add(samples);
        _clip.Score(_scores);
        int predicted = ScoreColumns.Predict(_columns, _heads, _scores, _predicted);
        _receiver(new StreamedWindow(
            (double)start / _rate, (double)(start + samples.Length) / _rate, _scores, _predicted.AsSpan(0, predicted),
            _columns.ClassNames));
    }

    private void CheckOpen()
    {
        if (_isFinished)
        {
            throw new InvalidOperationException("The stream is finished; a new recording needs a new one.");
        }
    }
}
