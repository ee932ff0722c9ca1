using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// A Python process that times peers when it is asked to, with the settings that are best for it: see
/// <see cref="PythonSettings"/>.
/// </summary>
internal sealed class PythonPeer : PeerProcess
{
    private static readonly Lazy<string?> s_python =
        new(() => Array.Find(["python3", "/usr/bin/python3", "python"], HasTorch));

    private static readonly Lazy<PythonSettings> s_settings = new(() => PythonSettings.Choose(s_python.Value!));

    private PythonPeer(string script, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
        : base(s_python.Value!, [Script(script), .. arguments], environment)
    {
    }

    /// <summary>What it can time: the libraries that it found decide.</summary>
    public IReadOnlyList<string> Cases => FirstLine.Split('\t', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Starts a script in the first Python that has PyTorch, or gives null.</summary>
    /// <param name="script">A file below this program's folder.</param>
    /// <param name="arguments">The script's arguments.</param>
    public static PythonPeer? Start(string script, params IEnumerable<string> arguments) =>
        s_python.Value is null ? null : new PythonPeer(script, arguments, s_settings.Value.Environment);

    /// <summary>The same with other variables of the environment in place of those that are best.</summary>
    public static PythonPeer? StartWith(
        IReadOnlyDictionary<string, string> environment, string script, params IEnumerable<string> arguments) =>
        s_python.Value is null
            ? null
            : new PythonPeer(
                script, arguments, s_settings.Value.Environment.Concat(environment)
                    .GroupBy(item => item.Key).ToDictionary(items => items.Key, items => items.Last().Value));

    /// <summary>Which peers there are, and with which settings, in a sentence.</summary>
    public static string Describe() => s_python.Value is null
        ? "no Python with torch was found: no peers"
        : s_settings.Value.Description;

    /// <summary>The full path of a script.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, name);

    private static bool HasTorch(string python)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
