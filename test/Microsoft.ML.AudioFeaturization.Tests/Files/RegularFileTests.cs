using System.IO.Pipes;
using System.Net.Sockets;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Files;

[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
public sealed class RegularFileTests
{
    private readonly TemporaryFolder _folder = new();

    private string Special => _folder.File("special");

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void What_is_no_file_is_not_opened()
    {
        SpecialFile.AssertRefused(Special, () => RegularFile.OpenRead(Special).Dispose());
        SpecialFile.AssertRefused(Special, () => RegularFile.Check(Special));

        string link = _folder.File("link");
        File.CreateSymbolicLink(link, Special);
        using var pipe = new SpecialFile("pipe", Special);
        Assert.AreEqual("pipe", RegularFile.OtherKind(link));
        Assert.AreEqual("device", RegularFile.OtherKind("/dev/null"));
    }

    [TestMethod]
    public void Files_links_and_nothing_are_left_to_who_opens_them()
    {
        string file = _folder.File("file");
        string link = _folder.File("link");
        string back = _folder.File("back");
        File.CreateSymbolicLink(link, file);
        Assert.IsNull(RegularFile.OtherKind(link), "a link to nothing");
        Assert.ThrowsExactly<FileNotFoundException>(() => RegularFile.OpenRead(link));
        File.WriteAllBytes(file, []);
        Assert.IsNull(RegularFile.OtherKind(link), "a link to an empty file");
        File.WriteAllBytes(file, [7]);
        Assert.IsNull(RegularFile.OtherKind(file));
        using (FileStream stream = RegularFile.OpenRead(link))
        {
            Assert.AreEqual(7, stream.ReadByte());
        }

        File.Delete(link);
        File.CreateSymbolicLink(link, back);
        File.CreateSymbolicLink(back, link);
        Assert.IsNull(RegularFile.OtherKind(link), "a circle of links");
    }

    [TestMethod]
    public void An_empty_file_that_another_has_to_itself_is_a_file()
    {
        string file = _folder.File("file");
        using (var stream = new FileStream(file, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.IsNull(RegularFile.OtherKind(file));
            IOException exception = Assert.ThrowsExactly<IOException>(() => RegularFile.OpenRead(file));
            Assert.Contains("used by another process", exception.Message);
        }

        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            AtomicFile.WriteText(file, "text");
        }

        Assert.AreEqual("text", File.ReadAllText(file));
    }

    /// <summary>A shell's &lt;(...) and /dev/stdin are links to what has no name.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Links_to_what_a_process_has_open_are_looked_through()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string link = _folder.File("link");
        foreach ((string kind, nint number) in new[]
        {
            ("pipe", pipe.SafePipeHandle.DangerousGetHandle()), ("socket", socket.SafeHandle.DangerousGetHandle()),
        })
        {
            string path = $"/proc/self/fd/{number}";
            File.Delete(link);
            File.CreateSymbolicLink(link, path);
            Assert.AreEqual(kind, RegularFile.OtherKind(path));
            Assert.AreEqual(kind, RegularFile.OtherKind(link));
            var exception = Assert.ThrowsExactly<InvalidDataException>(() => AudioInfo.Read(link));
            Assert.Contains($"'{link}' is a {kind}", exception.Message);
            Assert.ThrowsExactly<IOException>(() => AtomicFile.WriteText(link, "text"));
        }

        using var file = new FileStream(
            _folder.File("file"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.WriteByte(7);
        file.Flush();
        string open = $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}";
        Assert.IsNull(RegularFile.OtherKind(open));
        var refused = Assert.ThrowsExactly<IOException>(() => AtomicFile.WriteText(open, "text"));
        Assert.Contains($"'{open}' cannot be written: it is a link of the system's", refused.Message);
        File.Delete(_folder.File("file"));
        Assert.IsNull(RegularFile.OtherKind(open), "a file that was deleted");
        Assert.IsTrue(RegularFile.Exists(open), "a file that was deleted");
        Assert.IsFalse(RegularFile.Exists(_folder.File("file")));
    }

    /// <summary>A rename replaces a device as well, for whoever may write to its folder.</summary>
    [TestMethod]
    public void What_is_no_file_is_not_replaced()
    {
        Action[] writes =
        [
            () => AtomicFile.WriteText(Special, "text"),
            () => AudioFile.Write(Special, [0f, 0.5f], 16_000),
            () => new AudioFileWriter(Special, 16_000).Dispose(),
        ];
        foreach (Action write in writes)
        {
            SpecialFile.AssertRefused(Special, () =>
            {
                string kind = RegularFile.OtherKind(Special)!;
                IOException exception = Assert.ThrowsExactly<IOException>(write);
                Assert.AreEqual(kind, RegularFile.OtherKind(Special), "it is there as before");
                Assert.HasCount(1, Directory.GetFileSystemEntries(_folder.Path), "and nothing beside it");
                throw exception;
            });
        }
    }
}
