using AudioMLNet.TestSupport;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.AudioShards.Shards;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioShards.Tests;

/// <summary>What a journal says of processes that ended without closing it.</summary>
[TestClass]
public sealed class ShardJournalTests
{
    private static readonly ShardFile s_first = new("a b/kuş \"1\"\n.wav", 1234);
    private static readonly ShardFile s_second = new("second.wav", -1);

    [TestMethod]
    public void WhatWasBegunAndNotEndedHasADeathMore()
    {
        using var folder = new TemporaryFolder();
        Assert.IsEmpty(Run(folder, journal =>
        {
            journal.Begin(s_first);
            journal.Begin(s_second);
            journal.End(s_second);
        }));
        CollectionAssert.AreEqual(new[] { s_first }, Run(folder, journal =>
        {
            Assert.AreEqual((1, 0), (journal.Deaths(s_first), journal.Deaths(s_second)));

            // Another recording of the same name has not killed any.
            Assert.AreEqual(0, journal.Deaths(s_first with { Length = 1235 }));
            journal.Begin(s_first);
        }));
        CollectionAssert.AreEqual(new[] { s_first }, Run(folder, journal =>
        {
            Assert.AreEqual(2, journal.Deaths(s_first));
            journal.Compact();
            journal.Begin(s_second);
        }));
        CollectionAssert.AreEqual(new[] { s_second }, Run(folder, journal =>
        {
            Assert.AreEqual((2, 1), (journal.Deaths(s_first), journal.Deaths(s_second)));
            journal.Begin(s_first);
            journal.End(s_first);
            journal.Compact();
        }));
        Assert.IsEmpty(Run(folder, journal => Assert.AreEqual((0, 1), (journal.Deaths(s_first), journal.Deaths(s_second)))));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void WhatIsNoFileIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("special");
        SpecialFile.AssertRefused(path, () => ShardJournal.Open(path));
        SpecialFile.AssertRefused(path, () => PartReader.Open(path).Reader.Dispose(), isFolderLeftOut: true);
    }

    [TestMethod]
    public void AProcessThatWasAskedToEndHasNotDied()
    {
        using var folder = new TemporaryFolder();
        Run(folder, journal =>
        {
            journal.Begin(s_first);
            journal.Ask();
        });
        Assert.IsEmpty(Run(folder, journal => journal.Begin(s_first)));
        CollectionAssert.AreEqual(new[] { s_first }, Run(folder, _ => { }));
    }

    [TestMethod]
    public void LinesThatAreNoneArePassedOver()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder.File("journal"),
            "\nbegun\ndied x 1 \"a\"\ndied 2 7 \"b\"\nbegun 1234 \"a\n"
            + "begun nine \"a\"\nnothing 1 \"a\"\nbegun 5 null\nbegun 12 \"c");
        Assert.IsEmpty(Run(folder, journal => Assert.AreEqual(2, journal.Deaths(new ShardFile("b", 7)))));
    }

    private static ShardFile[] Run(TemporaryFolder folder, Action<ShardJournal> work)
    {
        using ShardJournal journal = ShardJournal.Open(folder.File("journal"));
        work(journal);
        return [.. journal.Died];
    }
}
