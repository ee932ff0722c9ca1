using System.Diagnostics;
using System.Reflection;

namespace AudioMLNet.TestSupport;

/// <summary>
/// Runs a static method of a test class in a process of its own, where nothing has been loaded, registered or cached
/// yet: what a user meets who loads a model that another program saved. This assembly is that process's program.
/// </summary>
public static class FreshProcess
{
    /// <summary>Calls <paramref name="method"/> in a new process and returns what it returned.</summary>
    /// <param name="method">A static method, named as such (not a lambda), public or not.</param>
    /// <param name="arguments">Handed to the method.</param>
    /// <exception cref="InvalidOperationException">The method threw, or did not end within ten minutes.</exception>
    public static string Run(Func<string[], string> method, params string[] arguments) =>
        Run(method, new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="Run(Func{string[], string}, string[])"/>
    /// <param name="method">A static method, named as such (not a lambda), public or not.</param>
    /// <param name="environment">Variables that the new process has besides this one's.</param>
    /// <param name="arguments">Handed to the method.</param>
    public static string Run(
        Func<string[], string> method, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Observe(method, environment, arguments).Result;

    /// <inheritdoc cref="Run(Func{string[], string}, string[])"/>
    /// <param name="folder">Where the process finds its program, which is a copy of this one's.</param>
    /// <param name="method">A static method, named as such (not a lambda), public or not.</param>
    /// <param name="environment">Variables that the new process has besides this one's.</param>
    /// <param name="arguments">Handed to the method.</param>
    public static string RunIn(
        string folder,
        Func<string[], string> method,
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments) => Start(folder, method, environment, arguments).Result;

    /// <summary>The same, with the new process run by another program, such as a tracer.</summary>
    /// <param name="program">The program and its arguments, before the process's own command line.</param>
    /// <param name="method">A static method, named as such (not a lambda), public or not.</param>
    /// <param name="arguments">Handed to the method.</param>
    /// <exception cref="InvalidOperationException">The method threw, or the process was killed.</exception>
    public static string RunUnder(
        IReadOnlyList<string> program, Func<string[], string> method, params string[] arguments) => Start(
        Path.GetDirectoryName(method.Method.DeclaringType!.Assembly.Location)!, method, new Dictionary<string, string>(), arguments,
        program).Result;

    /// <summary>The same in a process that knows the cultures of this system; tests run without them by default.</summary>
    /// <param name="method">A static method, named as such (not a lambda), public or not.</param>
    /// <param name="arguments">Handed to the method.</param>
    /// <returns>What the method returned; null where the system has no ICU, which knows the cultures.</returns>
    public static string? RunWithCultures(Func<string[], string> method, params string[] arguments)
    {
        string assembly = method.Method.DeclaringType!.Assembly.Location;
        string folder = Path.GetDirectoryName(assembly)!;
        string name = Path.ChangeExtension(Path.GetFileName(assembly), ".runtimeconfig.json");
        using TemporaryFolder configs = new();
        string config = configs.File(name);
        File.WriteAllText(config, File.ReadAllText(Path.Combine(folder, name)).Replace(
            "\"System.Globalization.Invariant\": true", "\"System.Globalization.Invariant\": false",
            StringComparison.Ordinal));
        try
        {
            return Start(folder, method, new Dictionary<string, string>(), arguments, runtimeConfig: config).Result;
        }
        catch (InvalidOperationException exception) when (exception.Message.Contains(
            "Couldn't find a valid ICU package", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>The same, with what the new process wrote to its console, native libraries included.</summary>
    /// <inheritdoc cref="Run(Func{string[], string}, IReadOnlyDictionary{string, string}, string[])"/>
    public static (string Result, string Output, string Error) Observe(
        Func<string[], string> method, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(Path.GetDirectoryName(method.Method.DeclaringType!.Assembly.Location)!, method, environment, arguments);

    private static (string Result, string Output, string Error) Start(
        string folder,
        Func<string[], string> method,
        IReadOnlyDictionary<string, string> environment,
        string[] arguments,
        IReadOnlyList<string>? program = null,
        string? runtimeConfig = null)
    {
        if (!method.Method.IsStatic)
        {
            throw new ArgumentException("Only a static method can be called in another process.", nameof(method));
        }

        using TemporaryFolder results = new();
        string result = results.File("result");
        Type type = method.Method.DeclaringType!;
        string assembly = Path.Combine(folder, Path.GetFileName(type.Assembly.Location));

        // The test assembly's own dependency list makes the new process find all it finds, native libraries included.
        string[] command =
        [
            .. program ?? [],
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            "exec",
            "--depsfile", Path.ChangeExtension(assembly, ".deps.json"),
            "--runtimeconfig", runtimeConfig ?? Path.ChangeExtension(assembly, ".runtimeconfig.json"),
            Path.Combine(folder, Path.GetFileName(typeof(FreshProcess).Assembly.Location)),
            assembly, type.FullName!, method.Method.Name, result,
            .. arguments,
        ];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };

        // A process that is killed would leave its pipes for debuggers in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(10)))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{type.Name}.{method.Method.Name} did not end within ten minutes.");
        }

        return process.ExitCode == 0
            ? (File.ReadAllText(result), output.Result, error.Result)
            : throw new InvalidOperationException(
                $"{type.Name}.{method.Method.Name} ended with {process.ExitCode}: {error.Result}");
    }

    private static int Main(string[] arguments)
    {
        if (arguments is not [string assembly, string type, string method, string result, .. string[] rest])
        {
            Console.Error.WriteLine("arguments: <test assembly> <type> <static method> <file for the result> ...");
            return 2;
        }

        Func<string[], string> call = Assembly.LoadFrom(assembly)
            .GetType(type, throwOnError: true)!
            .GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
            .CreateDelegate<Func<string[], string>>();

        // Of several processes that a launcher starts, one returns a text.
        if (call(rest) is { } text)
        {
            File.WriteAllText(result, text);
        }

        return 0;
    }
}
