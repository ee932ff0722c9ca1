using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp;

/// <summary>What the libraries behind the tensors read from the environment once, when they load.</summary>
[TestClass, DoNotParallelize]
public class ThreadsTests
{
    [TestMethod]
    public void ThreadsCanBeSet()
    {
        int before = get_num_threads();
        try
        {
            set_num_threads(1);
            Assert.AreEqual(1, get_num_threads());
            set_num_threads(2);
            Assert.AreEqual(2, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [TestMethod]
    public void EveryProcessorIsUsedUnlessTheUserSaysOtherwise()
    {
        if (!TensorAssert.OnStandIn)
        {
            Assert.Inconclusive("The real package's native libraries choose for themselves.");
        }

        string processors = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture);
        Assert.AreEqual(processors, With("OMP_NUM_THREADS", null, Threads));
        Assert.AreEqual("1", With("OMP_NUM_THREADS", "1", Threads));
    }

    [TestMethod]
    public void OpenBlasIsToldOfWideVectors()
    {
        if (!TensorAssert.OnStandIn || !OperatingSystem.IsLinux() || !Avx512F.IsSupported)
        {
            Assert.Inconclusive("Only OpenBLAS on processors with AVX-512 has to be told.");
        }

        string told = With("OPENBLAS_CORETYPE", null, CoreName);
        if (told == "no OpenBLAS")
        {
            Assert.Inconclusive("Another BLAS is installed.");
        }

        Assert.AreEqual("SkylakeX", told);
        Assert.AreEqual("Haswell", With("OPENBLAS_CORETYPE", "Haswell", CoreName));
    }

    // The new process inherits this one's environment.
    private static string With(string variable, string? value, Func<string[], string> method)
    {
        string? before = Environment.GetEnvironmentVariable(variable);
        try
        {
            Environment.SetEnvironmentVariable(variable, value);
            return FreshProcess.Run(method);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }

    private static string Threads(string[] arguments) => get_num_threads().ToString(CultureInfo.InvariantCulture);

    private static unsafe string CoreName(string[] arguments)
    {
        _ = get_num_threads();
        return NativeLibrary.TryLoad("libblas.so.3", out nint library) &&
            NativeLibrary.TryGetExport(library, "openblas_get_corename", out nint name)
                ? Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)name)())!
                : "no OpenBLAS";
    }
}
