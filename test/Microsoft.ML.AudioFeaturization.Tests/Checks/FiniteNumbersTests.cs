using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Checks;

/// <summary>Numbers that are infinite or none are found wherever they are, and others are none of them.</summary>
[TestClass]
public sealed class FiniteNumbersTests
{
    private static readonly float[] s_finite =
        [0, -0f, 1, -1, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, 1e-39f];

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void FindsTheFirstAtAnyPlace(float other)
    {
        // More than two of the longest vectors, so that each place is once in a vector and once in what is left.
        for (int length = 0; length < 40; length++)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => s_finite[i % s_finite.Length])];
            Assert.AreEqual(-1, FiniteNumbers.FirstOther(values), $"{length}");
            for (int place = length - 1; place >= 0; place--)
            {
                values[place] = other;
                Assert.AreEqual(place, FiniteNumbers.FirstOther(values), $"{place} of {length}");
            }
        }
    }

    /// <summary>NaN with the sign bit, and with any bits: what a turned bit makes of a number.</summary>
    [TestMethod]
    [DataRow(0xFFFFFFFFu)]
    [DataRow(0x7F800001u)]
    [DataRow(0xFFC00000u)]
    public void FindsAnyNaN(uint bits) =>
        Assert.AreEqual(1, FiniteNumbers.FirstOther([1, BitConverter.UInt32BitsToSingle(bits), 2]));
}
