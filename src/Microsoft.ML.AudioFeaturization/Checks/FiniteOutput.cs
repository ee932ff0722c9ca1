using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>
/// Check of what a model computes. Its input and its weights are finite; numbers that are too large for its precision, and
/// variances below zero in a file from elsewhere, become infinite or none on the way, and no label follows from those.
/// </summary>
internal static class FiniteOutput
{
    // Key of the clip's place in the data of the exception.
    private const string ClipKey = "ClipOfBatch";

    /// <summary>Checks that all numbers are finite.</summary>
    /// <param name="values">Numbers of a batch, those of each clip one behind another.</param>
    /// <param name="count">Clips of the batch.</param>
    /// <param name="model">Name of the model, for the message.</param>
    /// <param name="what">What each number is, "score" for example.</param>
    /// <param name="names">Names of a clip's numbers, for the message; null for none. Default: null.</param>
    /// <exception cref="InvalidOperationException">
    /// One is not; the message names it and its clip, and <see cref="IsOfOneClip"/> knows the exception.
    /// </exception>
    public static void Check(
        ReadOnlySpan<float> values, int count, string model, string what, IReadOnlyList<string>? names = null)
    {
        if (FiniteNumbers.FirstOther(values) is >= 0 and var place)
        {
            string of = names is null ? "" : $" of '{names[place % names.Count]}'";
            int clip = place / (values.Length / count);
            string where = count == 1 ? "" : string.Create(
                CultureInfo.InvariantCulture, $" for clip {clip} of a batch of {count}, counted from 0");
            throw new InvalidOperationException(
                $"The {model} model gives the {what}{of} as {values[place].ToString(CultureInfo.InvariantCulture)}{where}, "
                + "from finite features; expected a finite number. Its weights are too large to compute with, or its "
                + "features are.")
            {
                Data = { [ClipKey] = clip },
            };
        }
    }

    /// <summary>Whether an exception, or a cause of it, says that one clip alone has no finite output.</summary>
    public static bool IsOfOneClip(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause.Data.Contains(ClipKey))
            {
                return true;
            }
        }

        return false;
    }
}
