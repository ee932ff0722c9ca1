using System.Runtime.InteropServices;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

/// <summary>Native errors are exceptions, with libtorch's message.</summary>
[TestClass]
public class ErrorTests
{
    [TestMethod]
    public void NativeErrorsAreExceptions()
    {
        using DisposeScope scope = NewDisposeScope();
        Throws("size of tensor a (2) must match", () => ones(2) + ones(3));
        Throws("shape '[4]' is invalid", () => ones(6).reshape(4));
        Throws("Dimension out of range", () => ones(2, 2).sum(5));
        Throws("must match except in dimension", () => cat([ones(2, 3), ones(2, 4)]));
        Throws(
            "masked_scatter",
            () => ones(2).masked_scatter(tensor(new[] { true, true }), ones(2, ScalarType.Int64)));
    }

    [TestMethod]
    public void ErrorsThatEndTheProcessWithTheRealPackageDoNot()
    {
        if (!TensorAssert.OnStandIn)
        {
            Assert.Inconclusive("The real package has no catch around these native functions.");
        }

        using DisposeScope scope = NewDisposeScope();
        Throws("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", () => ones(2, 3).matmul(ones(4, 5)));
        Throws("expected", () => ones(2, 2).mm(ones(2, 2, ScalarType.Float64)));
        Throws("does not require grad", () => Run(() => ones(1).backward()));
        Throws("scalar outputs", () => Run(() => ones(2, requires_grad: true).mul(2).backward()));
        Throws("Only Tensors of floating point", () => Run(() => ones(2, ScalarType.Int64).requires_grad = true));
        Throws("a leaf Variable that requires grad", () => ones(2, requires_grad: true).add_(1));
        Throws("out of range", () => ones(2, 2).index_select(0, tensor(new long[] { 5 })));

        static Tensor Run(Action action)
        {
            action();
            return ones(1);
        }
    }

    [TestMethod]
    public void AnErrorLeavesNothingBehind()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor two = ones(2), three = ones(3);
        long before = Tensor.TotalCount;
        for (int i = 0; i < 100; i++)
        {
            Assert.Throws<ExternalException>(() => two + three);
        }

        Assert.AreEqual(before, Tensor.TotalCount);
        TensorAssert.AreClose([2, 2], two + two);
    }

    [TestMethod]
    public void ScopesEndInOrder()
    {
        if (!TensorAssert.OnStandIn)
        {
            Assert.Inconclusive("The real package checks this in its debug build only.");
        }

        DisposeScope outer = NewDisposeScope(), inner = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
        inner.Dispose();
        outer.Dispose();
    }

    [TestMethod]
    public void AMissingNativeLibraryIsSaid()
    {
        if (!TensorAssert.OnStandIn)
        {
            Assert.Inconclusive("The real package looks for its native libraries elsewhere.");
        }

        using TemporaryFolder folder = new();
        string result = FreshProcess.Run(WithoutNativeLibrary, folder.Path);
        Assert.AreEqual("TypeInitializationException over NotSupportedException", result);
    }

    private static void Throws(string message, Func<Tensor> call)
    {
        ExternalException error = Assert.Throws<ExternalException>(() => call());
        Assert.Contains(message, error.Message);
    }

    // A copy of the managed assembly alone, in a folder without the native one.
    private static string WithoutNativeLibrary(string[] arguments)
    {
        string original = typeof(ErrorTests).Assembly.Location;
        string assembly = Path.Combine(Path.GetDirectoryName(original)!, "TorchSharp.StandIn.dll");
        string copy = Path.Combine(arguments[0], "TorchSharp.StandIn.dll");
        File.Copy(assembly, copy);
        AppContext.SetData("APP_CONTEXT_BASE_DIRECTORY", arguments[0] + Path.DirectorySeparatorChar);
        System.Reflection.Assembly alone = System.Reflection.Assembly.LoadFile(copy);
        try
        {
            _ = alone.GetType("TorchSharp.torch")!.GetMethod("get_num_threads")!.Invoke(null, null);
            return "no exception";
        }
        catch (System.Reflection.TargetInvocationException e)
        {
            Exception type = e.InnerException!;
            return $"{type.GetType().Name} over {type.InnerException!.GetType().Name}";
        }
    }
}
