using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Spectre.Console;

namespace AudioMLNet.Samples.Tests;

/// <summary>
/// A file-based app in samples, compiled as <c>dotnet run</c> does, against what its directives name, but without a project of
/// its own: it runs in this process, which has all that the samples name.
/// </summary>
internal static partial class Sample
{
    private const string Implicit = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions s_parsing =
        CSharpParseOptions.Default.WithFeatures([new("FileBasedProgram", "true")]);

    private static readonly IReadOnlyDictionary<string, string> s_assemblies =
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .DistinctBy(Path.GetFileNameWithoutExtension).ToDictionary(path => Path.GetFileNameWithoutExtension(path));

    private static readonly Dictionary<string, JsonElement> s_libraries = ReadLibraries();

    /// <summary>Folder of the samples.</summary>
    public static string Folder { get; } = Path.Combine(Checkout.Root, "samples");

    /// <summary>All file-based samples that do one job: samples/*.cs.</summary>
    public static string[] Names { get; } =
        [.. Directory.GetFiles(Folder, "*.cs").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <summary>Compiles a sample to a file.</summary>
    public static string Compile(string name, string folder)
    {
        string path = Path.Combine(Folder, name);
        string text = File.ReadAllText(path);
        string assembly = Path.Combine(folder, Path.ChangeExtension(name, ".dll"));
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(name),
            [CSharpSyntaxTree.ParseText(text, s_parsing, path), CSharpSyntaxTree.ParseText(Implicit, s_parsing)],
            References(text).Select(reference => MetadataReference.CreateFromFile(reference)),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(assembly);
        Assert.AreEqual("", string.Join('\n', result.Diagnostics
            .Where(found => found.Severity >= DiagnosticSeverity.Warning && found.Id is not "CS1701" and not "CS1702")
            .Select(found => found.ToString())));
        return assembly;
    }

    /// <summary>Runs a sample in this process, with a folder as the current one.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(string name, string folder, params string[] arguments)
    {
        MethodInfo main = AssemblyLoadContext.Default.LoadFromAssemblyPath(Compile(name, folder)).EntryPoint!;
        (TextWriter output, string before) = (Console.Out, Environment.CurrentDirectory);
        using var printed = new StringWriter(CultureInfo.InvariantCulture);
        AppContext.SetData("EntryPointFileDirectoryPath", Folder);
        Environment.CurrentDirectory = folder;
        Console.SetOut(printed);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(printed),
        });
        console.Profile.Width = 200;
        AnsiConsole.Console = console;
        try
        {
            object? code = main.Invoke(null, [arguments]);
            Assert.IsTrue(code is null or 0, $"{name} returned {code}: {printed}");
            return printed.ToString();
        }
        finally
        {
            Console.SetOut(output);
            Environment.CurrentDirectory = before;
        }
    }

    /// <summary>Runs a sample in a process of its own, with bytes on standard input.</summary>
    /// <returns>What it printed.</returns>
    public static string RunWithInput(string name, string folder, byte[] input, params string[] arguments)
    {
        // Beside the tests, in whose folder everything is that it names.
        string tests = typeof(Sample).Assembly.Location;
        return Dotnet(
            folder, input,
            [
                "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"),
                "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
                Compile(name, Path.GetDirectoryName(tests)!), .. arguments,
            ]);
    }

    /// <summary>Runs a sample as its users do, by <c>dotnet run</c>; the projects that it names are built already.</summary>
    /// <returns>What it printed.</returns>
    public static string DotnetRun(string name, string folder, params string[] arguments)
    {
        string configuration = Path.GetFileName(
            Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        return Dotnet(
            folder, [],
            [
                "run", Path.Combine(Folder, name), "-c", configuration, "-p:BuildProjectReferences=false",
                "-p:RunAnalyzers=false", "--", .. arguments,
            ]);
    }

    private static string Dotnet(string folder, byte[] input, string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The MSBuild that runs these tests tells its children where things are; a build server would outlive the command.
        foreach (string name in start.Environment.Keys.Where(
            name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"{output}\n{error.Result}");
        return output;
    }

    // What the sample's projects and packages bring, directly or by others, and the framework.
    private static IEnumerable<string> References(string text)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        HashSet<string> found = [.. s_assemblies.Values.Where(path => Path.GetDirectoryName(path) == framework)];
        var (open, seen) = (new Stack<string>(), new HashSet<string>());
        foreach (Match directive in Directive().Matches(text))
        {
            string name = directive.Groups["name"].Value;
            Assert.IsTrue(
                directive.Groups["kind"].Value == "package" || Directory.Exists(Path.Combine(Folder, name)), $"no {name}");
            open.Push(Path.GetFileName(name));
        }

        while (open.TryPop(out string? name))
        {
            if (seen.Add(name) && s_libraries.TryGetValue(name, out JsonElement library))
            {
                foreach (JsonProperty other in Children(library, "dependencies"))
                {
                    open.Push(other.Name);
                }

                found.UnionWith(Children(library, "runtime")
                    .Select(file => Path.GetFileNameWithoutExtension(file.Name)).Where(s_assemblies.ContainsKey)
                    .Select(assembly => s_assemblies[assembly]));
            }
        }

        return found;
    }

    // The packages and projects of the tests, by name, as the build has written them down.
    private static Dictionary<string, JsonElement> ReadLibraries()
    {
        string path = Path.ChangeExtension(typeof(Sample).Assembly.Location, ".deps.json");
        return JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("targets").EnumerateObject().Single().Value
            .EnumerateObject().ToDictionary(library => library.Name.Split('/')[0], library => library.Value);
    }

    private static IEnumerable<JsonProperty> Children(JsonElement library, string name) =>
        library.TryGetProperty(name, out JsonElement children)
            ? children.EnumerateObject()
            : Enumerable.Empty<JsonProperty>();

    [GeneratedRegex(@"^#:(?<kind>project|package) (?<name>\S+)", RegexOptions.Multiline)]
    private static partial Regex Directive();
}
