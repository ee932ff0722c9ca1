using System.Reflection;
using AudioMLNet.TestSupport;
using AudioMLNet.TestSupport.Api;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests;

/// <summary>A stand-in holds nothing public that the real package lacks, spelled as the real package spells it.</summary>
[TestClass]
public class ConformanceTests
{
    // Stand-in, the list of the real API, and an assembly that is there when the build is on packages.
    private static IEnumerable<object[]> StandIns =>
    [
        ["Microsoft.ML", "Microsoft.ML-5.0.0.txt", "Microsoft.ML.Core"],
        ["Microsoft.ML.AutoML", "Microsoft.ML.AutoML-0.23.0.txt", "Microsoft.ML.AutoML"],
        ["NWaves", "NWaves-0.9.6.txt", "NWaves"],
        ["TorchSharp", "TorchSharp-0.102.7.txt", "TorchSharp"],
    ];

    [TestMethod, DynamicData(nameof(StandIns))]
    public void AStandInHoldsNothingThatTheRealPackageLacks(string name, string list, string realAssembly)
    {
        if (StandInOrReal(name, realAssembly) is Assembly standIn)
        {
            AssertNone(ApiConformance.Extras(PublicApi.Of(standIn), ReadList(list)));
        }
    }

    [TestMethod, DynamicData(nameof(StandIns))]
    public void WhatIsAbstractInTheRealPackageIsInTheStandIn(string name, string list, string realAssembly)
    {
        if (StandInOrReal(name, realAssembly) is Assembly standIn)
        {
            AssertNone(ApiConformance.MissingAbstractMembers(PublicApi.Of(standIn), ReadList(list)));
        }
    }

    [TestMethod]
    public void EveryStandInHasAList()
    {
        string[] found =
        [
            .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.StandIn.dll").Select(path => Path.GetFileName(path)),
        ];

        CollectionAssert.IsSubsetOf(found, StandIns.Select(row => $"{row[0]}.StandIn.dll").ToArray());
    }

    // Null where the build is on packages: there is no stand-in then, and the real package is what its list says.
    private static Assembly? StandInOrReal(string name, string realAssembly)
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.StandIn.dll");
        if (File.Exists(path))
        {
            return Assembly.LoadFrom(path);
        }

        string real = Path.Combine(AppContext.BaseDirectory, $"{realAssembly}.dll");
        Assert.IsTrue(File.Exists(real), $"neither {path} nor {real} is there");
        return null;
    }

    private static Dictionary<string, string> ReadList(string file) =>
        ApiList.Read(Path.Combine(Checkout.Root, "test", "StandIns.Tests", "api", file));

    private static void AssertNone(IEnumerable<string> failures)
    {
        string[] all = [.. failures];
        Assert.IsEmpty(all, $"{all.Length} differences:\n{string.Join('\n', all)}\n");
    }
}
