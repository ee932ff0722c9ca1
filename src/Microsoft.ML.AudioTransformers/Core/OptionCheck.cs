using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>How options are checked: the message names the option, its value and what was expected.</summary>
internal static class OptionCheck
{
    public static void AtLeast(int minimum, int value, string name) =>
        That(value >= minimum, value, name, $"{minimum} or more");

    // What is computed with is float32, and LibTorch refuses numbers beyond it.
    public static void Positive(double value, string name) =>
        That(value is > 0 and <= float.MaxValue, value, name, "a number above 0 that is finite in float32");

    public static void NotNegative(double value, string name) =>
        That(value is >= 0 and <= float.MaxValue, value, name, "a number, 0 or more, that is finite in float32");

    public static void ColumnName(string value, string name) =>
        That(!string.IsNullOrWhiteSpace(value), $"'{value}'", name, "a column's name");

    public static void That<T>([DoesNotReturnIf(false)] bool isValid, T value, string name, string expected)
    {
        if (!isValid)
        {
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"Option {name} is {value}; expected {expected}."));
        }
    }
}
