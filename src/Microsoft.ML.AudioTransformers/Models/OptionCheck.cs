using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>How options are checked: the message names the option, its value and what was expected.</summary>
internal static class OptionCheck
{
    public static void AtLeast(int minimum, int value, string name) =>
        That(value >= minimum, value, name, $"{minimum} or more");

    public static void Positive(double value, string name) =>
        That(value > 0 && double.IsFinite(value), value, name, "a finite number above 0");

    public static void NotNegative(double value, string name) =>
        That(value >= 0 && double.IsFinite(value), value, name, "a finite number, 0 or more");

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
