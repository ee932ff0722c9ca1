using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Columns of action recognition: a clip has a verb and a noun, each with a head of its own.</summary>
internal sealed record ActionColumns : IClipColumns
{
    /// <summary>Verbs, the first of the model's classes.</summary>
    public required LabelKeys Verbs { get; init; }

    /// <summary>Nouns, the classes after the verbs.</summary>
    public required LabelKeys Nouns { get; init; }

    public required string VerbScoreColumnName { get; init; }

    public required string NounScoreColumnName { get; init; }

    public required string PredictedVerbColumnName { get; init; }

    public required string PredictedNounColumnName { get; init; }

    /// <summary>Prefix of the names of the columns with the best actions.</summary>
    public required string ActionColumnPrefix { get; init; }

    /// <summary>Number of best actions of a clip, 1 or more.</summary>
    public required int TopActions { get; init; }

    /// <summary><see cref="TopActions"/>, but at most the number of pairs.</summary>
    public int ActionCount => (int)Math.Min(TopActions, (long)Verbs.Count * Nouns.Count);

    public IReadOnlyList<string> ClassNames => [.. Verbs.Names, .. Nouns.Names];

    public IReadOnlyList<int> HeadSizes => [Verbs.Count, Nouns.Count];

    [JsonIgnore]
    public bool IsMultiLabel => false;

    /// <summary>
    /// Score and predicted label of the verbs, then of the nouns, as in classification; then the best actions, best first:
    /// their verbs and nouns, vectors of keys, and their scores, a vector of Single.
    /// </summary>
    public DataViewSchema.DetachedColumn[] CreateColumns() =>
    [
        .. ScoreColumns.Create(Verbs, VerbScoreColumnName, PredictedVerbColumnName, setId: 1),
        .. ScoreColumns.Create(Nouns, NounScoreColumnName, PredictedNounColumnName, setId: 2),
        KeysColumn(ActionColumnPrefix + "Verbs", Verbs),
        KeysColumn(ActionColumnPrefix + "Nouns", Nouns),
        new(ActionColumnPrefix + "Scores", new VectorDataViewType(NumberDataViewType.Single, ActionCount)),
    ];

    public Delegate CreateGetter(int column, ClipScores scores) => column switch
    {
        0 => ScoreColumns.ScoreGetter(scores, 0, Verbs.Count),
        1 => ScoreColumns.BestKeyGetter(scores, 0, Verbs.Count),
        2 => ScoreColumns.ScoreGetter(scores, Verbs.Count, Nouns.Count),
        3 => ScoreColumns.BestKeyGetter(scores, Verbs.Count, Nouns.Count),
        4 => TopGetter(action => (uint)action.Verb + 1, scores),
        5 => TopGetter(action => (uint)action.Noun + 1, scores),
        _ => TopGetter(action => (float)action.Score, scores),
    };

    private DataViewSchema.DetachedColumn KeysColumn(string name, LabelKeys labels)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        labels.AddValues(annotations, AnnotationKinds.KeyValues);
        return new DataViewSchema.DetachedColumn(
            name,
            new VectorDataViewType(new KeyDataViewType(typeof(uint), labels.Count), ActionCount),
            annotations.ToAnnotations());
    }

    private ValueGetter<VBuffer<T>> TopGetter<T>(Func<RankedAction, T> part, ClipScores scores) => (ref VBuffer<T> value) =>
    {
        ReadOnlySpan<float> probabilities = scores();
        RankedAction[] top = RankedAction.Top(probabilities[..Verbs.Count], probabilities[Verbs.Count..], ActionCount);
        AnnotationKinds.Fill<T>(ref value, [.. top.Select(part)]);
    };
}

/// <summary>Action of a ranking.</summary>
/// <param name="Verb">Index of the verb, counted from 0.</param>
/// <param name="Noun">Index of the noun, counted from 0.</param>
/// <param name="Score">Product of the probabilities of verb and noun.</param>
internal readonly record struct RankedAction(int Verb, int Noun, double Score)
{
    /// <summary>
    /// The pairs with the highest scores, best first; equal ones in order of verb, then of noun.
    /// </summary>
    /// <param name="verbs">Probabilities of the verbs.</param>
    /// <param name="nouns">Probabilities of the nouns.</param>
    /// <param name="count">Number of pairs to return; at most the number that there are.</param>
    public static RankedAction[] Top(ReadOnlySpan<float> verbs, ReadOnlySpan<float> nouns, int count)
    {
        // The verb of one of the best N pairs is one of the best N verbs, and its noun one of the best N nouns.
        int[] bestVerbs = Best(verbs, count);
        int[] bestNouns = Best(nouns, count);
        var pairs = new List<RankedAction>(bestVerbs.Length * bestNouns.Length);
        foreach (int verb in bestVerbs)
        {
            foreach (int noun in bestNouns)
            {
                pairs.Add(new RankedAction(verb, noun, (double)verbs[verb] * nouns[noun]));
            }
        }

        return
        [
            .. pairs.OrderByDescending(pair => pair.Score).ThenBy(pair => pair.Verb).ThenBy(pair => pair.Noun).Take(count),
        ];
    }

    private static int[] Best(ReadOnlySpan<float> scores, int count)
    {
        float[] values = scores.ToArray();
        return [.. Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Take(count)];
    }
}
