using System.Runtime.Versioning;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Files;

[TestClass]
public sealed class AtomicFileTests
{
    [TestMethod]
    public void WritesAndReplacesAFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("file.txt");
        AtomicFile.WriteText(path, "old and longer");
        AtomicFile.WriteText(path, "né");

        CollectionAssert.AreEqual("né"u8.ToArray(), File.ReadAllBytes(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void FailingWriteLeavesTheOldFileAndNoTemporary(bool flushToDisk)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("file.txt");
        AtomicFile.WriteText(path, "old");
        string[] during = [];

        InvalidOperationException thrown = Assert.ThrowsExactly<InvalidOperationException>(() => AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write("new"u8);
                during = Directory.GetFiles(folder.Path, "*" + AtomicFile.TemporaryExtension);
                throw new InvalidOperationException("no more");
            },
            flushToDisk));

        Assert.AreEqual("no more", thrown.Message);
        Assert.HasCount(1, during);
        Assert.AreEqual("old", File.ReadAllText(path));
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void WhatAKilledWriteLeftIsRemovedAndWhatIsBeingWrittenStays()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        string[] kept =
        [
            folder.File("model.zip"), folder.File("model.zip.notes.tmp"), folder.File("other.zip.tmp"),
            folder.File($"model.zip2.{Guid.NewGuid():N}.tmp"),
        ];
        Array.ForEach(kept, file => File.WriteAllText(file, "kept"));
        string left = folder.File($"model.zip.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(left, "half");
        string[] during = [];

        AtomicFile.Write(path, stream =>
        {
            AtomicFile.RemoveAbandoned(path);
            during = Directory.GetFiles(folder.Path, "model.zip.*.tmp");
        });

        CollectionAssert.DoesNotContain(during, left);
        Assert.HasCount(2, during, "the notes, and what was being written");
        CollectionAssert.AreEquivalent(kept, Directory.GetFiles(folder.Path));
        AtomicFile.RemoveAbandonedIn(folder.Path);
        Assert.IsFalse(File.Exists(kept[^1]));
        AtomicFile.RemoveAbandonedIn(folder.File("none"));
    }

    [TestMethod]
    public void OfAFolderOfManyFilesWhatIsOldIsRemovedAtTheFirst()
    {
        using var folder = new TemporaryFolder();
        string young = folder.Abandoned("0.wav", TimeSpan.FromMinutes(50));
        string old = folder.Abandoned("1.wav", TimeSpan.FromMinutes(70));
        string open = folder.Abandoned("1.wav", TimeSpan.FromMinutes(70));
        using var written = new FileStream(open, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        AtomicFile.RemoveAbandonedOnce(folder.File("2.wav"));

        CollectionAssert.AreEquivalent(
            new[] { young, open }, Directory.GetFiles(folder.Path), "others may be about to rename what is young");
        string later = folder.Abandoned("1.wav", TimeSpan.FromMinutes(70));
        AtomicFile.RemoveAbandonedOnce(folder.File("3.wav"));
        Assert.IsTrue(File.Exists(later), "the folder is listed once");
    }

    /// <summary>Who may write to a folder and not list it (0300) writes there as before. The superuser lists any.</summary>
    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void AFolderThatMayNotBeListedIsWrittenTo()
    {
        RequiredTool.Check(!Environment.IsPrivilegedProcess, "a user who may not list every folder");
        using var folder = new TemporaryFolder();
        string closed = Directory.CreateDirectory(folder.File("closed")).FullName;
        UnixFileMode mode = File.GetUnixFileMode(closed);
        File.SetUnixFileMode(closed, UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            AtomicFile.RemoveAbandoned(Path.Combine(closed, "a.wav"));
            AudioFile.Write(Path.Combine(closed, "a.wav"), [0f, 0.5f], 8000);
        }
        finally
        {
            File.SetUnixFileMode(closed, mode);
        }

        Assert.AreEqual(2, AudioInfo.Read(Path.Combine(closed, "a.wav")).Length);
    }

    [TestMethod]
    public void WhatHasNoFolderIsNoFile()
    {
        string root = Path.GetPathRoot(Path.GetTempPath())!;

        var exception = Assert.ThrowsExactly<IOException>(() => AudioFile.Write(root, [0f, 0.5f], 8000));

        Assert.Contains($"'{root}' cannot be written: it is a folder", exception.Message);
    }

    [TestMethod]
    public void FailingRenameLeavesNoTemporary()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("taken");
        Directory.CreateDirectory(path);

        Exception? thrown = null;
        try
        {
            AtomicFile.WriteText(path, "new");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            thrown = exception;
        }

        Assert.IsNotNull(thrown);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
        Assert.IsTrue(Directory.Exists(path));
    }
}
