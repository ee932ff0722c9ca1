using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class FreedMemoryTests
{
    private const long TensorBytes = 256L << 20;

    [TestMethod]
    public void IsKept() => Assert.IsGreaterThan(TensorBytes / 2, KeptInProcess("", []));

    [TestMethod]
    public void IsGivenBackWhereTheAppSaysSo() => Assert.IsLessThan(TensorBytes / 2, KeptInProcess("off", []));

    [TestMethod]
    [DataRow("MALLOC_MMAP_THRESHOLD_", "1000000")]
    [DataRow("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=1000000")]
    public void TheEnvironmentWins(string variable, string value) =>
        Assert.IsLessThan(TensorBytes / 2, KeptInProcess("", new() { [variable] = value }));

    private static long KeptInProcess(string choice, Dictionary<string, string> environment) =>
        long.Parse(FreshProcess.Run(AllocateAndFree, environment, choice), CultureInfo.InvariantCulture);

    /// <returns>How much more memory is resident after a large tensor came and went, in bytes.</returns>
    private static string AllocateAndFree(string[] arguments)
    {
        if (arguments[0] == "off")
        {
            AppContext.SetSwitch(FreedMemory.Switch, false);
        }

        using AudioModel model = TinyTraining.Model();
        torch.ones(1).Dispose();
        long before = Environment.WorkingSet;
        torch.ones(TensorBytes / sizeof(float)).Dispose();
        return (Environment.WorkingSet - before).ToString(CultureInfo.InvariantCulture);
    }
}
