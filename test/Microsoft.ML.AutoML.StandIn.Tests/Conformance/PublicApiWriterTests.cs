using System.Xml.Linq;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.AutoML.StandIn.Tests;

[TestClass]
public class PublicApiWriterTests
{
    private static readonly Type[] s_fixture =
        [.. typeof(ApiFixture.Extensions).Assembly.GetTypes().Where(type => type.Namespace == typeof(ApiFixture.Extensions).Namespace)];

    private static string ListPath { get; } =
        Path.Combine(Checkout.Root, "test", "Microsoft.ML.AutoML.StandIn.Tests", "Conformance", "ApiFixture.txt");

    [TestMethod]
    public void EverythingIsWrittenAsTheListsWriteIt()
    {
        string expected = File.ReadAllText(ListPath).ReplaceLineEndings("\n");

        Assert.AreEqual(expected, ApiList.Write(PublicApi.Of(s_fixture)));
    }

    [TestMethod]
    public void IdsAreThoseOfTheCompiler()
    {
        // The compiler writes what has a comment, and in the fixture all has one that others can see.
        string documentation = Path.ChangeExtension(typeof(PublicApiWriterTests).Assembly.Location, ".xml");
        string[] compilers =
        [
            .. XElement.Load(documentation).Descendants("member").Select(member => member.Attribute("name")!.Value)
                .Where(id => id.Contains(".ApiFixture.", StringComparison.Ordinal)),
        ];

        // Nobody can write a comment on a constructor or an Invoke that the compiler adds.
        string[] ours =
        [
            .. PublicApi.Of(s_fixture).Keys.Where(id => !id.EndsWith("Inner`1.#ctor", StringComparison.Ordinal))
                .Where(id => !id.Contains(".Invoke(", StringComparison.Ordinal)),
        ];
        CollectionAssert.AreEquivalent(compilers, ours);
    }

    [TestMethod]
    public void AListIsReadAsItWasWritten()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("api.txt");
        Dictionary<string, string> entries = new() { ["M:A.B"] = "void B(string line = \"\n\")", ["T:A"] = "public class A\t" };
        File.WriteAllText(path, ApiList.Write(entries));

        CollectionAssert.AreEquivalent(entries, ApiList.Read(path));
    }
}
