using AudioMLNet.TestSupport;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.AudioShards.Shards;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioShards.Tests;

/// <summary>Which recordings are in a shard, and which shard a process is told.</summary>
[TestClass]
public sealed class ShardTests
{
    // The first eight bytes of the names' SHA-256, modulo 8 and 3, by Python's hashlib.
    [TestMethod]
    [DataRow("a.wav", 4, 0)]
    [DataRow("folder/b.wav", 7, 0)]
    [DataRow("kuş/ş.flac", 4, 1)]
    [DataRow("x/y/z.mp3", 0, 0)]
    public void ARecordingIsInTheShardOfItsHash(string name, int ofEight, int ofThree)
    {
        Assert.AreEqual(ofEight, Enumerable.Range(0, 8).Single(i => new AudioShard(i, 8).Contains(name)));
        Assert.AreEqual(ofThree, Enumerable.Range(0, 3).Single(i => new AudioShard(i, 3).Contains(name)));
        Assert.IsTrue(AudioShard.Whole.Contains(name));
    }

    [TestMethod]
    [DataRow("3/8", "", 3, 8)]
    [DataRow("auto/8", "JOB_COMPLETION_INDEX=5", 5, 8)]
    [DataRow("auto/8", "SLURM_ARRAY_TASK_ID=7", 7, 8)]
    [DataRow("auto", "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=4", 3, 4)]
    public void AProcessIsToldItsShard(string text, string environment, int index, int count) =>
        Assert.AreEqual(new AudioShard(index, count), AudioShard.Parse(text, Variables(environment)));

    [TestMethod]
    [DataRow("8/8", "", "is 8/8; expected an index from 0 to n - 1")]
    [DataRow("0/0", "", "is 0/0")]
    [DataRow("-1/8", "", "Shard is '-1'")]
    [DataRow("1/2/3", "", "expected i/n")]
    [DataRow("3", "", "expected i/n")]
    [DataRow("auto", "", "neither is set")]
    [DataRow("auto", "JOB_COMPLETION_INDEX=5", "the completions of the job")]
    [DataRow("auto", "SLURM_ARRAY_TASK_ID=5", "SLURM_ARRAY_TASK_COUNT is not set")]
    [DataRow("auto/4", "JOB_COMPLETION_INDEX=5", "is 5/4")]
    public void WhatIsNoShardIsRefused(string text, string environment, string message) => StringAssert.Contains(
        Assert.ThrowsExactly<FormatException>(() => AudioShard.Parse(text, Variables(environment))).Message, message);

    // What a file says of its rows bounds what is allocated for them.
    [TestMethod]
    [DataRow("""{"Kind":"Scores","Column":"Score","Model":"m","Width":2,"Classes":["a","b"]}""", true)]
    [DataRow("""{"Kind":"Events","Column":"Event","Model":"m","Width":0,"Classes":[]}""", true)]
    [DataRow("""{"Kind":"Embeddings","Column":"Embedding","Model":"m","Width":9,"Classes":[]}""", true)]
    [DataRow("""{"Kind":"Scores","Column":"Score","Model":"m","Width":2,"Classes":[]}""", false)]
    [DataRow("""{"Kind":"Scores","Column":"Score","Model":"m","Width":2,"Classes":["a",null]}""", false)]
    [DataRow("""{"Kind":"Events","Column":"Event","Model":"m","Width":5,"Classes":[]}""", false)]
    [DataRow("""{"Kind":"Embeddings","Column":"Embedding","Model":"m","Width":0,"Classes":[]}""", false)]
    [DataRow("""{"Kind":"Embeddings","Column":"Embedding","Model":"m","Width":9999999,"Classes":[]}""", false)]
    [DataRow("""{"Kind":7,"Column":"Score","Model":"m","Width":2,"Classes":["a","b"]}""", false)]
    public void ADescriptionOfRowsIsOfOneKind(string text, bool isWhole)
    {
        if (isWhole)
        {
            Assert.AreEqual(text, PartHeader.Parse("a.parquet", text).ToString());
        }
        else
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => PartHeader.Parse("a.parquet", text)).Message, "a.parquet");
        }
    }

    private static Func<string, string?> Variables(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(variable => variable.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);
        return name => variables.GetValueOrDefault(name);
    }
}
