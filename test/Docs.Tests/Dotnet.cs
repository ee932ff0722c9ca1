using System.Diagnostics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Docs.Tests;

/// <summary>The <c>dotnet</c> command as a user types it.</summary>
internal static class Dotnet
{
    /// <summary>Runs a command and returns what it wrote; the test fails with that if the command fails.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">What stands after <c>dotnet</c>.</param>
    public static string Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, $"dotnet {string.Join(' ', arguments)}\n{output}\n{error.Result}");
        return output + error.Result;
    }
}
