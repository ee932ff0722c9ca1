using System.Numerics;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Tie breaking: the rank of a label among classes of the same score, for top-k accuracy.</summary>
public enum TieBreaking
{
    /// <summary>Among equal scores the class with the lower index comes first, as with argmax.</summary>
    FirstIndex,

    /// <summary>Among equal scores the class with the higher index comes first, as in scikit-learn's top-k accuracy.
    /// </summary>
    LastIndex,

    /// <summary>The label comes before all others of its score.</summary>
    Optimistic,

    /// <summary>The label comes after all others of its score.</summary>
    Pessimistic,
}

/// <summary>Scores of the classes of a clip: arg max, rank of the label, checks.</summary>
internal static class ClassScores
{
    /// <summary>Arg max: the index of the highest score, the lowest among equal ones.</summary>
    public static int ArgMax(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Rank of the label: classes with higher scores, and with the same score before and after it.</summary>
    public static LabelRank Rank<T>(ReadOnlySpan<T> scores, int label)
        where T : IComparisonOperators<T, T, bool>
    {
        int higher = 0;
        int equalBefore = 0;
        int equalAfter = 0;
        T score = scores[label];
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > score)
            {
                higher++;
            }
            else if (scores[i] == score && i != label)
            {
                _ = i < label ? equalBefore++ : equalAfter++;
            }
        }

        return new LabelRank(higher, equalBefore, equalAfter);
    }

    /// <summary>Checks a row: a label within the classes, and as many scores, none of them NaN.</summary>
    /// <param name="scores">Score of each class.</param>
    /// <param name="label">Class index.</param>
    /// <param name="row">Row number for error messages.</param>
    /// <param name="classNames">Names of the classes.</param>
    /// <param name="what">What the classes are in error messages, such as "verb".</param>
    /// <exception cref="ArgumentException">The row is not so.</exception>
    public static void Check(ReadOnlySpan<float> scores, int label, long row, IReadOnlyList<string> classNames, string what)
    {
        if (scores.Length != classNames.Count)
        {
            throw new ArgumentException(
                $"Row {row} has {scores.Length} {what} scores; expected one for each of {classNames.Count} classes.");
        }

        if ((uint)label >= (uint)classNames.Count)
        {
            throw new ArgumentException(
                $"Row {row} has the {what} label {label}; expected 0 to {classNames.Count - 1}.");
        }

        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
            {
                throw new ArgumentException(
                    $"Row {row} has the {what} score NaN for class {i} ('{classNames[i]}'); expected a number.");
            }
        }
    }
}

/// <summary>Rank of a label among the scores.</summary>
/// <param name="Higher">Classes with a higher score.</param>
/// <param name="EqualBefore">Classes with the same score and a lower index.</param>
/// <param name="EqualAfter">Classes with the same score and a higher index.</param>
internal readonly record struct LabelRank(int Higher, int EqualBefore, int EqualAfter)
{
    /// <summary>Whether the label is among the first <paramref name="k"/>.</summary>
    public bool IsWithin(int k, TieBreaking ties) => k > ties switch
    {
        TieBreaking.FirstIndex => Higher + EqualBefore,
        TieBreaking.LastIndex => Higher + EqualAfter,
        TieBreaking.Optimistic => Higher,
        TieBreaking.Pessimistic => Higher + EqualBefore + EqualAfter,
        _ => throw new ArgumentOutOfRangeException(nameof(ties), ties, $"There is no tie breaking {ties}."),
    };
}
