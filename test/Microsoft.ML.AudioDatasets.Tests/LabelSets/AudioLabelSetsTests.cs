using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.AudioDatasets.Tests.LabelSets;

[TestClass]
public sealed class AudioLabelSetsTests
{
    /// <summary>
    /// The hashes are of the names in the files that the sets' origins name, taken with Python's csv, json and hashlib: each
    /// name followed by a line feed.
    /// </summary>
    [TestMethod]
    [DataRow("AudioSet", 527, "83e2e4fd16cbe86f94f3fe23954a4d302c013e20e7981b5ce7466e50126a1e3d")]
    [DataRow("Esc50", 50, "bd4cdb8c9badd38eb69484526cf926a3b1e3f99856bc4a724f335d4c949d8ff2")]
    [DataRow("SpeechCommands", 35, "288b1aaac48670eae16cb3864f8bfb6e89f6c48f03d4b863e5508b66698a4a2d")]
    [DataRow("SpeechCommandsAst", 35, "4a267be8bcff9ff3eabdc4033b802164723213e3857e1fcd3d29314c1d372f13")]
    [DataRow("SpeechCommandsHtsAt", 35, "65c3ad054de55398d04ff8d0e1bdad104a4071bd6511a1796c47b4079986c409")]
    [DataRow("OpenMic2018", 20, "85770da8001adce5c9189267dee5f2575c64770c9d5986847a9b31150587dbaf")]
    [DataRow("Fsd50k", 200, "77f13682097e049a202833802f445002cac340659bdffa0f23445601e75d038e")]
    [DataRow("VggSound", 309, "45c537f971c8ea8e175c8cebd4bdd2b4c4f579dd4e3c4309e4be6e482168b871")]
    [DataRow("KineticsSounds", 32, "0e757cddcc3a736bef3977eeb0db69542a43e2cd43a76df6871fee11ecb7ff46")]
    [DataRow("KineticsSounds31", 31, "845b4a5a69c28950c0b3d05bdc3163eb88266780aae4a86c80ec7f77994e3dc4")]
    [DataRow("TauUrban2020", 10, "f3ae956dd3a7dfa73bd9dd4906ba3df1d8d56d0562778675f376aa26e0ba2083")]
    [DataRow("Desed", 10, "41eaaf9b3ce8c6c878804b9f9a874218fbc855ebdddf6db8acbe2a232516a51d")]
    [DataRow("UrbanSound8K", 10, "0cfea96959f4b3d67e91cf206bcc5a8475e883f3242a4a68f52ca2344a9c33fc")]
    [DataRow("EpicKitchensVerbs", 97, "68cd621ba8e79b006d9d23268efd11432cd611d918ac4701dd5f6ad9e05f447e")]
    [DataRow("EpicKitchensNouns", 300, "a5b54318ea392d591e316dbf44488259f78d9d684c9da6c8b295dc6ef4a841ed")]
    [DataRow("EpicSounds", 44, "e0336c939ef33121e752eeec11f5b6b271b6429658a0cde66beaf203ed38668d")]
    public void A_set_has_the_official_names_in_the_official_order(string name, int count, string hash)
    {
        AudioLabelSet set = AudioLabelSets.All.Single(set => set.Name == name);
        Assert.AreEqual(count, set.Count);
        byte[] names = Encoding.UTF8.GetBytes(string.Concat(set.Labels.Select(label => label + "\n")));
        Assert.AreEqual(hash, Convert.ToHexStringLower(SHA256.HashData(names)));
        Assert.AreEqual(hash, set.Origin.NamesSha256);
        Assert.IsNotEmpty(set.Origin.Sources);
        Assert.AreNotEqual("", set.Origin.Licence);
    }

    [TestMethod]
    public void No_set_is_without_a_test_of_its_names()
    {
        var method = typeof(AudioLabelSetsTests).GetMethod(nameof(A_set_has_the_official_names_in_the_official_order))!;
        string?[] tested = [.. method.GetCustomAttributes(typeof(DataRowAttribute), false)
            .Select(row => ((DataRowAttribute)row).Data[0] as string)];
        CollectionAssert.AreEquivalent(AudioLabelSets.All.Select(set => set.Name).ToArray(), tested);
    }

    // Counted by hand in the official lists.
    [TestMethod]
    [DataRow("AudioSet", "Speech", 0)]
    [DataRow("AudioSet", "Music", 137)]
    [DataRow("AudioSet", "Field recording", 526)]
    [DataRow("Esc50", "chainsaw", 41)]
    [DataRow("EpicKitchensVerbs", "wash", 2)]
    [DataRow("UrbanSound8K", "siren", 8)]
    [DataRow("SpeechCommands", "house", 13)]
    public void Classes_have_their_indices(string name, string label, int index) =>
        Assert.AreEqual(index, AudioLabelSets.All.Single(set => set.Name == name).IndexOf(label));

    [TestMethod]
    public void AudioSet_has_identifiers()
    {
        AudioLabelSet set = AudioLabelSets.AudioSet;
        Assert.AreEqual("/m/09x0r", set.Ids![set.IndexOf("Speech")]);
        Assert.AreEqual(527, set.Ids.Distinct().Count());
    }

    [TestMethod]
    public void The_orders_of_Speech_Commands_have_the_same_words()
    {
        AudioLabelSet set = AudioLabelSets.SpeechCommands;
        CollectionAssert.AreEqual(
            AudioLabelSets.SpeechCommandsAst.Labels.ToArray(),
            set.IndicesOf(AudioLabelSets.SpeechCommandsAst.Labels).Select(index => set.Labels[index]).ToArray());
        CollectionAssert.AreEquivalent(set.Labels.ToArray(), AudioLabelSets.SpeechCommandsHtsAt.Labels.ToArray());
    }

    [TestMethod]
    public void A_permuted_and_shorter_list_is_mapped_by_name()
    {
        var set = new AudioLabelSet("pets", ["cat", "dog", "hen"]);
        CollectionAssert.AreEqual(new[] { 2, 0 }, set.IndicesOf(["hen", "cat"]).ToArray());
        Assert.AreEqual(-1, set.IndexOf("Cat"));
    }

    [TestMethod]
    public void Names_outside_the_set_are_refused_with_the_first_ten()
    {
        var set = new AudioLabelSet("pets", ["cat", "dog"]);
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            set.IndicesOf(["cat", .. Enumerable.Range(1, 12).Select(i => $"x{i}")]));
        StringAssert.Contains(error.Message, "Of 13 labels, 12 ('x1', 'x2'");
        StringAssert.Contains(error.Message, "'x10' and 2 more) not in label set pets");
        error = Assert.ThrowsExactly<ArgumentException>(() => set.IndicesOf(["dog", "cat", "dog"]));
        StringAssert.Contains(error.Message, "1 ('dog') there twice");
    }

    [TestMethod]
    public void A_set_without_classes_or_with_one_twice_is_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AudioLabelSet("none", []));
        var error = Assert.ThrowsExactly<ArgumentException>(() => new AudioLabelSet("pets", ["cat", "dog", "cat"]));
        StringAssert.Contains(error.Message, "'cat' twice: as class 0 and as class 2");
        error = Assert.ThrowsExactly<ArgumentException>(() => new AudioLabelSet("pets", ["cat", " "]));
        StringAssert.Contains(error.Message, "Class 1");
    }
}
