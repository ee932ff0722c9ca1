using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport.Tests;

[TestClass]
public class FreshProcessTests
{
    [TestMethod]
    public void TheMethodRunsElsewhereAndItsResultComesBack()
    {
        string[] answer = FreshProcess.Run(ProcessAndArguments, "one", "a second, with spaces").Split('|');

        Assert.AreNotEqual(Environment.ProcessId, int.Parse(answer[0], CultureInfo.InvariantCulture));
        Assert.AreEqual("one", answer[1]);
        Assert.AreEqual("a second, with spaces", answer[2]);
    }

    [TestMethod]
    public void AnExceptionThereIsAnExceptionHere()
    {
        InvalidOperationException failure =
            Assert.ThrowsExactly<InvalidOperationException>(() => FreshProcess.Run(Throw, "the reason"));

        Assert.Contains("the reason", failure.Message);
    }

    private static string ProcessAndArguments(string[] arguments) => $"{Environment.ProcessId}|{string.Join('|', arguments)}";

    private static string Throw(string[] arguments) => throw new NotSupportedException(arguments[0]);
}
