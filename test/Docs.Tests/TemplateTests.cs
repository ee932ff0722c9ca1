using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Docs.Tests;

/// <summary>The templates of dotnet new make apps that compile.</summary>
[TestClass]
public sealed class TemplateTests
{
    [TestMethod]
    public void ConsoleAppOfTheTemplateCompiles()
    {
        using var folder = new TemporaryFolder();
        string hive = folder.File("hive");
        Dotnet("new", "install", Path.Combine(Checkout.Root, "templates", "audioml-console"), "--debug:custom-hive", hive);

        Dotnet(
            "new", "audioml-console", "--name", "Birds", "--Rate", "22050", "--output", folder.File("Birds"),
            "--debug:custom-hive", hive, "--no-update-check");

        string program = File.ReadAllText(folder.File("Birds/Program.cs"));
        StringAssert.Contains(program, "sampleRate: 22050");
        StringAssert.Contains(program, "usage: Birds train FOLDER");
        string project = File.ReadAllText(folder.File("Birds/Birds.csproj"));
        StringAssert.Contains(project, "Include=\"Microsoft.ML.AudioTransformers\" Version=\"0.1.0\"");
        Assert.AreEqual("", string.Join('\n', CodeBlockTests.CompileProgram("Program.cs", program)));
    }

    private static void Dotnet(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"dotnet {string.Join(' ', arguments)}\n{output}\n{error.Result}");
    }
}
