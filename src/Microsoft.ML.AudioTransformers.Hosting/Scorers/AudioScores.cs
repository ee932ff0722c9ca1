namespace Microsoft.ML.AudioTransformers.Hosting;

/// <summary>Label that a model gives, with its probability.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Score">Probability of the class, 0 to 1.</param>
public readonly record struct AudioLabel(string Name, float Score);

/// <summary>Scores of a whole recording or stream: those that the model's transformer gives for the same samples.</summary>
public sealed class AudioScores
{
    internal AudioScores(
        string modelVersion, IReadOnlyList<string> classNames, float[] scores, IReadOnlyList<AudioLabel> labels,
        IReadOnlyList<SoundEvent>? events, double heardSeconds, long windows, bool isCut)
    {
        ModelVersion = modelVersion;
        ClassNames = classNames;
        Scores = scores;
        Labels = labels;
        Events = events;
        HeardSeconds = heardSeconds;
        Windows = windows;
        IsCut = isCut;
    }

    /// <summary>Version of the model, as <see cref="AudioModelInfo.Version"/>.</summary>
    public string ModelVersion { get; }

    /// <summary>Names of the classes, in the order of <see cref="Scores"/>.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Probability of each class.</summary>
    public IReadOnlyList<float> Scores { get; }

    /// <summary>
    /// Predicted labels: of a classifier the one with the highest probability, of a tagger those with 0.5 or more, of an
    /// action recognizer the verb and the noun, of a detector the classes of the events, with the highest score of each.
    /// </summary>
    public IReadOnlyList<AudioLabel> Labels { get; }

    /// <summary>Events in order of their onsets; null if the model is no detector.</summary>
    public IReadOnlyList<SoundEvent>? Events { get; }

    /// <summary>Seconds of sound that were heard.</summary>
    public double HeardSeconds { get; }

    /// <summary>Number of windows that were scored; 0 of a detector, whose images overlap in their own way.</summary>
    public long Windows { get; }

    /// <summary>Whether more was there than was heard, because the model hears the beginnings of recordings alone.</summary>
    public bool IsCut { get; }
}

/// <summary>What a model finds in a recording or stream while it comes in; see <see cref="IAudioScorer"/>.</summary>
public abstract record AudioFinding
{
    private protected AudioFinding()
    {
    }
}

/// <summary>Window of a recording or stream that is scored.</summary>
/// <param name="Start">Start of the window, in seconds from the first sample.</param>
/// <param name="End">End of the window, in seconds from the first sample.</param>
/// <param name="Labels">Predicted labels, as <see cref="AudioScores.Labels"/>.</param>
/// <param name="Scores">Probability of each class.</param>
public sealed record AudioWindowFinding(
    double Start, double End, IReadOnlyList<AudioLabel> Labels, IReadOnlyList<float> Scores) : AudioFinding;

/// <summary>Event that has ended.</summary>
/// <param name="Event">The event.</param>
public sealed record AudioEventFinding(SoundEvent Event) : AudioFinding;

/// <summary>End of the recording or stream: the last finding.</summary>
/// <param name="Scores">Scores of the whole.</param>
public sealed record AudioEndFinding(AudioScores Scores) : AudioFinding;

/// <summary>What is known of a hosted model.</summary>
/// <param name="Name">Name under which it was added.</param>
/// <param name="Task">"classification", "tagging", "actions" or "sound events".</param>
/// <param name="ClassNames">Names of its classes; of a detector those of its events.</param>
/// <param name="SampleRate">Sample rate of its front end, in Hz. Recordings and streams may have others.</param>
/// <param name="WindowSeconds">Length of a window in seconds; 0 of a detector.</param>
/// <param name="HopSeconds">From one window of a stream to the next, in seconds; 0 of a detector.</param>
/// <param name="IsLongHeard">Whether all of a long recording is heard, and not its beginning alone.</param>
/// <param name="Version">First digits of the SHA-256 of its file.</param>
/// <param name="LoadedAt">Time at which it was loaded.</param>
public sealed record AudioModelInfo(
    string Name, string Task, IReadOnlyList<string> ClassNames, int SampleRate, double WindowSeconds, double HopSeconds,
    bool IsLongHeard, string Version, DateTimeOffset LoadedAt);
