using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioTransformers;

/// <summary>The checks of numbers that several options share.</summary>
internal static class NumberArgument
{
    /// <summary>Throws unless <paramref name="value"/> is from 0 to 1.</summary>
    public static void ThrowIfNotFactor(
        double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!(value >= 0 && value <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; expected a factor from 0 to 1.");
        }
    }

    /// <summary>Throws unless <paramref name="value"/> is 0 or more, and finite.</summary>
    public static void ThrowIfNotFiniteOrNegative(
        double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!(value >= 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(
                name, value, $"{name} is {value}; expected a finite number, 0 or more.");
        }
    }
}
