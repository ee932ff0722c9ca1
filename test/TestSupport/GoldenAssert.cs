using System.Globalization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>
/// Closeness as numpy and torch define it: |actual - expected| &lt;= atol + rtol * |expected|; NaN equals NaN, and an
/// infinity equals the same infinity only.
/// </summary>
public static class GoldenAssert
{
    /// <param name="expected">The tensor of the case.</param>
    /// <param name="actual">The same elements in row-major order.</param>
    /// <param name="atol">Allowed absolute deviation.</param>
    /// <param name="rtol">Allowed deviation relative to the expected value.</param>
    /// <param name="what">What was computed, for the message.</param>
    public static void Close(GoldenTensor expected, ReadOnlySpan<float> actual, double atol, double rtol, string what) =>
        Close(expected, Widen(actual), atol, rtol, what);

    /// <inheritdoc cref="Close(GoldenTensor, ReadOnlySpan{float}, double, double, string)"/>
    public static void Close(GoldenTensor expected, ReadOnlySpan<double> actual, double atol, double rtol, string what) =>
        Close($"{expected.CaseId}: {what}, tensor '{expected.Name}'", expected.ToDoubles(), actual, atol, rtol, expected.Shape);

    /// <summary>As above, for numbers that stand in <c>case.json</c>; <paramref name="what"/> names the case too.</summary>
    public static void Close(
        ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double atol, double rtol, string what) =>
        Close(what, expected, actual, atol, rtol, [expected.Length]);

    /// <inheritdoc cref="Close(ReadOnlySpan{double}, ReadOnlySpan{double}, double, double, string)"/>
    public static void Close(double expected, double actual, double atol, double rtol, string what) =>
        Close(what, [expected], [actual], atol, rtol, []);

    /// <summary>Integers are equal, all of them.</summary>
    public static void Equal(GoldenTensor expected, ReadOnlySpan<long> actual, string what)
    {
        long[] wanted = expected.ToInt64s();
        string subject = $"{expected.CaseId}: {what}, tensor '{expected.Name}'";
        Assert.HasCount(wanted.Length, actual.ToArray(), subject);
        int different = wanted.AsSpan().CommonPrefixLength(actual);
        if (different < wanted.Length)
        {
            Assert.Fail($"{subject} at {Position(different, expected.Shape)}: expected {wanted[different]}, actual {actual[different]}.");
        }
    }

    /// <summary>Whether two numbers are close as this class defines it.</summary>
    public static bool IsClose(double expected, double actual, double atol, double rtol) =>
        expected.Equals(actual) ||
        (double.IsFinite(expected) && Math.Abs(actual - expected) <= atol + (rtol * Math.Abs(expected)));

    private static void Close(
        string subject, ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double atol, double rtol, long[] shape)
    {
        if (expected.Length != actual.Length)
        {
            Assert.Fail($"{subject}: expected {expected.Length} values in ({string.Join(", ", shape)}), actual {actual.Length}.");
        }

        int wrong = 0;
        int worst = -1;
        double worstDeviation = double.NegativeInfinity;
        for (int i = 0; i < expected.Length; i++)
        {
            if (IsClose(expected[i], actual[i], atol, rtol))
            {
                continue;
            }

            wrong++;
            double deviation = Math.Abs(actual[i] - expected[i]);
            deviation = double.IsNaN(deviation) ? double.PositiveInfinity : deviation;
            if (deviation > worstDeviation)
            {
                (worst, worstDeviation) = (i, deviation);
            }
        }

        if (wrong > 0)
        {
            Assert.Fail(string.Create(
                CultureInfo.InvariantCulture,
                $"{subject}: {wrong} of {expected.Length} values are off; worst at {Position(worst, shape)}: expected {expected[worst]:R}, actual {actual[worst]:R}, deviation {worstDeviation:G4}, allowed {atol + (rtol * Math.Abs(expected[worst])):G4} (atol {atol:G4}, rtol {rtol:G4})."));
        }
    }

    private static string Position(long index, long[] shape)
    {
        long[] position = new long[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            (index, position[axis]) = Math.DivRem(index, shape[axis]);
        }

        return $"[{string.Join(", ", position)}]";
    }

    private static double[] Widen(ReadOnlySpan<float> values)
    {
        double[] widened = new double[values.Length];
        for (int i = 0; i < widened.Length; i++)
        {
            widened[i] = values[i];
        }

        return widened;
    }
}
