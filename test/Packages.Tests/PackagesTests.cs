using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Packages.Tests;

/// <summary>What <c>dotnet pack</c> makes, and what a user gets who references it.</summary>
[TestClass]
public sealed class PackagesTests
{
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private static PackedPackages s_packages = null!;

    [ClassInitialize]
    public static void Pack(TestContext context) => s_packages = new PackedPackages();

    [ClassCleanup]
    public static void Cleanup() => s_packages?.Dispose();

    [TestMethod]
    public void AFreshAppTrainsSavesAndPredicts()
    {
        using var app = new FreshApp(s_packages);
        Assert.DoesNotContain("AUDIOML", app.Build());

        app.Run("train");
        app.Run("predict");

        string[] trained = app.Predictions("train");
        Assert.HasCount(8, trained);
        Assert.IsTrue(trained.All(line => line.Split(' ') is ["low" or "high", _, _]), trained[0]);
        CollectionAssert.AreEqual(trained, app.Predictions("predict"));
    }

    [TestMethod]
    public void LivesBesideMicrosoftMLTorchSharp()
    {
        using var app = new FreshApp(
            s_packages, "BESIDE_MICROSOFT_ML_TORCHSHARP", ("Microsoft.ML.TorchSharp", "0.23.1"));

        app.Build();
        string assemblies = app.Run("train");
        app.Run("predict");

        Assert.Contains("Microsoft.ML.TorchSharp, Version=", assemblies);
        Assert.Contains($"\nTorchSharp, Version={PackedPackages.CentralVersion("TorchSharp")}.", assemblies);
        CollectionAssert.AreEqual(app.Predictions("train"), app.Predictions("predict"));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void APackageTellsWhatItIs(int index)
    {
        string id = PackedPackages.Ids[index];
        using ZipArchive package = s_packages.Open(id);
        XElement metadata = Metadata(package, id);

        Assert.AreEqual(id, Text(metadata, "id"));
        Assert.AreEqual("MIT", Text(metadata, "license"));
        Assert.AreEqual("expression", Element(metadata, "license").Attribute("type")!.Value);
        Assert.IsNotEmpty(Text(metadata, "description"));
        Assert.Contains("Microsoft." + id[PackedPackages.Prefix.Length..], ReadText(package, Text(metadata, "readme")));
        Assert.IsNotNull(package.GetEntry(Text(metadata, "icon")));
        Assert.StartsWith(PackedPackages.Remote, Element(metadata, "repository").Attribute("url")!.Value);
        Assert.AreEqual(PackedPackages.Commit, Element(metadata, "repository").Attribute("commit")!.Value);

        string library = $"lib/net10.0/Microsoft.{id[PackedPackages.Prefix.Length..]}";
        Assert.IsNotNull(package.GetEntry($"{library}.xml"));
        string sourceLink = SourceLink(Read(package, $"{library}.dll"));
        Assert.Contains($"https://raw.githubusercontent.com/contoso/audio/{PackedPackages.Commit}/*", sourceLink);
    }

    [TestMethod]
    public void DependenciesFollowThePrefixAndLeaveOutAutoML()
    {
        CollectionAssert.AreEquivalent(
            new[] { Central("Microsoft.ML"), Central("NWaves") },
            Dependencies("Contoso.ML.AudioFeaturization"));
        CollectionAssert.AreEquivalent(
            new[]
            {
                Central("Microsoft.ML"), Central("CsvHelper"), $"Contoso.ML.AudioFeaturization {s_packages.Version}",
            },
            Dependencies("Contoso.ML.AudioDatasets"));
        CollectionAssert.AreEquivalent(
            new[]
            {
                Central("Microsoft.ML"), Central("TorchSharp"), Central("Google.Protobuf"),
                $"Contoso.ML.AudioFeaturization {s_packages.Version}", $"Contoso.ML.AudioDatasets {s_packages.Version}",
            },
            Dependencies("Contoso.ML.AudioTransformers"));
        CollectionAssert.AreEquivalent(
            new[]
            {
                Central("Microsoft.ML"), Central("Microsoft.Extensions.DependencyInjection.Abstractions"),
                Central("Microsoft.Extensions.Hosting.Abstractions"), Central("Microsoft.Extensions.Logging.Abstractions"),
                Central("Microsoft.Extensions.Options"), $"Contoso.ML.AudioTransformers {s_packages.Version}",
            },
            Dependencies("Contoso.ML.AudioTransformers.Hosting"));
        CollectionAssert.AreEquivalent(
            new[]
            {
                Central("Microsoft.ML"), Central("Microsoft.ML.OnnxRuntime"),
                $"Contoso.ML.AudioFeaturization {s_packages.Version}",
            },
            Dependencies("Contoso.ML.AudioTransformers.Onnx"));
        CollectionAssert.AreEquivalent(
            new[] { Central("Microsoft.ML"), Central("Parquet.Net"), $"Contoso.ML.AudioDatasets {s_packages.Version}" },
            Dependencies("Contoso.ML.AudioShards"));
    }

    [TestMethod]
    public void TheBuildStepHasThePackagesName()
    {
        using ZipArchive package = s_packages.Open("Contoso.ML.AudioTransformers");
        string[] files =
        [
            .. package.Entries.Select(entry => entry.FullName)
                .Where(name => name.StartsWith("build", StringComparison.Ordinal)),
        ];

        CollectionAssert.AreEquivalent(
            new[] { "buildTransitive/Contoso.ML.AudioTransformers.targets", "buildTransitive/PatchLibTorchSharp.cs" },
            files);
    }

    [TestMethod]
    public void WithoutAPrefixTheIdsAreTheAssemblies()
    {
        string id = Dotnet.Run(
            s_packages.Sources, "msbuild", "src/Microsoft.ML.AudioTransformers", "-getProperty:PackageId");

        Assert.AreEqual("Microsoft.ML.AudioTransformers", id.Trim());
    }

    [TestMethod]
    public void APackOfTheSolutionLeavesOutTheToolAndItsLibTorch()
    {
        string[] packable = ["msbuild", "src/AudioML.Tool", "-getProperty:IsPackable"];

        Assert.AreEqual("false", Dotnet.Run(s_packages.Sources, [.. packable, "-p:SolutionName=AudioMLNet"]).Trim());
        Assert.AreEqual("true", Dotnet.Run(s_packages.Sources, packable).Trim());
    }

    private static string Central(string id) => $"{id} {PackedPackages.CentralVersion(id)}";

    private static string[] Dependencies(string id)
    {
        using ZipArchive package = s_packages.Open(id);
        return
        [
            .. Metadata(package, id).Descendants().Where(element => element.Name.LocalName == "dependency")
                .Select(dependency => $"{dependency.Attribute("id")!.Value} {dependency.Attribute("version")!.Value}"),
        ];
    }

    private static XElement Metadata(ZipArchive package, string id) =>
        Element(XElement.Load(new MemoryStream(Read(package, $"{id}.nuspec"))), "metadata");

    private static XElement Element(XElement parent, string name) =>
        parent.Elements().Single(element => element.Name.LocalName == name);

    private static string Text(XElement parent, string name) => Element(parent, name).Value;

    private static string ReadText(ZipArchive package, string name) => Encoding.UTF8.GetString(Read(package, name));

    private static byte[] Read(ZipArchive package, string name)
    {
        using Stream stream = package.GetEntry(name)!.Open();
        var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Where a debugger finds the sources, as the symbols within the assembly say.</summary>
    private static string SourceLink(byte[] assembly)
    {
        using PEReader file = new(new MemoryStream(assembly));
        DebugDirectoryEntry embedded = file.ReadDebugDirectory()
            .Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using MetadataReaderProvider symbols = file.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        MetadataReader reader = symbols.GetMetadataReader();
        CustomDebugInformation sourceLink = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Single(information => reader.GetGuid(information.Kind) == s_sourceLink);
        return Encoding.UTF8.GetString(reader.GetBlobBytes(sourceLink.Value));
    }
}
