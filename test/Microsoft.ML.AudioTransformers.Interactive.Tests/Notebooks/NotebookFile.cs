using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests.Notebooks;

/// <summary>Output of a cell.</summary>
/// <param name="MimeType">Type of what was displayed; null for text on standard output.</param>
/// <param name="Text">It.</param>
internal sealed record CellOutput(string? MimeType, string Text);

/// <summary>Notebook as a file: Jupyter's notebook format 4.5, with the metadata of the .NET kernel.</summary>
internal static class NotebookFile
{
    private static readonly JsonSerializerOptions s_format = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Text of the file.</summary>
    /// <param name="cells">Cells.</param>
    /// <param name="outputs">Outputs of each cell; none of Markdown.</param>
    public static string Write(IReadOnlyList<NotebookCell> cells, IReadOnlyList<IReadOnlyList<CellOutput>> outputs)
    {
        int count = 0;
        JsonArray array = [];
        foreach ((NotebookCell cell, IReadOnlyList<CellOutput> shown) in cells.Zip(outputs))
        {
            JsonObject node = new()
            {
                ["cell_type"] = cell.IsCode ? "code" : "markdown",
                ["id"] = string.Create(CultureInfo.InvariantCulture, $"cell-{array.Count + 1:00}"),
                ["metadata"] = cell.IsCode
                    ? new JsonObject { ["polyglot_notebook"] = new JsonObject { ["kernelName"] = "csharp" } }
                    : new JsonObject(),
                ["source"] = Lines(cell.Text),
            };
            if (cell.IsCode)
            {
                node["execution_count"] = ++count;
                node["outputs"] = new JsonArray([.. shown.Select(output => Output(output))]);
            }

            array.Add(node);
        }

        JsonObject notebook = new()
        {
            ["cells"] = array,
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject
                {
                    ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp",
                },
                ["language_info"] = new JsonObject
                {
                    ["file_extension"] = ".cs",
                    ["mimetype"] = "text/x-csharp",
                    ["name"] = "C#",
                    ["pygments_lexer"] = "csharp",
                    ["version"] = "14.0",
                },
                ["polyglot_notebook"] = new JsonObject
                {
                    ["kernelInfo"] = new JsonObject
                    {
                        ["defaultKernelName"] = "csharp",
                        ["items"] = new JsonArray(new JsonObject { ["aliases"] = new JsonArray(), ["name"] = "csharp" }),
                    },
                },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        return notebook.ToJsonString(s_format) + "\n";
    }

    /// <summary>Cells of a file, and their outputs.</summary>
    public static (IReadOnlyList<NotebookCell> Cells, IReadOnlyList<IReadOnlyList<CellOutput>> Outputs) Read(string path)
    {
        JsonNode[] cells = [.. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().Select(cell => cell!)];
        return (
            [.. cells.Select(cell => new NotebookCell((string)cell["cell_type"]! == "code", Join(cell["source"]!)))],
            [.. cells.Select(cell => (IReadOnlyList<CellOutput>)[.. (cell["outputs"] as JsonArray ?? []).Select(Output)])]);
    }

    private static CellOutput Output(JsonNode? output) => output!["text"] is { } text
        ? new CellOutput(null, Join(text))
        : output["data"]!.AsObject().Select(data => new CellOutput(data.Key, Join(data.Value!))).Single();

    private static JsonObject Output(CellOutput output) => output.MimeType is { } type
        ? new JsonObject
        {
            ["data"] = new JsonObject { [type] = Lines(output.Text) },
            ["metadata"] = new JsonObject(),
            ["output_type"] = "display_data",
        }
        : new JsonObject { ["name"] = "stdout", ["output_type"] = "stream", ["text"] = Lines(output.Text) };

    // A line each, with its end, as Jupyter writes them.
    private static JsonArray Lines(string text)
    {
        string[] lines = text.Split('\n');
        return
        [
            .. lines.Select((line, index) => index < lines.Length - 1 ? line + "\n" : line)
                .Where(line => line.Length > 0).Select(line => JsonValue.Create(line)),
        ];
    }

    private static string Join(JsonNode lines) => string.Concat(lines.AsArray().Select(line => (string)line!));
}
