using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>One thread, as in the models' tests: weights are equal to the bit only on equal numbers of threads.</summary>
[TestClass]
public static class OneThread
{
    [AssemblyInitialize]
    public static void Initialize(TestContext context) => Tests.OneThread.Initialize(context);
}
