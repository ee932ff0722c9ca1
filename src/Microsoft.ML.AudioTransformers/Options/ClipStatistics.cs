namespace Microsoft.ML.AudioTransformers.Options;

/// <summary>What a recipe depends on: the number, the lengths and the sample rate of the clips of a training set.</summary>
internal sealed record ClipStatistics
{
    /// <summary>Number of clips, 1 or more.</summary>
    public required long Count { get; init; }

    /// <summary>Sample rate of the waveforms in Hz; 0 where the column holds log-mel features.</summary>
    public int SampleRate { get; init; }

    /// <summary>Lengths of the waveforms that were looked at, in seconds, ascending; empty where the column holds features.
    /// </summary>
    public IReadOnlyList<double> Seconds { get; init; } = [];

    /// <summary>Frames of a clip's features; 0 where the column holds waveforms.</summary>
    public int Frames { get; init; }

    /// <summary>Mel bins of a clip's features; 0 where the column holds waveforms.</summary>
    public int Mels { get; init; }

    /// <summary>Whether the column holds waveforms.</summary>
    public bool AreWaveforms => SampleRate > 0;

    /// <summary>The middle one of the lengths.</summary>
    public double Median => Seconds[Seconds.Count / 2];
}
