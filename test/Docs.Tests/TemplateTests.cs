using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Docs.Tests;

/// <summary>The templates of dotnet new make apps that compile.</summary>
[TestClass]
public sealed class TemplateTests
{
    private static readonly TemporaryFolder s_folder = new();

    private static string Hive => s_folder.File("hive");

    [ClassInitialize]
    public static void Install(TestContext context)
    {
        string templates = Path.Combine(Checkout.Root, "templates");
        Dotnet.Run(
            s_folder.Path, "new", "install",
            Path.Combine(templates, "audioml-console"), Path.Combine(templates, "audioml-web"), "--debug:custom-hive", Hive);
    }

    [ClassCleanup]
    public static void Delete() => s_folder.Dispose();

    [TestMethod]
    public void ConsoleAppOfTheTemplateCompiles()
    {
        string program = Create("audioml-console", "Birds", "--Rate", "22050");

        StringAssert.Contains(program, "sampleRate: 22050");
        StringAssert.Contains(program, "usage: Birds train FOLDER");
        string project = File.ReadAllText(s_folder.File("Birds/Birds.csproj"));
        StringAssert.Contains(project, "Include=\"Microsoft.ML.AudioTransformers\" Version=\"0.1.0\"");
        Assert.AreEqual("", string.Join('\n', CodeBlockTests.CompileProgram("Program.cs", program)));
    }

    [TestMethod]
    public void WebAppOfTheTemplateCompiles()
    {
        string program = Create("audioml-web", "Listener", "--Model", "birds.zip");

        string project = File.ReadAllText(s_folder.File("Listener/Listener.csproj"));
        StringAssert.Contains(project, "Include=\"Microsoft.ML.AudioTransformers.Hosting\" Version=\"0.1.0\"");
        StringAssert.Contains(project, "<TieredCompilationQuickJitForLoops>false</TieredCompilationQuickJitForLoops>");
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText(s_folder.File("Listener/appsettings.json")));
        Assert.AreEqual("birds.zip", settings.RootElement.GetProperty("Model").GetString());
        Assert.AreEqual(32, settings.RootElement.GetProperty("MaximumUploads").GetInt32());
        StringAssert.Contains(program, "RequireRateLimiting(\"uploads\")");
        Assert.AreEqual("", string.Join('\n', CodeBlockTests.CompileProgram("Program.cs", program, isWeb: true)));
    }

    /// <summary>Makes an app, and returns its program.</summary>
    private static string Create(string template, string name, params string[] options)
    {
        Dotnet.Run(
            s_folder.Path,
            [
                "new", template, "--name", name, "--output", name, .. options, "--debug:custom-hive", Hive, "--no-update-check",
            ]);
        return File.ReadAllText(s_folder.File($"{name}/Program.cs"));
    }
}
