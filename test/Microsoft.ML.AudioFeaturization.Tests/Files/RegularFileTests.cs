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
