using System.Net;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Interactive;

/// <summary>HTML of outputs; every text is encoded, and what is too long is cut.</summary>
internal static class HtmlText
{
    /// <summary>Characters of a text that an output shows at most.</summary>
    public const int MaximumText = 20_000;

    /// <summary>Characters of one output at most: what is larger is named and not shown.</summary>
    public const int MaximumOutput = 8_000_000;

    /// <summary>
    /// A text's beginning of so many characters, and three dots if it is longer; no pair of surrogates is cut.
    /// </summary>
    public static string Cut(string text, int length) => text.Length <= length
        ? text
        : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "...";

    /// <summary>Encodes a text for an element or an attribute.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A table or other text in lines, as it is.</summary>
    public static string Lines(string text) => "<pre style=\"overflow-x:auto\">"
        + Encode(Cut(text, MaximumText)) + "</pre>";

    /// <summary>Facts in a line: each a number with its name below.</summary>
    public static string Facts(IEnumerable<(string Name, string Value)> facts)
    {
        var html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap;gap:24px;margin:4px 0 10px\">");
        foreach ((string name, string value) in facts)
        {
            html.Append("<div><div style=\"font-size:20px\">").Append(Encode(value))
                .Append("</div><div style=\"opacity:0.7\">").Append(Encode(name)).Append("</div></div>");
        }

        return html.Append("</div>").ToString();
    }

    /// <summary>Outputs side by side, on several lines where they are too wide for one.</summary>
    public static string Row(IEnumerable<string> items) => Bounded(
        "<div style=\"display:flex;flex-wrap:wrap;gap:16px;align-items:flex-start\">"
        + string.Concat(items.Select(item => $"<div>{item}</div>")) + "</div>");

    /// <summary>A picture or player below its title.</summary>
    /// <param name="title">Title; not encoded yet.</param>
    /// <param name="note">What stands beside it, such as the length; not encoded yet.</param>
    /// <param name="content">HTML.</param>
    public static string Figure(string title, string note, string content) => Bounded(
        $"<figure style=\"margin:4px 0\"><figcaption style=\"margin-bottom:4px;max-width:300px\"><b>{Encode(title)}</b> "
        + $"<span style=\"opacity:0.7\">{Encode(note)}</span></figcaption>{content}</figure>");

    /// <summary>An image that is within the output.</summary>
    public static string Image(string mimeType, byte[] content, string alternative, string style) =>
        $"<img alt=\"{Encode(alternative)}\" style=\"display:block;{style}\" src=\"{DataUri(mimeType, content)}\">";

    /// <summary>Data URI of bytes.</summary>
    public static string DataUri(string mimeType, byte[] content) =>
        $"data:{mimeType};base64,{Convert.ToBase64String(content)}";

    /// <summary>The HTML, or a line in its place where it is too long.</summary>
    public static string Bounded(string html) => html.Length <= MaximumOutput
        ? html
        : FormattableString.Invariant(
            $"<p>Too large to show: {html.Length / 1_000_000} MB of {MaximumOutput / 1_000_000}.</p>");
}
