using System.Text;
using AudioMLNet.Fuzz.Inputs;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Fuzz.Tests;

/// <summary>What fuzzing found, and its siblings; each is refused by an error that says what is wrong.</summary>
[TestClass]
public sealed class FindingsTests
{
    [ClassCleanup]
    public static void Cleanup() => Guard.RemoveFolders();

    /// <summary>JSON may escape half a character (RFC 8259, section 8.2), which readers of nodes find late.</summary>
    [TestMethod]
    [DataRow("index", "\0{\"weight_m\\ud800ap\":{\"a\":\"a.safetensors\",\"b\":\"b.safetensors\"}}")]
    [DataRow("index", "\0{\"weight_map\":{\"a\":\"a.safetensors\",\"b\":\"\\ud800tfnsors\"}}")]
    [DataRow("config", "\u0002{\"model_type\":\"\\udc00\"}")]
    [DataRow("onnx", "waveform 1 1 2 2\naudio.format=2\naudio.task=tagging\naudio.front_end={\"\\ud800\":1}")]
    public void Half_a_character_is_refused(string parser, string input)
    {
        Parsers.All[parser](Encoding.UTF8.GetBytes(input));

        Assert.IsNotNull(Guard.LastRefusal);
        Assert.Contains(Guard.Name, Guard.LastRefusal);
        Assert.Contains("a text is not whole", Guard.LastRefusal);
    }

    /// <summary>A sweep went on with no point to try, and ended by an exception that named no file.</summary>
    [TestMethod]
    [DataRow("\u0001{\"Id\":1}")]
    [DataRow("\u0001{\"Parameters\":{\"a\":1}}")]
    [DataRow("\u0001{\"Id\":1,\"Parameters\":null}")]
    [DataRow("\0{\"Id\":1,\"Parameters\":null,\"MetricName\":\"accuracy\",\"State\":\"Completed\",\"Metric\":1}")]
    public void A_trial_without_its_number_or_its_point_is_refused(string input)
    {
        Parsers.All["sweep"](Encoding.UTF8.GetBytes(input));

        Assert.IsNotNull(Guard.LastRefusal);
        Assert.Contains(Guard.Name, Guard.LastRefusal);
        Assert.Contains("is no trial of a sweep", Guard.LastRefusal);
    }
}
