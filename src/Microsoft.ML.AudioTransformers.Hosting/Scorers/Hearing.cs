using Microsoft.ML.AudioTransformers.Hosting.Batching;

namespace Microsoft.ML.AudioTransformers.Hosting.Scorers;

/// <summary>
/// Hearing of one recording or stream at the model's rate: samples go in, findings come out in order. Not safe for use by
/// several threads at once.
/// </summary>
internal abstract class Hearing : IDisposable
{
    /// <summary>Samples that are worth adding at once.</summary>
    public abstract int BlockLength { get; }

    /// <summary>Samples added.</summary>
    public long SampleCount { get; protected set; }

    /// <summary>Whether what follows is not heard.</summary>
    public virtual bool HasEnough => false;

    /// <summary>Creates the hearing of a request.</summary>
    /// <param name="model">Model, of which the request holds a share.</param>
    /// <param name="queue">Queue of the model.</param>
    /// <param name="isStream">Whether samples come in as they sound: what is found is told as soon as can be.</param>
    /// <param name="cancellation">Cancelled when the request ends.</param>
    public static Hearing Of(HostedModel model, ScoringQueue queue, bool isStream, CancellationToken cancellation) =>
        model.Detector is not null ? new EventHearing(model, queue, cancellation)
        : isStream || model.RecordingGrid is not null ? new WindowHearing(model, queue, isStream, cancellation)
        : new BeginningHearing(model, queue, cancellation);

    /// <summary>Takes the next samples. What it needs of them is copied.</summary>
    public abstract void Take(ReadOnlySpan<float> samples);

    /// <summary>Has what was taken scored, as far as it is complete, and adds what is found.</summary>
    public abstract ValueTask ScoreAsync(List<AudioFinding> found);

    /// <summary>Ends the recording: has the rest scored, and adds what is found.</summary>
    /// <param name="found">Receives what is found, the end last.</param>
    /// <exception cref="InvalidDataException">There are too few samples for one frame.</exception>
    public abstract ValueTask FinishAsync(List<AudioFinding> found);

    /// <summary>Gives up what is not in the queue; what is in it the request's cancellation ends.</summary>
    public virtual void Dispose()
    {
    }

    protected static InvalidDataException TooShort(long samples) => new(
        $"The recording has {samples} samples at the model's rate; expected enough for one frame of its front end.");
}

/// <summary>Hearing of a detector: its steps are done one after the other on the queue's thread.</summary>
internal sealed class EventHearing(HostedModel model, ScoringQueue queue, CancellationToken cancellation) : Hearing
{
    private readonly StreamingSoundEventDetector _stream = model.Detector!.CreateStreamingDetector("");
    private readonly List<SoundEvent> _events = [];
    private readonly List<float> _taken = [];

    public override int BlockLength => 1 << 14;

    public override void Take(ReadOnlySpan<float> samples)
    {
        SampleCount += samples.Length;
        _taken.AddRange(samples);
    }

    public override async ValueTask ScoreAsync(List<AudioFinding> found)
    {
        if (_taken.Count > 0)
        {
            float[] samples = [.. _taken];
            _taken.Clear();
            Add(await StepAsync(() => _stream.Write(samples), samples.Length).ConfigureAwait(false), found);
        }
    }

    public override async ValueTask FinishAsync(List<AudioFinding> found)
    {
        if (SampleCount == 0)
        {
            throw TooShort(0);
        }

        Add(await StepAsync(_stream.Finish, 0).ConfigureAwait(false), found);
        AudioLabel[] labels =
        [
            .. _events.GroupBy(item => item.Label, StringComparer.Ordinal)
                .Select(group => new AudioLabel(group.Key, (float)group.Max(item => item.Score)))
                .OrderByDescending(label => label.Score),
        ];
        found.Add(new AudioEndFinding(new AudioScores(
            model.Version, model.ClassNames, _stream.Scores(), labels,
            [.. _events.OrderBy(item => item.Onset).ThenBy(item => item.Label, StringComparer.Ordinal)],
            (double)SampleCount / model.FrontEnd.SampleRate, 0, isCut: false)));
    }

    private async ValueTask<T> StepAsync<T>(Func<T> step, int samples)
    {
        var job = new StepJob<T>(model, step, (double)samples / model.FrontEnd.SampleRate, cancellation);
        await queue.AddAsync(job).ConfigureAwait(false);
        return await job.Found.ConfigureAwait(false);
    }

    private void Add(IReadOnlyList<SoundEvent> events, List<AudioFinding> found)
    {
        _events.AddRange(events);
        found.AddRange(events.Select(item => new AudioEventFinding(item)));
    }
}
