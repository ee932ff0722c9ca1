using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests;

/// <summary>
/// Results are equal to the bit only on equal numbers of threads: these tests, and the processes that they start, all
/// compute on one.
/// </summary>
[TestClass]
public static class OneThread
{
    [AssemblyInitialize]
    public static void Initialize(TestContext context)
    {
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        torch.set_num_threads(1);
    }
}
