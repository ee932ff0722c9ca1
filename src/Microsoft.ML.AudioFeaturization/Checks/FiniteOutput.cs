using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>
/// Check of what a model computes. Its input and its weights are finite; numbers that are too large for its precision, and
/// variances below zero in a file from elsewhere, become infinite or none on the way, and no label follows from those.
/// </summary>
internal static class FiniteOutput
{
    /// <summary>Checks that all numbers are finite.</summary>
    /// <param name="values">Numbers of a batch, those of each clip one behind another.</param>
    /// <param name="model">Name of the model, for the message.</param>
    /// <param name="what">What each number is, "score" for example.</param>
    /// <param name="names">Names of a clip's numbers, for the message; null for none. Default: null.</param>
    /// <exception cref="InvalidOperationException">One is not; the message names it.</exception>
    public static void Check(
        ReadOnlySpan<float> values, string model, string what, IReadOnlyList<string>? names = null)
    {
        if (FiniteNumbers.FirstOther(values) is >= 0 and var place)
        {
            string of = names is null ? "" : $" of '{names[place % names.Count]}'";
            throw new InvalidOperationException(
                $"The {model} model gives the {what}{of} as {values[place].ToString(CultureInfo.InvariantCulture)}, from finite "
                + "features; expected a finite number. Its weights are too large to compute with, or its features are.");
        }
    }
}
