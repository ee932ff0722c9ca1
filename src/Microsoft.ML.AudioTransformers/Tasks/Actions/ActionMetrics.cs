using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// How well verbs and nouns are recognized, and actions, which are a verb with a noun (EPIC-Kitchens).
/// </summary>
public sealed class ActionMetrics
{
    private readonly IReadOnlyList<ActionClip> _clips;

    internal ActionMetrics(
        IReadOnlyList<ActionClip> clips, AudioClassificationMetrics verb, AudioClassificationMetrics noun)
    {
        _clips = clips;
        Verb = verb;
        Noun = noun;
    }

    /// <summary>The verbs alone.</summary>
    public AudioClassificationMetrics Verb { get; }

    /// <summary>The nouns alone.</summary>
    public AudioClassificationMetrics Noun { get; }

    /// <summary>How many clips were evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>The share of clips whose verb and noun are both recognized.</summary>
    public double ActionAccuracy => TopKActionAccuracy(1);

    /// <summary>Computes the metrics of labels and scores in plain arrays, one of each for every clip.</summary>
    /// <param name="verbLabels">The verb of every clip.</param>
    /// <param name="verbScores">For every clip a score for each verb; not NaN.</param>
    /// <param name="nounLabels">The noun of every clip.</param>
    /// <param name="nounScores">For every clip a score for each noun; not NaN.</param>
    /// <param name="probabilities">Whether scores are probabilities, so that an action's score is the product of its
    /// verb's and noun's; otherwise they are logits, and it is the sum, which ranks actions alike.</param>
    /// <exception cref="ArgumentException">There is no clip, lengths differ, or a value is not as above.</exception>
    public static ActionMetrics Compute(
        IReadOnlyList<int> verbLabels,
        IReadOnlyList<float[]> verbScores,
        IReadOnlyList<int> nounLabels,
        IReadOnlyList<float[]> nounScores,
        bool probabilities = false)
    {
        if (verbLabels.Count != verbScores.Count || nounLabels.Count != verbLabels.Count || nounScores.Count != verbLabels.Count)
        {
            throw new ArgumentException(
                $"There are {verbLabels.Count} verb labels, {verbScores.Count} rows of verb scores, {nounLabels.Count} " +
                $"noun labels and {nounScores.Count} rows of noun scores; expected as many of each.");
        }

        var collector = new ActionCollector(null, null, probabilities);
        for (int row = 0; row < verbLabels.Count; row++)
        {
            collector.Add(verbLabels[row], verbScores[row], nounLabels[row], nounScores[row]);
        }

        return collector.ToMetrics();
    }

    /// <summary>
    /// The share of clips whose verb is among the k highest verbs and whose noun is among the k highest nouns.
    /// </summary>
    /// <param name="k">How many scores count, 1 or more.</param>
    /// <param name="ties">What counts where scores are equal.</param>
    public double TopKActionAccuracy(int k, TieBreaking ties = TieBreaking.FirstIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _clips.Count(clip => clip.Verb.IsWithin(k, ties) && clip.Noun.IsWithin(k, ties)) / (double)ClipCount;
    }

    /// <summary>
    /// The share of clips whose action is among the k highest actions, when all pairs of a verb and a noun are ranked
    /// together.
    /// </summary>
    /// <param name="k">How many actions count, 1 or more.</param>
    /// <param name="ties">What counts where scores are equal.</param>
    public double TopKJointActionAccuracy(int k, TieBreaking ties = TieBreaking.FirstIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _clips.Count(clip => clip.Action.IsWithin(k, ties)) / (double)ClipCount;
    }

    /// <summary>A bootstrap confidence interval of an action metric, for example
    /// <c>metrics.ConfidenceInterval(m => m.ActionAccuracy)</c>.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="resampleCount">How many times the clips are resampled, 1 or more.</param>
    /// <param name="level">The share of resampled metrics within the interval, above 0 and below 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<ActionMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(ClipCount, rows => metric(Resample(rows)), metric(this), resampleCount, level, seed);

    /// <summary>The accuracies, one a line.</summary>
    public override string ToString() => new TextTable("", "top-1", "top-5")
        .Add("verb", TextTable.Number(Verb.Accuracy), TextTable.Number(Verb.TopKAccuracy(5)))
        .Add("noun", TextTable.Number(Noun.Accuracy), TextTable.Number(Noun.TopKAccuracy(5)))
        .Add("action", TextTable.Number(ActionAccuracy), TextTable.Number(TopKActionAccuracy(5)))
        .Add("action, jointly", TextTable.Number(TopKJointActionAccuracy(1)), TextTable.Number(TopKJointActionAccuracy(5)))
        .ToString();

    private ActionMetrics Resample(int[] rows) => new(
        [.. rows.Select(row => _clips[row])], Verb.Resample(rows), Noun.Resample(rows));
}

/// <summary>Where a clip's verb, noun and action stand among the scores.</summary>
internal readonly record struct ActionClip(LabelRank Verb, LabelRank Noun, LabelRank Action);

/// <summary>Collects labels and scores clip by clip, for <see cref="ActionMetrics"/>.</summary>
internal sealed class ActionCollector(IReadOnlyList<string>? verbNames, IReadOnlyList<string>? nounNames, bool probabilities)
{
    private readonly AudioClassificationCollector _verbs = new(verbNames, "verb");
    private readonly AudioClassificationCollector _nouns = new(nounNames, "noun");
    private readonly List<ActionClip> _clips = [];
    private double[] _actions = [];

    /// <summary>Adds a clip.</summary>
    /// <param name="verb">The clip's verb.</param>
    /// <param name="verbScores">A score of each verb.</param>
    /// <param name="noun">The clip's noun.</param>
    /// <param name="nounScores">A score of each noun.</param>
    /// <param name="row">The number of the row, for errors; null: that of the clip.</param>
    /// <exception cref="ArgumentException">A label is outside the classes, or a score is missing or NaN.</exception>
    public void Add(
        int verb, ReadOnlySpan<float> verbScores, int noun, ReadOnlySpan<float> nounScores, long? row = null)
    {
        LabelRank verbRank = _verbs.Add(verb, verbScores, row);
        LabelRank nounRank = _nouns.Add(noun, nounScores, row);
        Array.Resize(ref _actions, verbScores.Length * nounScores.Length);
        for (int i = 0; i < verbScores.Length; i++)
        {
            Span<double> withVerb = _actions.AsSpan(i * nounScores.Length, nounScores.Length);
            for (int j = 0; j < withVerb.Length; j++)
            {
                withVerb[j] = probabilities ? (double)verbScores[i] * nounScores[j] : (double)verbScores[i] + nounScores[j];
            }
        }

        LabelRank actionRank = ClassScores.Rank<double>(_actions, verb * nounScores.Length + noun);
        _clips.Add(new ActionClip(verbRank, nounRank, actionRank));
    }

    /// <summary>The metrics of all clips added.</summary>
    /// <exception cref="ArgumentException">There are no clips.</exception>
    public ActionMetrics ToMetrics() => new(_clips, _verbs.ToMetrics(), _nouns.ToMetrics());
}
