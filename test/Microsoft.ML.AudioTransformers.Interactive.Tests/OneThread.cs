using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests;

/// <summary>Models as small as these compute on one thread, whatever the machine has.</summary>
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
