using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.ML.AudioTransformers.Tasks;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Finds the events of a recording that comes in pieces of any size, hours of it or a microphone's, in flat memory: the
/// same events whatever the pieces. Not safe for use by several threads at once; the model behind it is.
/// </summary>
public sealed class StreamingSoundEventDetector
{
    private const int BlockLength = 1 << 16;

    private readonly LogMelOptions _frontEnd;
    private readonly PresenceStream _presence;
    private readonly EventReading _reading;
    private readonly int _framesPerStep;
    private readonly int _mels;
    private readonly List<float> _steps = [];

    // A recording that is no longer than the clips that the model learned from is made into features as they were.
    private readonly float[] _beginning;
    private readonly StreamingLogMelExtractor _extractor;
    private float[] _frames = [];
    private bool _isFinished;

    /// <param name="clip">The recording's name.</param>
    /// <param name="networks">The models, on <paramref name="device"/>, outside training.</param>
    /// <param name="device">Where the models are.</param>
    /// <param name="description">What they are; it has a front end.</param>
    internal StreamingSoundEventDetector(
        string clip, PresenceEnsemble networks, Device device, EventModelDescription description)
    {
        _frontEnd = description.FrontEnd!;
        _presence = new PresenceStream(networks, device);
        _reading = new EventReading(clip, description);
        _framesPerStep = networks.Geometry.FramesPerStep;
        _mels = description.Shape.Mels;
        _beginning = new float[EmbeddingWindows.LongestOf(_frontEnd)];
        LogMelOptions unlimited = _frontEnd.Clone();
        (unlimited.TargetSamples, unlimited.TargetFrames) = (0, 0);
        _extractor = new StreamingLogMelExtractor(new LogMelExtractor(unlimited));
    }

    /// <summary>The sample rate that samples must have, in Hz.</summary>
    public int SampleRate => _frontEnd.SampleRate;

    /// <summary>The samples received.</summary>
    public long SampleCount { get; private set; }

    /// <summary>Takes the recording's next samples.</summary>
    /// <param name="samples">Finite samples at <see cref="SampleRate"/>, full scale at 1, any number.</param>
    /// <returns>The events that are now known to be over, in the order in which they ended.</returns>
    /// <exception cref="ArgumentException">A sample is not finite.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
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

        return _reading.Take();
    }

    /// <summary>Ends the recording.</summary>
    /// <returns>The events that were not over.</returns>
    /// <exception cref="ArgumentException">A sample is not finite, or there are too few for one frame.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
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
        _reading.Add(_steps, framesPerStep);
        _reading.Finish((double)SampleCount / SampleRate);
        return _reading.Take();
    }

    /// <summary>The probability of each of the model's classes in the recording, once it is finished.</summary>
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
        _reading.Add(_steps, _framesPerStep);
    }

    private float[] Room(int samples)
    {
        int needed = _extractor.MaximumFrames(samples) * _mels;
        return _frames = _frames.Length >= needed ? _frames : new float[needed];
    }

    private void CheckOpen()
    {
        if (_isFinished)
        {
            throw new InvalidOperationException("The stream is finished; a new recording needs a new one.");
        }
    }
}
