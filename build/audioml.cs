#:property PublishAot=false

// The driver: dotnet run build/audioml.cs -- <command>, on Windows, Linux and macOS. `help` lists the commands.

using System.Diagnostics;
using System.Xml.Linq;

string root = Path.GetFullPath("..", (string)AppContext.GetData("EntryPointFileDirectoryPath")!);
Directory.SetCurrentDirectory(root);
return args switch
{
    ["build", .. string[] options] => BuildAll(options),
    ["sample", .. string[] options] => RunSample(options),
    ["test", .. string[] options] => RunTests(options),
    ["api", .. string[] options] => WritePublicApi(options),
    ["modelcard", .. string[] options] => WriteModelCard(options),
    ["site", .. string[] options] => BuildSite(options),
    ["notebooks", .. string[] options] => WriteNotebooks(options),
    ["help"] => Help(Console.Out, 0),
    _ => Help(Console.Error, 2),
};

static string[] Solution() => ["AudioMLNet.sln", "-c", "Release", "--nologo"];

static int Help(TextWriter output, int exitCode)
{
    output.WriteLine("""
        dotnet run build/audioml.cs -- <command>
            sample   build, then run samples/SpokenCommands: train on spoken commands and test on unheard voices
            test     build, then run all tests; the last line is "<n> passed, <n> failed, <n> skipped", after the names of
                     those skipped and what they need
            build    build the solution
            api      rewrite src/*/PublicAPI.Unshipped.txt from the public API as it is now
            modelcard   rewrite the tables of docs/model-card.md from the list of published files
            site     build the manual, docs and the API's pages, as artifacts/site/index.html; warnings are errors
            notebooks   rewrite samples/notebooks/*.ipynb from the programs beside them, and run them for their outputs
        Further options go to `dotnet build` or `dotnet test`: -p:TorchBackend=cuda, --filter ...
        """);
    return exitCode;
}

static int BuildAll(string[] options)
{
    // One compiler for all projects: a new one for each is compiled itself, analyzers included, as long as it compiles. Where
    // the environment wants none that outlives a build, it is ended.
    int exitCode = Dotnet(["build", .. Solution(), "-p:UseSharedCompilation=true", .. options]);
    if (string.Equals(Environment.GetEnvironmentVariable("UseSharedCompilation"), "false", StringComparison.OrdinalIgnoreCase))
    {
        Dotnet(["build-server", "shutdown", "--vbcscompiler"]);
    }

    return exitCode;
}

static int RunSample(string[] options)
{
    const string sample = "samples/SpokenCommands/SpokenCommands.cs";
    int built = Dotnet(["build", sample, "-c", "Release", "--nologo", "-v", "q", .. options]);
    return built == 0 ? Dotnet(["run", sample, "-c", "Release", "--no-build", .. options]) : built;
}

static int RunTests(string[] options)
{
    string results = Path.GetFullPath("artifacts/test-results");
    if (Directory.Exists(results))
    {
        Directory.Delete(results, recursive: true);
    }

    // All of it is built first: one test looks into the other test assemblies.
    int exitCode = BuildAll(["-v", "q", .. options.Where(option => option.StartsWith("-p:"))]);
    if (exitCode == 0)
    {
        exitCode = Dotnet(["test", .. Solution(), "--no-build", "--logger", "trx", "--results-directory", results, .. options]);
    }

    TestTotals totals = TestTotals.Read(results);
    if (exitCode != 0 && totals.Failed == 0)
    {
        Console.WriteLine("The run ended with an error before every test had run; the output above says why.");
    }

    foreach (var reason in totals.Skipped.GroupBy(test => test.Reason))
    {
        IEnumerable<string> names = reason.CountBy(test => test.Name).Select(test => $"{test.Key} ({test.Value})");
        Console.WriteLine($"Skipped, {reason.Key}: {string.Join(", ", names)}");
    }

    Console.WriteLine(totals);
    return exitCode == 0 && totals is { Failed: 0, Passed: > 0 } ? 0 : 1;
}

static int WriteModelCard(string[] options)
{
    // The test that compares the page with the list writes it instead.
    Environment.SetEnvironmentVariable("AUDIOML_WRITE_MODEL_CARD", "1");
    const string tests = "test/Microsoft.ML.AudioTransformers.Tests";
    return Dotnet(["test", tests, "-c", "Release", "--nologo", "--filter", "FullyQualifiedName~ModelCardTests", .. options]);
}

static int WriteNotebooks(string[] options)
{
    // The test that runs them and compares their code writes them instead.
    Environment.SetEnvironmentVariable("AUDIOML_WRITE_NOTEBOOKS", "1");
    const string tests = "test/Microsoft.ML.AudioTransformers.Interactive.Tests";
    return Dotnet(["test", tests, "-c", "Release", "--nologo", "--filter", "FullyQualifiedName~NotebookTests", .. options]);
}

static int WritePublicApi(string[] options)
{
    int exitCode = 0;
    foreach (string project in Directory.GetFiles("src", "*.csproj", SearchOption.AllDirectories))
    {
        // The fix of RS0016 adds what is in neither file.
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(project)!, "PublicAPI.Unshipped.txt"), "#nullable enable\n");
        exitCode |= Dotnet(["format", "analyzers", project, "--diagnostics", "RS0016", "--severity", "warn", .. options]);
    }

    return exitCode;
}

static int BuildSite(string[] options)
{
    // The API's pages are made of the assemblies that these tests have beside them, and of their documentation.
    int exitCode = Dotnet(["build", "test/Docs.Tests", "-c", "Release", "--nologo", "-v", "q", .. options]);
    exitCode = exitCode == 0 ? Dotnet(["tool", "restore"]) : exitCode;
    return exitCode == 0 ? Dotnet(["docfx", "docs/docfx.json", "--warningsAsErrors"]) : exitCode;
}

static int Dotnet(string[] arguments) => Tool.Run("dotnet", arguments);

/// <summary>The sums over the result files of all test projects.</summary>
internal sealed record TestTotals(int Passed, int Failed, IReadOnlyList<SkippedTest> Skipped)
{
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped.Count} skipped";

    public static TestTotals Read(string folder)
    {
        XElement[] results = [.. (Directory.Exists(folder) ? Directory.GetFiles(folder, "*.trx") : [])
            .SelectMany(file => XElement.Load(file).Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))];
        ILookup<string, XElement> outcomes = results.ToLookup(result => result.Attribute("outcome")?.Value switch
        {
            "Passed" => "passed",
            null or "Failed" or "Error" or "Timeout" or "Aborted" => "failed",
            _ => "skipped",
        });
        return new(outcomes["passed"].Count(), outcomes["failed"].Count(), [.. outcomes["skipped"].Select(SkippedTest.Of)]);
    }
}

/// <summary>A test that did not run here, and why.</summary>
internal sealed record SkippedTest(string Name, string Reason)
{
    public static SkippedTest Of(XElement result)
    {
        string? message = result.Descendants().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value;
        return new(result.Attribute("testName")?.Value.Split(' ', '(')[0] ?? "?", message?.Split('\n')[0].Trim() ?? "no reason given");
    }
}

internal static class Tool
{
    /// <summary>Runs a program on this console and returns its exit code.</summary>
    public static int Run(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
