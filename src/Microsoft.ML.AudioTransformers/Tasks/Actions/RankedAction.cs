namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>A verb with a noun, both counted from 0, and their probability.</summary>
internal readonly record struct RankedAction(int Verb, int Noun, double Score)
{
    /// <summary>
    /// The pairs with the highest products of probabilities, best first; of equal ones the one with the first verb, then the
    /// first noun.
    /// </summary>
    /// <param name="verbs">The probabilities of the verbs.</param>
    /// <param name="nouns">Those of the nouns.</param>
    /// <param name="count">How many pairs, at most as many as there are.</param>
    public static RankedAction[] Top(ReadOnlySpan<float> verbs, ReadOnlySpan<float> nouns, int count)
    {
        // A pair among the best has a verb, and a noun, among the best of its kind.
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
