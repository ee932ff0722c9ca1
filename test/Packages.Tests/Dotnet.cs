using System.Diagnostics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Packages.Tests;

/// <summary>The <c>dotnet</c> command as a user types it.</summary>
internal static class Dotnet
{
    /// <summary>Runs a command and returns what it wrote; the test fails with that if the command fails.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">What stands after <c>dotnet</c>.</param>
    public static string Run(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The MSBuild that runs this test tells its children where things are.
        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(name);
            }
        }

        // A build server would outlive the command, and hold its output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(8)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"dotnet {string.Join(' ', arguments)} did not end within 8 minutes.");
        }

        Assert.AreEqual(0, process.ExitCode, $"dotnet {string.Join(' ', arguments)}\n{output.Result}\n{error.Result}");
        return output.Result + error.Result;
    }
}
