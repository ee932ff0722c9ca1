using System.Diagnostics;
using System.Globalization;

namespace AudioMLNet.Benchmarks;

/// <summary>
/// A Python process that times peers when it is asked to, so that both sides run in turns on the same machine. Its
/// script prints the names of its cases on one line and then, for each name that it is sent, the seconds of processor
/// time that one run took.
/// </summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process _process;

    private PythonPeer(Process process, string[] cases)
    {
        _process = process;
        Cases = cases;
    }

    /// <summary>What it can time: the libraries that it found decide.</summary>
    public IReadOnlyList<string> Cases { get; }

    /// <summary>Starts the first Python that has the modules, or gives null.</summary>
    /// <param name="script">A file beside this program.</param>
    /// <param name="module">The module that must be there.</param>
    public static PythonPeer? Start(string script, string module)
    {
        foreach (string python in new[] { "python3", "/usr/bin/python3", "python" })
        {
            if (HasModule(python, module))
            {
                return Run(python, Path.Combine(AppContext.BaseDirectory, script));
            }
        }

        return null;
    }

    /// <summary>The seconds of one run of a case.</summary>
    public double Time(string name)
    {
        _process.StandardInput.WriteLine(name);
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"Python ended while it timed '{name}'.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
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

    private static PythonPeer Run(string python, string script)
    {
        var start = new ProcessStartInfo(python, ["-W", "ignore", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // One thread, as on this side; OpenBLAS has more than one switch for it.
        foreach (string variable in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
        {
            start.Environment[variable] = "1";
        }

        Process process = Process.Start(start)!;
        string cases = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(
            $"{script} ended at once.");
        return new PythonPeer(process, cases.Split('\t', StringSplitOptions.RemoveEmptyEntries));
    }
}
