using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Action recognition metrics: top-k accuracy of verbs, of nouns, and of actions, which are a verb with a noun
/// (EPIC-Kitchens).
/// </summary>
public sealed class ActionRecognitionMetrics
{
    private readonly IReadOnlyList<ActionClip> _clips;

    internal ActionRecognitionMetrics(
        IReadOnlyList<ActionClip> clips, AudioClassificationMetrics verb, AudioClassificationMetrics noun)
    {
        _clips = clips;
        Verb = verb;
        Noun = noun;
    }

    /// <summary>Metrics of the verbs alone.</summary>
    public AudioClassificationMetrics Verb { get; }

    /// <summary>Metrics of the nouns alone.</summary>
    public AudioClassificationMetrics Noun { get; }

    /// <summary>Clips evaluated.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>Top-1 action accuracy: the share of clips whose verb and noun are both right, 0 to 1.</summary>
    public double ActionAccuracy => TopKActionAccuracy(1);

    /// <summary>Computes the metrics from arrays.</summary>
    /// <param name="verbLabels">Verb index of each clip, counted from 0.</param>
    /// <param name="verbScores">Scores, (clips, verbs); not NaN.</param>
    /// <param name="nounLabels">Noun index of each clip, counted from 0.</param>
    /// <param name="nounScores">Scores, (clips, nouns); not NaN.</param>
    /// <param name="probabilities">Whether scores are probabilities, so that the score of an action is the product of those
    /// of its verb and noun; otherwise they are logits, and it is the sum, which ranks actions alike. Default: false.</param>
    /// <exception cref="ArgumentException">There is no clip, lengths differ, or a value is not as above.</exception>
    public static ActionRecognitionMetrics Compute(
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
    /// Top-k action accuracy as EPIC-Kitchens has it: the share of clips whose verb is among the k highest verbs and whose
    /// noun is among the k highest nouns, 0 to 1.
    /// </summary>
    /// <param name="k">k, 1 or more.</param>
    /// <param name="ties">Rank of the label among equal scores.</param>
    public double TopKActionAccuracy(int k, TieBreaking ties = TieBreaking.FirstIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _clips.Count(clip => clip.Verb.IsWithin(k, ties) && clip.Noun.IsWithin(k, ties)) / (double)ClipCount;
    }

    /// <summary>
    /// Joint top-k action accuracy: the share of clips whose action is among the k highest of all pairs of a verb and a noun,
    /// 0 to 1.
    /// </summary>
    /// <param name="k">k, 1 or more.</param>
    /// <param name="ties">Rank of the label among equal scores.</param>
    public double TopKJointActionAccuracy(int k, TieBreaking ties = TieBreaking.FirstIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _clips.Count(clip => clip.Action.IsWithin(k, ties)) / (double)ClipCount;
    }

    /// <summary>Bootstrap confidence interval of one of the metrics, for example
    /// <c>metrics.ConfidenceInterval(m => m.ActionAccuracy)</c>; clips are resampled.</summary>
    /// <param name="metric">Metric of which the interval is wanted.</param>
    /// <param name="resampleCount">Bootstrap resamples, 1 or more. Default: 1000.</param>
    /// <param name="level">Confidence level, above 0 and below 1. Default: 0.95.</param>
    /// <param name="seed">Seed of the resampling. Default: 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public ConfidenceInterval ConfidenceInterval(
        Func<ActionRecognitionMetrics, double> metric, int resampleCount = 1000, double level = 0.95, int seed = 0)
        => Bootstrap.Interval(ClipCount, rows => metric(Resample(rows)), metric(this), resampleCount, level, seed);

    /// <summary>Top-1 and top-5 accuracies of verbs, nouns and actions, one a line.</summary>
    public override string ToString() => new TextTable("", "top-1", "top-5")
        .Add("verb", TextTable.Number(Verb.Accuracy), TextTable.Number(Verb.TopKAccuracy(5)))
        .Add("noun", TextTable.Number(Noun.Accuracy), TextTable.Number(Noun.TopKAccuracy(5)))
        .Add("action", TextTable.Number(ActionAccuracy), TextTable.Number(TopKActionAccuracy(5)))
        .Add("action, jointly", TextTable.Number(TopKJointActionAccuracy(1)), TextTable.Number(TopKJointActionAccuracy(5)))
        .ToString();

    internal ActionRecognitionMetrics Resample(int[] rows) => new(
        [.. rows.Select(row => _clips[row])], Verb.Resample(rows), Noun.Resample(rows));
}

/// <summary>Ranks of the verb, the noun and the action of a clip among the scores.</summary>
internal readonly record struct ActionClip(LabelRank Verb, LabelRank Noun, LabelRank Action);

/// <summary>Collects labels and scores clip by clip, for <see cref="ActionRecognitionMetrics"/>.</summary>
/// <param name="verbNames">Names of the verbs; null for their indices.</param>
/// <param name="nounNames">Names of the nouns; null for their indices.</param>
/// <param name="probabilities">Whether scores are probabilities; otherwise they are logits.</param>
internal sealed class ActionCollector(IReadOnlyList<string>? verbNames, IReadOnlyList<string>? nounNames, bool probabilities)
{
    private readonly AudioClassificationCollector _verbs = new(verbNames, "verb");
    private readonly AudioClassificationCollector _nouns = new(nounNames, "noun");
    private readonly List<ActionClip> _clips = [];
    private double[] _actions = [];

    /// <summary>Adds a clip.</summary>
    /// <param name="verb">Verb index, counted from 0.</param>
    /// <param name="verbScores">Score of each verb.</param>
    /// <param name="noun">Noun index, counted from 0.</param>
    /// <param name="nounScores">Score of each noun.</param>
    /// <param name="row">Row number for error messages; null for the number of clips before it.</param>
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

    /// <summary>Tells the rows of the evaluated view, where clips of it were left out.</summary>
    public void SetRowCount(long rows)
    {
        _verbs.SetRowCount(rows);
        _nouns.SetRowCount(rows);
    }

    /// <summary>The metrics of all clips added.</summary>
    /// <exception cref="ArgumentException">There are no clips.</exception>
    public ActionRecognitionMetrics ToMetrics() => new(_clips, _verbs.ToMetrics(), _nouns.ToMetrics());
}
