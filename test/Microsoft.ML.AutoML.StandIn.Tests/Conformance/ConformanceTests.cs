using System.Reflection;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>The stand-in holds nothing public that Microsoft.ML.AutoML lacks, spelled as Microsoft.ML.AutoML spells it.</summary>
[TestClass]
public class ConformanceTests
{
    private static readonly Dictionary<string, string> s_real =
        ApiList.Read(Path.Combine(Checkout.Root, "test", "Microsoft.ML.AutoML.StandIn.Tests", "api", "Microsoft.ML.AutoML-0.23.0.txt"));

    private static readonly Assembly s_standIn =
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.AutoML.StandIn.dll"));

    [TestMethod]
    public void HoldsNothingThatTheRealPackageLacks() =>
        AssertNone(ApiConformance.Extras(PublicApi.Of(s_standIn), s_real));

    [TestMethod]
    public void HoldsWhatIsAbstractInTheRealPackage() =>
        AssertNone(ApiConformance.MissingAbstractMembers(PublicApi.Of(s_standIn), s_real));

    private static void AssertNone(IEnumerable<string> failures)
    {
        string[] all = [.. failures];
        Assert.IsEmpty(all, $"{all.Length} differences:\n{string.Join('\n', all)}\n");
    }
}
