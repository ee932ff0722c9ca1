using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// A Python process that times peers when it is asked to. Its script prints the names of its cases on one line and then,
/// for each name that it is sent, the seconds that one run took.
/// </summary>
internal sealed class PythonPeer : PeerProcess
{
    private PythonPeer(string python, string script, string[] arguments)
        : base(python, ["-W", "ignore", script, .. arguments])
    {
    }

    /// <summary>What it can time: the libraries that it found decide.</summary>
    public IReadOnlyList<string> Cases => FirstLine.Split('\t', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Starts the first Python that has the modules, or gives null.</summary>
    /// <param name="script">A file beside this program.</param>
    /// <param name="module">The module that must be there.</param>
    /// <param name="arguments">The script's arguments.</param>
    public static PythonPeer? Start(string script, string module, params string[] arguments)
    {
        foreach (string python in new[] { "python3", "/usr/bin/python3", "python" })
        {
            if (HasModule(python, module))
            {
                return new PythonPeer(python, Path.Combine(AppContext.BaseDirectory, script), arguments);
            }
        }

        return null;
    }

    private static bool HasModule(string python, string module)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(python, ["-c", $"import {module}"])
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
