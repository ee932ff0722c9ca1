namespace Microsoft.ML.AudioTransformers;

/// <summary>What a sweep came to.</summary>
public sealed class AudioSweepResult
{
    internal AudioSweepResult()
    {
    }

    /// <summary>All trials by number; a point that was proposed again is not a trial of its own.</summary>
    public required IReadOnlyList<AudioSweepTrial> Trials { get; init; }

    /// <summary>The trial with the best metric.</summary>
    public required AudioSweepTrial BestTrial { get; init; }

    /// <summary>The best trial's model: the whole fitted pipeline. Over folds, it is fitted on all of them.</summary>
    public required ITransformer Model { get; init; }

    /// <summary>Where the model is saved.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Where the table of all trials is (CSV).</summary>
    public required string TablePath { get; init; }

    /// <summary>Where the chart of the metric against each parameter is (SVG).</summary>
    public required string ChartPath { get; init; }
}
