using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport.Tests;

[TestClass]
public class LeakCheckTests
{
    [TestMethod]
    public void AStepThatKeepsSomethingIsALeak()
    {
        List<int> kept = [];
        int held = 0;
        LeakCheck.NoGrowth(() => held, () => held = 1, 5);

        Assert.ThrowsExactly<AssertFailedException>(() => LeakCheck.NoGrowth(() => kept.Count, () => kept.Add(0), 5));
    }
}
