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
    public void OfAFolderOfManyFilesWhatIsLeftIsRemovedAtTheFirst()
    {
        using var folder = new TemporaryFolder();
        string left = folder.File($"1.wav.{Guid.NewGuid():N}.tmp");
        File.WriteAllText(left, "half");

        AtomicFile.RemoveAbandonedOnce(folder.File("2.wav"));

        Assert.IsFalse(File.Exists(left));
        File.WriteAllText(left, "half");
        AtomicFile.RemoveAbandonedOnce(folder.File("3.wav"));
        Assert.IsTrue(File.Exists(left), "the folder is listed once");
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
