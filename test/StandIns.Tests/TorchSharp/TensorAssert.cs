using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

/// <summary>Compares tensors with expected shapes and elements.</summary>
internal static class TensorAssert
{
    /// <summary>Whether this build is on the stand-in: there, errors that end a process with the real package do not.</summary>
    internal static bool OnStandIn => typeof(torch).Assembly.GetName().Name == "TorchSharp.StandIn";

    internal static double[] Elements(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    internal static void AreClose(double[] expected, Tensor actual, double tolerance = 1e-6)
    {
        double[] elements = Elements(actual);
        Assert.HasCount(expected.Length, elements);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.AreEqual(expected[i], elements[i], allowed, $"element {i}");
        }
    }

    internal static void HasShape(long[] expected, Tensor actual) => CollectionAssert.AreEqual(expected, actual.shape);
}
