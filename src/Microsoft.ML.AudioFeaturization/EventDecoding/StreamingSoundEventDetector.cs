using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.EventDecoding;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Streaming detector: detects the events of a recording of any length, such as a microphone's, in constant memory. Samples are
/// written in blocks of any size; the events do not depend on the sizes. Each recording needs a detector of its own. Not safe
/// for use by several threads at once; the model is, so several detectors of one model can run side by side.
/// </summary>
public sealed class StreamingSoundEventDetector
{
    private const int BlockLength = 1 << 16;

    private readonly IPresenceModel _model;
    private readonly LogMelOptions _frontEnd;
    private readonly PresenceStream _presence;
    private readonly StreamingEventDecoder _decoder;
    private readonly int _framesPerStep;
    private readonly int _mels;
    private readonly List<float> _steps = [];

    // Features of a recording no longer than the training clips are computed as theirs were, with the same padding.
    private readonly float[] _beginning;
    private readonly StreamingLogMelExtractor _extractor;
    private float[] _frames = [];
    private bool _isFinished;

    /// <param name="clip">Name of the recording.</param>
    /// <param name="model">Model.</param>
    /// <param name="description">Description of the model, with a front end.</param>
    internal StreamingSoundEventDetector(string clip, IPresenceModel model, EventDescription description)
    {
        _model = model;
        _frontEnd = description.FrontEnd!;
        _presence = new PresenceStream(model);
        _decoder = new StreamingEventDecoder(clip, description);
        _framesPerStep = model.Geometry.FramesPerStep;
        _mels = description.Shape.Mels;
        _beginning = new float[EmbeddingWindows.LongestOf(_frontEnd)];
        LogMelOptions unlimited = _frontEnd.Clone();
        (unlimited.TargetSamples, unlimited.TargetFrames) = (0, 0);
        _extractor = new StreamingLogMelExtractor(new LogMelExtractor(unlimited));
    }

    /// <summary>Sample rate of the samples to write, in Hz.</summary>
    public int SampleRate => _frontEnd.SampleRate;

    /// <summary>Number of samples written.</summary>
    public long SampleCount { get; private set; }

    /// <summary>Writes the next samples of the recording.</summary>
    /// <param name="samples">Any number of finite samples at <see cref="SampleRate"/>, full scale at 1.</param>
    /// <returns>The events that have ended, in the order in which they ended.</returns>
    /// <exception cref="ArgumentException">A sample is not finite.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public IReadOnlyList<SoundEvent> Write(ReadOnlySpan<float> samples)
    {
        CheckOpen();
        int kept = (int)Math.Min(samples.Length, Math.Max(0, _beginning.Length - SampleCount));
        samples[..kept].CopyTo(_beginning.AsSpan((int)Math.Min(SampleCount, _beginning.Length)));
        bool wasShort = SampleCount <= _beginning.Length;
        SampleCount += samples.Length;
        if (SampleCount > _beginning.Length)
        {
            if (wasShort)
            {
                AddSamples(_beginning);
            }

            AddSamples(samples[kept..]);
        }

        return _decoder.Take();
    }

    /// <summary>Ends the recording.</summary>
    /// <returns>The events that had not ended.</returns>
    /// <exception cref="ArgumentException">A sample is not finite, or there are too few for one frame.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public IReadOnlyList<SoundEvent> Finish()
    {
        CheckOpen();
        _isFinished = true;
        if (SampleCount <= _beginning.Length)
        {
            _presence.Add(new LogMelExtractor(_frontEnd).Extract(_beginning.AsSpan(0, (int)SampleCount)), _steps);
        }
        else
        {
            AddFrames(_extractor.Finish(Room(0)));
        }

        double framesPerStep = _presence.Finish(_steps);
        _decoder.Add(_steps, framesPerStep);
        _decoder.Finish((double)SampleCount / SampleRate);
        return _decoder.Take();
    }

    /// <summary>Probability of each of the model's classes in the recording, once it is finished.</summary>
    internal float[] Scores() => _presence.Scores();

    private void AddSamples(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            ReadOnlySpan<float> block = samples[..Math.Min(samples.Length, BlockLength)];
            samples = samples[block.Length..];
            AddFrames(_extractor.Write(block, Room(block.Length)));
        }
    }

    private void AddFrames(int count)
    {
        _presence.Add(_frames.AsSpan(0, count * _mels), _steps);
        _decoder.Add(_steps, _framesPerStep);
    }

    private float[] Room(int samples)
    {
        int needed = _extractor.MaximumFrames(samples) * _mels;
        return _frames = _frames.Length >= needed ? _frames : new float[needed];
    }

    private void CheckOpen()
    {
        _model.ThrowIfDisposed();
        if (_isFinished)
        {
            throw new InvalidOperationException("The stream is finished; a new recording needs a new one.");
        }
    }
}
