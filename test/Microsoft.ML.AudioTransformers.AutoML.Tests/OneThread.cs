using Microsoft.ML.AudioTransformers.Tests;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests;

/// <summary>One thread, as in the trainers' tests: small models are slow on two where another test runs beside them.</summary>
[TestClass]
public static class OneThread
{
    [AssemblyInitialize]
    public static void Initialize(TestContext context) => AudioTransformers.Tests.OneThread.Initialize(context);
}
