using AudioMLNet.Fuzz.Inputs;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Fuzz.Tests;

/// <summary>Checksums that the parsers put right: those of files of other tools are right already.</summary>
[TestClass]
public sealed class SumsTests
{
    private static readonly string s_fixtures = Path.Combine(
        Checkout.Root, "test", "Microsoft.ML.AudioFeaturization.Tests", "Audio", "Formats", "Fixtures");

    [TestMethod]
    [DataRow("vorbis-stereo.ogg")]
    [DataRow("opus-speech.opus")]
    [DataRow("flac-stereo.oga")]
    public void An_Ogg_file_gets_the_sums_of_its_writer(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(s_fixtures, name));
        CollectionAssert.AreEqual(whole, Sums.OfOgg([.. whole]));

        byte[] changed = [.. whole];
        changed[22] ^= 0xFF;
        CollectionAssert.AreEqual(whole, Sums.OfOgg(changed));
        changed.AsSpan(22, 4).Clear();
        Assert.AreEqual(0, BitConverter.ToInt32(Sums.OfOgg(changed), 22), "a sum of zeros is left");
    }

    [TestMethod]
    [DataRow("channels-2.flac")]
    [DataRow("rate-odd.flac")]
    [DataRow("block-577.flac")]
    public void A_FLAC_file_gets_the_sums_of_its_writer(string name)
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(s_fixtures, name));
        CollectionAssert.AreEqual(whole, Sums.OfFlac([.. whole]));

        byte[] changed = [.. whole];
        changed[^1] ^= 0xFF;
        CollectionAssert.AreEqual(whole, Sums.OfFlac(changed));
    }
}
