using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>
/// Page of a report: one HTML file with its data as JSON, its script and its style, which needs no network and, by its
/// Content-Security-Policy, cannot reach one.
/// </summary>
internal sealed class ReportPage
{
    private const string Resources = "Microsoft.ML.AudioTransformers.Reports.Page.";

    // In this order; later files use what earlier ones declare.
    private static readonly string[] s_scripts = ["base.js", "table.js", "plot.js", "confusion.js", "clips.js", "page.js"];

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // Of any script, but < > & and quotes as escapes: nothing in the data can end the element that it is in.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new ShortNumbers(), new DataUris() },
    };

    /// <summary>Title.</summary>
    public required string Title { get; init; }

    /// <summary>What the report is of and what made it, in a line.</summary>
    public required string Made { get; init; }

    /// <summary>Names of the classes, which sections and clips name by their indices.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Clips, which sections name by their indices.</summary>
    public IReadOnlyList<ReportClip> Clips { get; init; } = [];

    /// <summary>Sections from top to bottom.</summary>
    public IReadOnlyList<object> Sections { get; init; } = [];

    /// <summary>Line about what made a report: library, version and day.</summary>
    public static string MadeBy(string what)
    {
#pragma warning disable RS0030 // For the reader only.
        DateTime now = DateTime.Now;
#pragma warning restore RS0030
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}. Made by Microsoft.ML.AudioTransformers {AudioTrainingInfo.Version()} on {now:yyyy-MM-dd HH:mm}.");
    }

    /// <summary>Writes the page; a file that is there is replaced as a whole or not at all.</summary>
    public void Save(string path)
    {
        AtomicFile.RemoveAbandoned(path);
        AtomicFile.Write(path, WriteTo);
    }

    /// <summary>Writes the page, in UTF-8.</summary>
    public void WriteTo(Stream stream)
    {
        string style = Read("report.css");
        string script = $"(() => {{\n{string.Concat(s_scripts.Select(Read))}}})();\n";
        string policy = $"default-src 'none'; script-src '{Hash(script)}'; style-src '{Hash(style)}'; img-src data:; "
            + "media-src data:; base-uri 'none'; form-action 'none'";
        Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{WebUtility.HtmlEncode(Title)}</title>
            <style>{style}</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to the report</a>
            <header>
            <h1 id="title"></h1>
            <p id="made"></p>
            <nav aria-label="Sections"><ul id="sections"></ul></nav>
            </header>
            <main id="main">
            <noscript><p>A script within this file draws the report; it is not allowed to run here.</p></noscript>
            </main>
            <script type="application/json" id="data">
            """);
        JsonSerializer.Serialize(stream, this, s_json);
        Write($"</script>\n<script>{script}</script>\n</body>\n</html>\n");

        void Write(string text) => stream.Write(Encoding.UTF8.GetBytes(text));
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using Stream resource = typeof(ReportPage).Assembly.GetManifestResourceStream(Resources + name)
            ?? throw new InvalidOperationException($"The library lacks its own file '{name}'.");
        using var reader = new StreamReader(resource);

        // Browsers take the hash of the text with plain line feeds.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>Numbers with seven digits, and null for those that are not finite, which JSON does not know.</summary>
    private sealed class ShortNumbers : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteRawValue(value.ToString("G7", CultureInfo.InvariantCulture));
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    /// <summary>data: URIs. Their characters need no escapes, with which the plus sign would be six times as long.</summary>
    private sealed class DataUris : JsonConverter<DataUri>
    {
        public override DataUri Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Reports are written, not read.");

        public override void Write(Utf8JsonWriter writer, DataUri value, JsonSerializerOptions options) => writer.WriteRawValue(
            $"\"data:{value.Type};base64,{Convert.ToBase64String(value.Content)}\"", skipInputValidation: true);
    }
}
