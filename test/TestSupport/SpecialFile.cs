using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>What a path leads to that is no file: a pipe, a device without end, a socket or a folder. It goes when disposed.</summary>
public sealed class SpecialFile : IDisposable
{
    // Far more than any refusal takes, and short enough for a build: only a test that fails waits so long.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Socket? _socket;

    /// <summary>Makes one.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="path">Where; what is there goes.</param>
    public SpecialFile(string kind, string path)
    {
        (Kind, Path) = (kind, path);
        File.Delete(path);
        switch (kind)
        {
            case "pipe":
                using (Process process = Process.Start("mkfifo", [path]))
                {
                    process.WaitForExit();
                    Assert.AreEqual(0, process.ExitCode);
                }

                break;
            case "device":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "socket":
                _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                using (TemporaryFolder folder = new())
                {
                    // A socket's path has 107 bytes at the most when it is bound, and may be any when it is moved.
                    _socket.Bind(new UnixDomainSocketEndPoint(folder.File("s")));
                    File.Move(folder.File("s"), path, overwrite: true);
                }

                break;
            default:
                Directory.CreateDirectory(path);
                break;
        }
    }

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["pipe", "device", "socket", "folder"];

    /// <summary>The kind of this one.</summary>
    public string Kind { get; }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Puts one of each kind in a file's place, and asserts that a call refuses it, by its path and its kind.</summary>
    /// <param name="path">Where; the folder must exist.</param>
    /// <param name="call">What reads or writes there.</param>
    /// <param name="isFolderLeftOut">Whether a folder is no file that the call looks for. Default: false.</param>
    public static void AssertRefused(string path, Action call, bool isFolderLeftOut = false)
    {
        foreach (string kind in Kinds.Where(kind => kind != "folder" || !isFolderLeftOut))
        {
            using var special = new SpecialFile(kind, path);
            Exception? refusal = special.Try(call);
            string message = refusal?.ToString() ?? $"A {kind} is taken.";
            Assert.IsTrue(
                message.Contains(path, StringComparison.Ordinal) && message.Contains(kind, StringComparison.Ordinal), message);
        }
    }

    /// <summary>Makes a call that must not wait for a writer of the pipe.</summary>
    /// <returns>Its exception; null if it has none.</returns>
    public Exception? Try(Action call)
    {
        Task<Exception?> calling = Task.Run(() =>
        {
            try
            {
                call();
                return null;
            }
            catch (Exception exception)
            {
                return exception;
            }
        });
        bool isOver = calling.Wait(s_patience);
        if (!isOver && Kind == "pipe")
        {
            // Whoever opens it now ends the wait.
            new FileStream(Path, FileMode.Open, FileAccess.ReadWrite).Dispose();
        }

        Assert.IsTrue(isOver, $"The call waits for the {Kind} '{Path}'.");
        return calling.Result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket?.Dispose();
        if (Kind == "folder")
        {
            Directory.Delete(Path);
        }
        else
        {
            File.Delete(Path);
        }
    }
}
