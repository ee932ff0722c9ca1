using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Docs.Tests;

/// <summary>
/// The manual is a site that docfx builds without a warning. The API's pages, which take most of the time, are left out
/// here; <c>dotnet run build/audioml.cs -- site</c> builds them too.
/// </summary>
[TestClass]
public sealed partial class SiteTests
{
    private static readonly string s_docs = Path.Combine(Checkout.Root, "docs");

    private static readonly string[] s_pages =
        [.. Directory.GetFiles(s_docs, "*.md").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [TestMethod]
    public void TheContentsHaveEachPageOnce()
    {
        string contents = File.ReadAllText(Path.Combine(s_docs, "toc.yml"));
        string[] named = [.. Href().Matches(contents).Select(match => match.Groups[1].Value)];

        CollectionAssert.AreEqual(
            s_pages.Where(page => page != "index.md").ToArray(), named.Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    public void TheSiteIsBuiltWithoutAWarning()
    {
        using var folder = new TemporaryFolder();
        foreach (string path in Directory.GetFiles(s_docs))
        {
            File.Copy(path, folder.File(Path.GetFileName(path)));
        }

        Directory.CreateDirectory(folder.File("template/public"));
        File.Copy(Path.Combine(s_docs, "template/public/main.js"), folder.File("template/public/main.js"));

        // Without the entry of the API.
        string contents = File.ReadAllText(Path.Combine(s_docs, "toc.yml")).ReplaceLineEndings("\n");
        const string api = "- name: API\n  href: api/\n";
        StringAssert.EndsWith(contents, api);
        File.WriteAllText(folder.File("toc.yml"), contents[..^api.Length]);
        JsonNode settings = JsonNode.Parse(File.ReadAllText(Path.Combine(s_docs, "docfx.json")))!;
        settings["build"]!["output"] = "site";
        File.WriteAllText(folder.File("docfx.json"), settings.ToJsonString());

        Dotnet.Run(Checkout.Root, "tool", "restore");
        string printed = Dotnet.Run(Checkout.Root, "docfx", "build", folder.File("docfx.json"), "--warningsAsErrors");

        StringAssert.Contains(printed, "0 warning(s)");
        foreach (string page in s_pages)
        {
            string html = File.ReadAllText(folder.File($"site/{Path.ChangeExtension(page, ".html")}"));
            string title = File.ReadLines(Path.Combine(s_docs, page)).First()["# ".Length..];
            string encoded = System.Net.WebUtility.HtmlEncode(title).Replace("&#39;", "'", StringComparison.Ordinal);
            StringAssert.Contains(html, encoded, page);
        }
    }

    [GeneratedRegex(@"href: (\S+\.md)$", RegexOptions.Multiline)]
    private static partial Regex Href();
}
