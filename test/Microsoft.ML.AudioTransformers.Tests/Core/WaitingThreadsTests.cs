using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

/// <summary>
/// What GCC's OpenMP says of itself when LibTorch is loaded: how often a thread that waits looks before it sleeps.
/// </summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class WaitingThreadsTests
{
    [TestMethod]
    public void They_sleep() => Assert.AreEqual("0", SpinsInProcess("", []));

    [TestMethod]
    public void They_spin_where_the_app_says_so() => Assert.AreNotEqual("0", SpinsInProcess("off", []));

    [TestMethod]
    [DataRow("GOMP_SPINCOUNT", "12345", "12345")]
    [DataRow("OMP_WAIT_POLICY", "active", "30000000000")]
    public void The_environment_wins(string variable, string value, string spins) =>
        Assert.AreEqual(spins, SpinsInProcess("", new() { [variable] = value }));

    private static string SpinsInProcess(string choice, Dictionary<string, string> environment)
    {
        environment["OMP_DISPLAY_ENV"] = "VERBOSE";
        string said = FreshProcess.Observe(Choose, environment, choice).Error;
        string line = Assert.ContainsSingle(
            said.Split('\n').Where(line => line.Contains("GOMP_SPINCOUNT", StringComparison.Ordinal)));
        return line.Split('\'')[1];
    }

    private static string Choose(string[] arguments)
    {
        if (arguments[0] == "off")
        {
            AppContext.SetSwitch("Microsoft.ML.AudioTransformers.SleepWhileWaiting", false);
        }

        return LoadModel();
    }

    // Apart, so that this library is not touched before the switch is set.
    private static string LoadModel()
    {
        using AudioModel model = TinyTraining.Model();
        return model.GetName();
    }
}
