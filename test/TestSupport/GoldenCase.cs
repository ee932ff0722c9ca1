using System.Globalization;
using System.Text.Json;

namespace AudioMLNet.TestSupport;

/// <summary>One reference case: its description and parameters (<see cref="Json"/>) and its tensors.</summary>
public sealed class GoldenCase
{
    private static readonly string[] s_tensorFiles = ["tensors.safetensors", "expected.safetensors"];

    private readonly Lazy<IReadOnlyDictionary<string, GoldenTensor>> _tensors;

    internal GoldenCase(string root, string id)
    {
        Id = id;
        Category = id[..id.IndexOf('/')];
        Name = id[(Category.Length + 1)..];
        Directory = Path.Combine(root, Category, Name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Directory, "case.json")));
        Json = document.RootElement.Clone();
        _tensors = new(ReadTensors);
    }

    /// <summary><c>&lt;category&gt;/&lt;case&gt;</c></summary>
    public string Id { get; }

    public string Category { get; }

    public string Name { get; }

    /// <summary>The case's own folder, for files beside its tensors.</summary>
    public string Directory { get; }

    /// <summary>The whole of <c>case.json</c>.</summary>
    public JsonElement Json { get; }

    /// <summary>The allowed absolute deviation (<c>atol</c>, or <c>atol_db</c> for decibels), 0 if none is given.</summary>
    public double Atol => Tolerance("atol") ?? Tolerance("atol_db") ?? 0;

    /// <summary>The allowed deviation relative to the expected value, 0 if none is given.</summary>
    public double Rtol => Tolerance("rtol") ?? 0;

    /// <summary>All tensors by name; empty for a case whose data is all in <c>case.json</c>.</summary>
    public IReadOnlyDictionary<string, GoldenTensor> Tensors => _tensors.Value;

    /// <exception cref="KeyNotFoundException">The case has no tensor of this name.</exception>
    public GoldenTensor this[string name] => Tensors.TryGetValue(name, out GoldenTensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"{Id} has no tensor '{name}'; it has {string.Join(", ", Tensors.Keys)}.");

    /// <summary>A number of <c>case.json</c>, where the non-finite ones are strings: "NaN", "Infinity", "-Infinity".</summary>
    public static double Number(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String when element.GetString() is "NaN" or "Infinity" or "-Infinity" =>
            double.Parse(element.GetString()!, CultureInfo.InvariantCulture),
        _ => throw new FormatException($"Expected a number, found {element.GetRawText()}."),
    };

    /// <summary>An array of numbers as <see cref="Number"/> reads them.</summary>
    public static double[] Numbers(JsonElement element) => [.. element.EnumerateArray().Select(Number)];

    public override string ToString() => Id;

    private double? Tolerance(string name) =>
        Json.TryGetProperty("tolerance", out JsonElement tolerance) && tolerance.TryGetProperty(name, out JsonElement value)
            ? Number(value)
            : null;

    private IReadOnlyDictionary<string, GoldenTensor> ReadTensors()
    {
        string? path = s_tensorFiles.Select(file => Path.Combine(Directory, file)).FirstOrDefault(File.Exists);
        return path == null ? new Dictionary<string, GoldenTensor>() : GoldenTensor.ReadAll(path, Id);
    }
}
