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
