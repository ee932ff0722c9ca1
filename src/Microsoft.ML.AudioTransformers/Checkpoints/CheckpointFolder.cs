using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Files of a checkpoint on disk: one file, or those of a folder as Hugging Face's <c>save_pretrained</c> writes it, with
/// weights in one file or in several and an index (<c>model.safetensors.index.json</c>), and JSON beside them.
/// </summary>
internal static class CheckpointFolder
{
    private const int MaximumShards = 10_000;
    private const long MaximumJsonLength = 64 << 20;
    private const string IndexEnd = ".index.json";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    private static readonly string[] s_names =
    [
        "model.safetensors", "model.safetensors" + IndexEnd, "pytorch_model.bin", "pytorch_model.bin" + IndexEnd,
    ];

    /// <summary>File of weights, or index, that a path stands for: itself, or the one that a folder holds.</summary>
    /// <exception cref="FileNotFoundException">There is no such file, or the folder holds none.</exception>
    public static string Resolve(string path)
    {
        if (File.Exists(path))
        {
            return path;
        }

        if (!Directory.Exists(path))
        {
            throw new FileNotFoundException($"There is no file of weights '{path}'.", path);
        }

        return s_names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"The folder '{path}' holds no weights; looked for {string.Join(", ", s_names)}.", path);
    }

    /// <summary>Whether a file is the index of a checkpoint in several files, by its name.</summary>
    public static bool IsIndex(string file) => file.EndsWith(IndexEnd, StringComparison.OrdinalIgnoreCase);

    /// <summary>All files that hold weights of a checkpoint: the file itself, or the parts that an index names.</summary>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">The index is damaged.</exception>
    public static IReadOnlyList<string> Parts(string path)
    {
        string file = Resolve(path);
        return IsIndex(file) ? [.. ReadIndex(file).Select(entry => entry.File).Distinct()] : [file];
    }

    /// <summary>Reads an index: the name of each tensor, and the path of the file that holds it.</summary>
    /// <exception cref="FileNotFoundException">Files that it names do not exist; the message lists the first of them.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no JSON with a <c>weight_map</c>, or names a file elsewhere than beside it.
    /// </exception>
    public static IReadOnlyList<(string Name, string File)> ReadIndex(string index)
    {
        if (ReadJson(index)?["weight_map"] is not JsonObject { Count: > 0 } map)
        {
            throw new InvalidDataException(
                $"'{index}' is no index of weights in several files: expected an object \"weight_map\" of tensors and files.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(index))!;
        List<(string Name, string File)> entries = [];
        HashSet<string> files = new(StringComparer.Ordinal);
        foreach ((string name, JsonNode? node) in map)
        {
            if (node is not JsonValue value || !value.TryGetValue(out string? file) || file is "" or "." or ".."
                || file != Path.GetFileName(file) || file.Contains('\\', StringComparison.Ordinal))
            {
                throw new InvalidDataException(
                    $"'{index}': the file of '{name}' is {node?.ToJsonString() ?? "null"}; "
                    + "expected the name of a file beside it.");
            }

            entries.Add((name, Path.Combine(folder, file)));
            if (files.Add(file) && files.Count > MaximumShards)
            {
                throw new InvalidDataException($"'{index}' names more than {MaximumShards} files.");
            }
        }

        string[] missing = [.. files.Where(file => !File.Exists(Path.Combine(folder, file)))];
        if (missing.Length > 0)
        {
            string more = missing.Length > 10 ? $" and {missing.Length - 10} more" : "";
            throw new FileNotFoundException(
                $"'{index}': {missing.Length} of its {files.Count} files are not beside it: "
                + $"{string.Join(", ", missing.Take(10))}{more}.",
                Path.Combine(folder, missing[0]));
        }

        return entries;
    }

    /// <summary>Reads a JSON object beside a file of weights; null if there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static JsonObject? ReadBeside(string path, string name)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(Resolve(path)))!;
        string file = Path.Combine(folder, name);
        return File.Exists(file) ? ReadJson(file) : null;
    }

    private static JsonObject? ReadJson(string file)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(file);
            if (stream.Length > MaximumJsonLength)
            {
                throw new InvalidDataException($"'{file}' has {stream.Length} bytes; expected at most {MaximumJsonLength}.");
            }

            // Decoded here: JSON that is parsed from bytes is found not to be UTF-8 only when a text is asked for.
            using var reader = new StreamReader(stream, s_utf8);
            string json = reader.ReadToEnd();
            StrictJson.Check(json);
            return JsonNode.Parse(json, documentOptions: s_strict) as JsonObject
                ?? throw new InvalidDataException($"'{file}' is not a JSON object.");
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
        {
            throw new InvalidDataException($"'{file}' is not valid JSON: {exception.Message}", exception);
        }
    }
}
