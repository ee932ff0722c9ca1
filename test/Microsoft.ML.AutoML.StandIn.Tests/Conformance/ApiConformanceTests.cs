using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.AutoML.StandIn.Tests;

/// <summary>The conformance test itself: it sees what it is there to see.</summary>
[TestClass]
public class ApiConformanceTests
{
    private const string Namespace = "AudioMLNet.AutoML.StandIn.Tests.ApiFixture";

    private static readonly SortedDictionary<string, string> s_fixture = PublicApi.Of(
        typeof(ApiFixture.Extensions).Assembly.GetTypes().Where(type => type.Namespace == Namespace));

    // The API of the fixture as it should be: the fixture plays the stand-in.
    private readonly Dictionary<string, string> _real =
        ApiList.Read(Path.Combine(Checkout.Root, "test", "Microsoft.ML.AutoML.StandIn.Tests", "Conformance", "ApiFixture.txt"));

    [TestMethod]
    public void APartOfTheRealApiConforms()
    {
        _real.Add($"M:{Namespace}.Extensions.More", "public static void More()");
        _real.Add($"T:{Namespace}.Other", $"public class {Namespace}.Other");

        Assert.IsEmpty(ApiConformance.Extras(s_fixture, _real));
        Assert.IsEmpty(ApiConformance.MissingAbstractMembers(s_fixture, _real));
    }

    [TestMethod]
    public void EachEntryThatTheRealApiLacksIsReported()
    {
        foreach (string id in s_fixture.Keys)
        {
            Dictionary<string, string> without = new(_real);
            without.Remove(id);

            string extra = ApiConformance.Extras(s_fixture, without).Single();

            Assert.StartsWith(id + " is not in the real API", extra);
        }
    }

    [TestMethod]
    [DataRow("M:.Outer`1.Dispose(System.Boolean)", "disposing", "isDisposing")]
    [DataRow("M:.Outer`1.Dispose(System.Boolean)", "protected", "public")]
    [DataRow("M:.Outer`1.Dispose(System.Boolean)", "virtual ", "")]
    [DataRow("M:.Outer`1.op_Explicit(.Outer{`0})~System.Int32", "static int", "static long")]
    [DataRow("M:.Extensions.Second``1(.Outer{``0}.Inner{System.Int32},System.Int64[])", "params ", "")]
    [DataRow("M:.Extensions.Second``1(.Outer{``0}.Inner{System.Int32},System.Int64[])", "this ", "")]
    [DataRow("M:.Outer`1.Native(System.Byte*,System.IntPtr,System.IntPtr)", "size", "size = 0")]
    [DataRow("F:.Colour.Blue", "-4", "4")]
    [DataRow("F:.Outer`1.Name", "\"outer\"", "\"inner\"")]
    [DataRow("P:.Outer`1.Hidden", "{ get; }", "{ get; set; }")]
    [DataRow("T:.Outer`1.Inner`1", "sealed ", "")]
    [DataRow("T:.Outer`1", "IDisposable, ", "")]
    [DataRow("T:.IShape`1", ", new()", "")]
    public void ADifferentSignatureIsReported(string id, string here, string real)
    {
        id = id.Replace(":.", $":{Namespace}.").Replace("(.", $"({Namespace}.");
        _real[id] = _real[id].Replace(here, real);

        string difference = ApiConformance.Extras(s_fixture, _real).Single();

        Assert.StartsWith(id + " differs", difference);
    }

    [TestMethod]
    public void FewerInterfacesAndAnOverrideForAVirtualConform()
    {
        _real[$"T:{Namespace}.Outer`1"] = _real[$"T:{Namespace}.Outer`1"].Replace(" : ", $" : {Namespace}.Base<int, string>, ");
        string dispose = $"M:{Namespace}.Outer`1.Dispose(System.Boolean)";
        _real[dispose] = _real[dispose].Replace("virtual", "override");

        Assert.IsEmpty(ApiConformance.Extras(s_fixture, _real));
    }

    [TestMethod]
    public void AMissingAbstractMemberIsReported()
    {
        _real.Add($"M:{Namespace}.IShape`1.Draw(System.Int32)", "public abstract void Draw(int times)");
        _real.Add($"M:{Namespace}.Other.Draw", "public abstract void Draw()");

        string missing = ApiConformance.MissingAbstractMembers(s_fixture, _real).Single();

        Assert.Contains("Draw(System.Int32) is abstract", missing);
    }
}
