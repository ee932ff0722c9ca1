using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport.Tests;

[TestClass]
public class GoldenTests
{
    [TestMethod]
    public void EveryCaseCanBeReadWhole()
    {
        string[] ids = [.. Goldens.Categories.SelectMany(Goldens.Cases).Select(data => (string)data[0])];
        Assert.IsNotEmpty(ids, Goldens.Root);
        foreach (GoldenCase golden in ids.Select(Goldens.Load))
        {
            Assert.AreEqual(golden.Name, golden.Json.GetProperty("name").GetString(), golden.Id);
            Assert.IsTrue(golden.Json.TryGetProperty("tolerance", out _), golden.Id);
            foreach (GoldenTensor tensor in golden.Tensors.Values)
            {
                Assert.HasCount((int)tensor.Length, tensor.ToDoubles(), $"{golden.Id} {tensor.Name}");
            }
        }
    }

    [TestMethod]
    [DataRow(1.0, 1.1, 0.1000001, 0.0, true)]
    [DataRow(1.0, 1.1, 0.09, 0.0, false)]
    [DataRow(-10.0, -11.0, 0.0, 0.1, true)]
    [DataRow(-10.0, -11.1, 0.0, 0.1, false)]
    [DataRow(0.0, 1e-9, 0.0, 0.1, false)]
    [DataRow(double.NaN, double.NaN, 0.0, 0.0, true)]
    [DataRow(double.NaN, 0.0, 9.0, 9.0, false)]
    [DataRow(0.0, double.NaN, 9.0, 9.0, false)]
    [DataRow(double.PositiveInfinity, double.PositiveInfinity, 0.0, 0.0, true)]
    [DataRow(double.PositiveInfinity, double.NegativeInfinity, 9.0, 9.0, false)]
    [DataRow(double.PositiveInfinity, 1e300, 9.0, 9.0, false)]
    [DataRow(1e300, double.PositiveInfinity, 9.0, 0.0, false)]
    public void ClosenessIsThatOfTorch(double expected, double actual, double atol, double rtol, bool close) =>
        Assert.AreEqual(close, GoldenAssert.IsClose(expected, actual, atol, rtol));

    [TestMethod]
    public void AFailureSaysWhereAndHowFar()
    {
        string id = (string)Goldens.Cases("resample").First()[0];
        GoldenTensor output = Goldens.Load(id)["output"];
        float[] values = output.ToSingles();
        GoldenAssert.Close(output, values, 0, 0, "resampled");
        values[3] += 1;
        values[7] += 2;

        AssertFailedException failure =
            Assert.ThrowsExactly<AssertFailedException>(() => GoldenAssert.Close(output, values, 1e-6, 0, "resampled"));

        Assert.Contains(id, failure.Message);
        Assert.Contains("'output'", failure.Message);
        Assert.Contains($"2 of {values.Length}", failure.Message);
        Assert.Contains("[7]", failure.Message);
    }
}
