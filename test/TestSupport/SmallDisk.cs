using System.Diagnostics;

namespace AudioMLNet.TestSupport;

/// <summary>A disk of a few megabytes (tmpfs) that a test fills to its last page. Without the right to mount one, it is skipped.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <exception cref="VisualStudio.TestTools.UnitTesting.AssertInconclusiveException">The user may not mount one.</exception>
    public SmallDisk()
    {
        Path = Directory.CreateDirectory(_folder.File("disk")).FullName;
        bool isMounted = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && System.IO.File.Exists("/usr/bin/mount") && Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", Path);
        if (!isMounted)
        {
            // Nobody disposes what was not made.
            _folder.Dispose();
        }

        RequiredTool.Check(isMounted, "a user who may mount a small disk (tmpfs)");
    }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>A path on it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Fills it up to its last page.</summary>
    /// <returns>The file that fills it.</returns>
    public string Fill()
    {
        string path = File("filler");
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                stream.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
