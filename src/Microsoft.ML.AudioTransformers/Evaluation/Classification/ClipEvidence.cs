using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Score of a class.</summary>
/// <param name="Label">Index of the class, counted from 0.</param>
/// <param name="Score">Score.</param>
internal readonly record struct ScoredLabel(int Label, float Score);

/// <summary>
/// What reports show of evaluated clips, and metrics do not need: the row of each, the score of its label, and its highest
/// scores. All scores of all clips would not fit into memory.
/// </summary>
internal sealed class ClipEvidence
{
    /// <summary>Highest scores that are kept of a clip.</summary>
    public const int MaximumBest = 5;

    private readonly List<long> _rows = [];
    private readonly List<float> _labelScores = [];
    private readonly List<ScoredLabel> _best = [];
    private int _bestCount;

    /// <summary>Whether all scores are probabilities: within 0 to 1.</summary>
    public bool AreProbabilities { get; private set; } = true;

    /// <summary>Rows of the evaluated view, those that were left out among them.</summary>
    public long RowCount { get; set; }

    /// <summary>Row of a clip in the evaluated view.</summary>
    public long Row(int clip) => _rows[clip];

    /// <summary>Score of a clip's label.</summary>
    public float LabelScore(int clip) => _labelScores[clip];

    /// <summary>Highest scores of a clip, the highest first; of equal ones, that of the lower class.</summary>
    public ReadOnlySpan<ScoredLabel> BestOf(int clip) =>
        CollectionsMarshal.AsSpan(_best).Slice(clip * _bestCount, _bestCount);

    /// <summary>Adds a clip.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="scores">Score of each class, as many as of the clips before.</param>
    /// <param name="label">Index of its class.</param>
    public void Add(long row, ReadOnlySpan<float> scores, int label)
    {
        _rows.Add(row);
        RowCount = Math.Max(RowCount, row + 1);
        _labelScores.Add(scores[label]);
        Span<ScoredLabel> best = stackalloc ScoredLabel[MaximumBest];
        int count = Best(scores, best);
        _best.AddRange(best[..count]);
        _bestCount = count;
        foreach (float score in scores)
        {
            AreProbabilities &= score is >= 0 and <= 1.0001f;
        }
    }

    /// <summary>The highest scores, the highest first.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="best">Room for them.</param>
    /// <returns>How many there are.</returns>
    public static int Best(ReadOnlySpan<float> scores, Span<ScoredLabel> best)
    {
        int count = 0;
        for (int label = 0; label < scores.Length; label++)
        {
            if (count == best.Length && !(scores[label] > best[^1].Score))
            {
                continue;
            }

            int place = count < best.Length ? count++ : count - 1;
            for (; place > 0 && scores[label] > best[place - 1].Score; place--)
            {
                best[place] = best[place - 1];
            }

            best[place] = new ScoredLabel(label, scores[label]);
        }

        return count;
    }
}
