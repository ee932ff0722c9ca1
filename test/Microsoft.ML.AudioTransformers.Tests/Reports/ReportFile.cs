using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.AudioTransformers.Tests.Reports;

/// <summary>A report that was saved, taken apart.</summary>
internal sealed partial class ReportFile
{
    public ReportFile(string path)
    {
        Html = File.ReadAllText(path);
        Data = JsonDocument.Parse(DataElement().Match(Html).Groups[1].Value).RootElement;
    }

    public string Html { get; }

    public JsonElement Data { get; }

    public string[] Kinds => [.. Sections.Select(section => section.GetProperty("kind").GetString()!)];

    public JsonElement[] Sections => [.. Data.GetProperty("sections").EnumerateArray()];

    public JsonElement[] Clips => [.. Data.GetProperty("clips").EnumerateArray()];

    public string[] Classes => [.. Data.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!)];

    public JsonElement Section(string title) =>
        Sections.Single(section => section.GetProperty("title").GetString() == title);

    /// <summary>The value of the number with a name.</summary>
    public double Number(string name) => Section("Numbers").GetProperty("items").EnumerateArray()
        .Single(item => item.GetProperty("name").GetString() == name).GetProperty("value").GetDouble();

    /// <summary>Checks that the page can run its own script, and nothing else; and reach nothing.</summary>
    public void AssertIsClosed()
    {
        string policy = Policy().Match(Html).Groups[1].Value;
        StringAssert.StartsWith(policy, "default-src 'none'; ");
        string script = Script().Match(Html).Groups[1].Value;
        string style = Style().Match(Html).Groups[1].Value;
        StringAssert.Contains(policy, $"script-src 'sha256-{Hash(script)}'");
        StringAssert.Contains(policy, $"style-src 'sha256-{Hash(style)}'");
        Assert.AreEqual(2, Script().Count(Html) + DataElement().Count(Html));
        Assert.IsFalse(Regex.IsMatch(script, "innerHTML|outerHTML|insertAdjacent|document\\.write|eval\\(|new Function"));
        Assert.IsFalse(Regex.IsMatch(Html.Replace("http://www.w3.org/2000/svg", ""), "https?://"));
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("""<script type="application/json" id="data">\s*([^<]*)</script>""")]
    private static partial Regex DataElement();

    [GeneratedRegex("""<meta http-equiv="Content-Security-Policy" content="([^"]*)">""")]
    private static partial Regex Policy();

    [GeneratedRegex("<script>([^\0]*?)</script>")]
    private static partial Regex Script();

    [GeneratedRegex("<style>([^\0]*?)</style>")]
    private static partial Regex Style();
}
