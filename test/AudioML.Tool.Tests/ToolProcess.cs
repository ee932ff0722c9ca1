using System.Diagnostics;

namespace AudioML.Tool.Tests;

/// <summary>What a run of the program printed, and how it ended.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>Runs the program as a process, in a folder, under the culture tr-TR and on one thread.</summary>
internal static class ToolProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "audioml.dll");

    // The program knows no cultures, as it is built. Here it does, so that what forgets to be invariant shows: a comma in a number,
    // an i without its dot. Where the system has no ICU, which knows them, it stays as it is.
    private static readonly string s_config = WriteConfig();

    private static string[] Program => ["exec", "--runtimeconfig", s_config, s_program];

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Whether the program runs under tr-TR; false where the system has no ICU.</summary>
    public static bool HasCultures { get; private set; }

    /// <summary>Removes what the runs shared.</summary>
    public static void Clean() => Directory.Delete(Path.GetDirectoryName(s_config)!, recursive: true);

    /// <summary>Runs it to its end, with pipes for its output.</summary>
    public static ToolRun Run(string folder, params string[] arguments)
    {
        using Process process = Start(folder, Host, [.. Program, .. arguments]);
        process.StandardInput.Close();
        return Wait(process);
    }

    /// <summary>Runs it with more environment variables.</summary>
    public static ToolRun RunWith(string folder, Dictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Start(folder, Host, [.. Program, .. arguments], environment);
        process.StandardInput.Close();
        return Wait(process);
    }

    /// <summary>Runs a script of bash that calls audioml, with more environment variables.</summary>
    public static ToolRun RunScript(string folder, string script, Dictionary<string, string> environment)
    {
        using Process process = Start(
            folder, "bash", ["-c", $"audioml() {{ '{Host}' '{s_program}' \"$@\"; }}; exec() {{ \"$@\"; }}; . '{script}'"], environment);
        process.StandardInput.Close();
        return Wait(process);
    }

    /// <summary>Runs it with bytes on standard input.</summary>
    public static ToolRun RunWithInput(string folder, byte[] input, params string[] arguments)
    {
        using Process process = Start(folder, Host, [.. Program, .. arguments]);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        return Wait(process);
    }

    /// <summary>Runs it in a pseudo-terminal of a number of columns, by util-linux's script.</summary>
    public static ToolRun RunInTerminal(string folder, int columns, params string[] arguments)
    {
        string command = string.Join(' ', ((string[])[Host, .. Program, .. arguments]).Select(part => $"'{part}'"));
        using Process process = Start(folder, "script", ["-qec", $"stty cols {columns} rows 20; {command}", "/dev/null"]);
        process.StandardInput.Close();
        return Wait(process);
    }

    /// <summary>Runs it until a line on standard error is as expected, then interrupts it as Ctrl+C does.</summary>
    public static ToolRun Interrupt(string folder, Func<string, bool> isReached, params string[] arguments)
    {
        // A shell lets its background jobs ignore the signal, and all that they start after them.
        using Process process = Start(folder, "env", ["--default-signal=INT", Host, .. Program, .. arguments]);
        process.StandardInput.Close();
        string error = "";
        while (process.StandardError.ReadLine() is { } line)
        {
            error += line + "\n";
            if (isReached(line))
            {
                Process.Start("sh", ["-c", $"kill -INT {process.Id}"]).WaitForExit();
                break;
            }
        }

        ToolRun run = Wait(process);
        return run with { Error = error + run.Error };
    }

    private static string WriteConfig()
    {
        string text = File.ReadAllText(Path.ChangeExtension(s_program, ".runtimeconfig.json"));
        string path = Path.Combine(Directory.CreateTempSubdirectory("audioml-config").FullName, "audioml.runtimeconfig.json");
        File.WriteAllText(path, text.Replace(
            "\"System.Globalization.Invariant\": true",
            "\"System.Globalization.Invariant\": false, \"System.Globalization.PredefinedCulturesOnly\": false",
            StringComparison.Ordinal));
        using Process process = Start(
            Path.GetDirectoryName(path)!, Host, ["exec", "--runtimeconfig", path, s_program, "--version"]);
        process.StandardInput.Close();
        ToolRun run = Wait(process);
        HasCultures = !run.Error.Contains("ICU", StringComparison.Ordinal);
        File.WriteAllText(path, HasCultures ? File.ReadAllText(path) : text);
        return path;
    }

    private static Process Start(
        string folder, string program, string[] arguments, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["LANG"], start.Environment["LC_ALL"]) = ("tr_TR.UTF-8", "tr_TR.UTF-8");
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["TERM"] = "xterm";
        foreach ((string name, string value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static ToolRun Wait(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The program still runs after {s_patience}.");
        }

        return new ToolRun(process.ExitCode, output.Result, error.Result);
    }
}
