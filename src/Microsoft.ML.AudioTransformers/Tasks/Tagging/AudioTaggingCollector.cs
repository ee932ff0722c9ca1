using System.Globalization;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Collects labels and scores clip by clip, for <see cref="AudioTaggingMetrics"/>.</summary>
internal sealed class AudioTaggingCollector(IReadOnlyList<string>? classNames)
{
    private readonly List<ScoredClip> _clips = [];
    private IReadOnlyList<string>? _classNames = classNames;

    /// <summary>Adds a clip; <see cref="ScoredClip.Create"/> says what labels and scores are.</summary>
    /// <param name="targets">The labels.</param>
    /// <param name="scores">The scores.</param>
    /// <exception cref="ArgumentException">The clip has another number of classes, or a value is not valid.</exception>
    public void Add(ReadOnlySpan<float> targets, ReadOnlySpan<float> scores)
    {
        _classNames ??= [.. Enumerable.Range(0, scores.Length).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        if (scores.Length != _classNames.Count)
        {
            throw new ArgumentException(
                $"Row {_clips.Count} has {scores.Length} scores; expected one for each of {_classNames.Count} classes.");
        }

        _clips.Add(ScoredClip.Create(targets, scores, _clips.Count, label => $"{label} ('{_classNames[label]}')"));
    }

    /// <summary>The metrics of all clips added.</summary>
    /// <exception cref="ArgumentException">There are no clips.</exception>
    public AudioTaggingMetrics ToMetrics()
    {
        return _clips.Count == 0
            ? throw new ArgumentException("There are no rows to evaluate; expected at least one.")
            : new AudioTaggingMetrics(_clips, _classNames!);
    }
}
