using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers.Tests.Evaluation;

[TestClass]
public class NormalDistributionTests
{
    [TestMethod]
    // Quantiles of Wichura's paper (AS 241), and one from the middle of each of its three ranges.
    [DataRow(0.25, -0.6744897501960817)]
    [DataRow(0.001, -3.090232306167814)]
    [DataRow(1e-20, -9.262340089798408)]
    [DataRow(0.5, 0.0)]
    [DataRow(0.975, 1.959963984540054)]
    public void QuantilesAreTheKnownOnes(double probability, double expected) =>
        Assert.AreEqual(expected, NormalDistribution.Quantile(probability), 1e-14 * (1 + Math.Abs(expected)));

    [TestMethod]
    public void TheEndsAreInfinite()
    {
        Assert.AreEqual(double.NegativeInfinity, NormalDistribution.Quantile(0));
        Assert.AreEqual(double.PositiveInfinity, NormalDistribution.Quantile(1));
        Assert.AreEqual(double.NaN, NormalDistribution.Quantile(double.NaN));
        Assert.AreEqual(double.NaN, NormalDistribution.Quantile(1.5));
    }
}
