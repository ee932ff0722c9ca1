#:property PublishAot=false

// The driver: dotnet run build/audioml.cs -- <command>, on Windows, Linux and macOS. `help` lists the commands.

using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;

string root = Path.GetFullPath("..", (string)AppContext.GetData("EntryPointFileDirectoryPath")!);
Directory.SetCurrentDirectory(root);
try
{
    return args switch
    {
        ["probe", .. string[] options] => Choose(options),
        ["build", .. string[] options] => Prepare(options, forTests: false, () => Dotnet(["build", .. Solution(), .. options])),
        ["sample", .. string[] options] => Prepare(options, forTests: false, () => RunSample(options)),
        ["test", .. string[] options] => Prepare(options, forTests: true, () => RunTests(options)),
        ["api", .. string[] options] => Prepare(options, forTests: true, () => WritePublicApi(options)),
        ["help"] => Help(Console.Out, 0),
        _ => Help(Console.Error, 2),
    };
}
catch (DriverException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static string[] Solution() => ["AudioMLNet.sln", "-c", "Release", "--nologo"];

static int Help(TextWriter output, int exitCode)
{
    output.WriteLine("""
        dotnet run build/audioml.cs -- <command>
            sample   build, then run samples/SpokenCommands: train on spoken commands and test on unheard voices
            test     build, then run all tests; the last line is "<n> passed, <n> failed, <n> skipped"
            build    build the solution
            api      rewrite src/*/PublicAPI.txt from the public API as it is now
            probe    find out whether this machine's feeds hold the packages, and remember it; the other commands do
                     so by themselves, once. --again asks anew; --packages and --stand-ins choose without asking
        Further options go to `dotnet build` or `dotnet test`: -p:UseStandIns=true, --filter ...
        """);
    return exitCode;
}

static int Choose(string[] options)
{
    BuildChoice choice = options switch
    {
        [] => BuildChoice.Remembered() ?? BuildChoice.Probe(again: false),
        ["--again"] => BuildChoice.Probe(again: true),
        ["--packages"] => BuildChoice.Remember(standIns: false, "chosen by hand"),
        ["--stand-ins"] => BuildChoice.Remember(standIns: true, "chosen by hand"),
        _ => throw new DriverException("probe takes one of --again, --packages and --stand-ins."),
    };
    Console.WriteLine(choice);
    return 0;
}

static int Prepare(string[] options, bool forTests, Func<int> work)
{
    BuildChoice choice = BuildChoice.Given(options) ?? BuildChoice.Remembered() ?? BuildChoice.Probe(again: false);
    Console.WriteLine(choice);
    if (choice.StandIns)
    {
        NativeLibraries.Install(forTests);
    }

    return work();
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
    int exitCode = Dotnet(["build", .. Solution(), "-v", "q", .. options.Where(option => option.StartsWith("-p:"))]);
    if (exitCode == 0)
    {
        exitCode = Dotnet(["test", .. Solution(), "--no-build", "--logger", "trx", "--results-directory", results, .. options]);
    }

    TestTotals totals = TestTotals.Read(results);
    if (exitCode != 0 && totals.Failed == 0)
    {
        Console.WriteLine("The run ended with an error before every test had run; the output above says why.");
    }

    Console.WriteLine(totals);
    return exitCode == 0 && totals is { Failed: 0, Passed: > 0 } ? 0 : 1;
}

static int WritePublicApi(string[] options)
{
    Environment.SetEnvironmentVariable("AUDIOML_WRITE_PUBLIC_API", "1");
    int exitCode = 0;
    foreach (string project in new[] { "Microsoft.ML.AudioFeaturization", "Microsoft.ML.AudioTransformers" })
    {
        exitCode |= Dotnet(
            ["test", $"test/{project}.Tests", "-c", "Release", "--nologo", "-v", "q", "--filter", "FullyQualifiedName~PublicApiTests", .. options]);
    }

    return exitCode;
}

static int Dotnet(string[] arguments) => Tool.Run("dotnet", arguments);

/// <summary>A message for the user, in place of a stack trace.</summary>
internal sealed class DriverException(string message) : Exception(message);

/// <summary>Which of the two builds this checkout makes, and why: build/BuildChoice.props, which MSBuild reads.</summary>
internal sealed record BuildChoice(bool StandIns, string Reason)
{
    private const string File = "build/BuildChoice.props";
    private const string ProbeProject = "build/probe/Probe.csproj";

    // A feed that lacks a package says so with one of these; every other error says nothing about packages.
    private static readonly string[] s_notFound = ["NU1100", "NU1101", "NU1102", "NU1103"];
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public override string ToString() => $"AudioMLNet builds on {(StandIns ? "stand-ins" : "packages")}: {Reason}";

    /// <summary>What the command line or the environment says: MSBuild lets it win, so no probe is needed.</summary>
    public static BuildChoice? Given(string[] options)
    {
        const string option = "-p:UseStandIns=";
        string? value = options.LastOrDefault(text => text.StartsWith(option, StringComparison.OrdinalIgnoreCase))?[option.Length..]
            ?? Environment.GetEnvironmentVariable("UseStandIns");
        return string.IsNullOrEmpty(value)
            ? null
            : new(value.Equals("true", StringComparison.OrdinalIgnoreCase), $"UseStandIns={value} was given");
    }

    /// <summary>The outcome of an earlier probe for the same versions.</summary>
    public static BuildChoice? Remembered()
    {
        if (!System.IO.File.Exists(File))
        {
            return null;
        }

        XElement properties = XElement.Load(File).Element("PropertyGroup")!;
        return properties.Element("BuildChoiceMadeFor")?.Value == Packages()
            ? new((bool)properties.Element("UseStandIns")!, properties.Element("BuildChoiceReason")!.Value)
            : null;
    }

    /// <summary>Restores a tiny project that names the packages.</summary>
    public static BuildChoice Probe(bool again)
    {
        Console.WriteLine($"Probing: can this machine's feeds give {Packages()}?");
        string[] fresh = again ? ["--force", "-p:RestoreNoHttpCache=true"] : [];
        (int exitCode, string output) = Tool.Capture("dotnet", ["restore", ProbeProject, .. fresh], s_patience);
        if (exitCode == 0)
        {
            return Remember(standIns: false, $"the probe restored {Packages()}");
        }

        string[] errors = [.. Regex.Matches(output, @"error (NU\d+)").Select(match => match.Groups[1].Value).Distinct()];
        if (errors.Length == 0 || errors.Except(s_notFound).Any())
        {
            throw new DriverException($"""
                {output.Trim()}

                The probe got no answer from the package feeds, so it is not known which of the two builds this can be. Try
                again when they answer, or choose: dotnet run build/audioml.cs -- probe --stand-ins (or --packages)
                """);
        }

        IEnumerable<string> missing = Packages().Split(", ").Where(package => output.Contains($" {package.Split(' ')[0]}"));
        return Remember(standIns: true, $"the probe could not restore {string.Join(", ", missing)} ({string.Join(", ", errors)})");
    }

    public static BuildChoice Remember(bool standIns, string reason)
    {
        XElement choice = new(
            "Project",
            new XComment(" Written by the probe of build/audioml.cs, ignored by git. Without this file the next command probes again. "),
            new XElement(
                "PropertyGroup",
                new XElement("UseStandIns", standIns),
                new XElement("BuildChoiceReason", reason),
                new XElement("BuildChoiceMadeFor", Packages())));
        choice.Save(File + ".new");
        System.IO.File.Move(File + ".new", File, overwrite: true);
        return new(standIns, reason);
    }

    // "Microsoft.ML 5.0.0, ..."
    private static string Packages()
    {
        Dictionary<string, string> versions = XElement.Load("Directory.Packages.props").Descendants("PackageVersion")
            .ToDictionary(package => package.Attribute("Include")!.Value, package => package.Attribute("Version")!.Value);
        return string.Join(", ", XElement.Load(ProbeProject).Descendants("PackageReference")
            .Select(package => package.Attribute("Include")!.Value)
            .Select(id => $"{id} {versions[id]}"));
    }
}

/// <summary>What the TorchSharp stand-in needs of the system: LibTorch, a good BLAS, a C++ compiler.</summary>
internal static class NativeLibraries
{
    public static void Install(bool forTests)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new DriverException("The TorchSharp stand-in compiles on Linux only; elsewhere, use a feed that holds the packages.");
        }

        bool libTorchGiven = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LIBTORCH"));
        if (!Tool.Exists("dpkg-query"))
        {
            if (!libTorchGiven || !Tool.Exists("g++"))
            {
                throw new DriverException(
                    "The stand-ins need g++ and LibTorch 1.13 or 2.x: install both, and name LibTorch's folder in the environment variable LIBTORCH.");
            }

            return;
        }

        List<string> missing = [];
        if (!libTorchGiven)
        {
            missing.AddRange(new[] { "libtorch-dev", "libopenblas0-pthread" }.Where(IsMissing));
        }

        if (!Tool.Exists("g++"))
        {
            missing.Add("g++");
        }

        // Only what compares with another decoder wants it: those tests are inconclusive without.
        string[] wished = forTests && IsMissing("libsndfile1") ? ["libsndfile1"] : [];
        string[] wanted = [.. missing, .. wished];
        if (wanted.Length == 0 || (missing.Count == 0 && !Environment.IsPrivilegedProcess))
        {
            return;
        }

        string install = $"apt-get install -y --no-install-recommends {string.Join(' ', wanted)}";
        if (!Environment.IsPrivilegedProcess)
        {
            throw new DriverException(
                $"The stand-ins need {string.Join(", ", missing)}. Install them with this command, then try again:\n    sudo sh -c 'apt-get update && {install}'");
        }

        Console.WriteLine($"Installing {string.Join(", ", wanted)}.");
        Environment.SetEnvironmentVariable("DEBIAN_FRONTEND", "noninteractive");
        bool installed = Tool.Run("apt-get", ["-q", "update"]) == 0 && Tool.Run("apt-get", ["-q", .. install.Split(' ')[1..]]) == 0;
        if (!installed && missing.Count > 0)
        {
            throw new DriverException($"The stand-ins need {string.Join(", ", wanted)}, and installing them failed.");
        }
    }

    private static bool IsMissing(string package) =>
        Tool.Capture("dpkg-query", ["-W", "-f=${db:Status-Status}", package], TimeSpan.FromSeconds(30)).Output.Trim() != "installed";
}

/// <summary>The sums over the result files of all test projects.</summary>
internal sealed record TestTotals(int Passed, int Failed, int Skipped)
{
    public override string ToString() => $"{Passed} passed, {Failed} failed, {Skipped} skipped";

    public static TestTotals Read(string folder)
    {
        string[] outcomes = [.. (Directory.Exists(folder) ? Directory.GetFiles(folder, "*.trx") : [])
            .SelectMany(file => XElement.Load(file).Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))
            .Select(result => result.Attribute("outcome")?.Value ?? "Failed")];
        int passed = outcomes.Count(outcome => outcome == "Passed");
        int failed = outcomes.Count(outcome => outcome is "Failed" or "Error" or "Timeout" or "Aborted");
        return new(passed, failed, outcomes.Length - passed - failed);
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

    public static (int ExitCode, string Output) Capture(string program, string[] arguments, TimeSpan patience)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"{program} {string.Join(' ', arguments)} did not end within {patience.TotalMinutes} minutes.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
