namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Report of loading a checkpoint into a model, for a channel.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Loaded">Names of the model's tensors that were loaded unchanged.</param>
/// <param name="Adapted">Names of the model's tensors that were loaded after a change, and the change.</param>
/// <param name="LeftOut">Names of the file's tensors that were not loaded, and the reason.</param>
/// <param name="Missing">Names of the model's tensors that are not in the file; they keep their values.</param>
internal sealed record CheckpointReport(
    string Path,
    IReadOnlyList<string> Loaded,
    IReadOnlyList<(string Name, string Change)> Adapted,
    IReadOnlyList<(string Name, string Reason)> LeftOut,
    IReadOnlyList<string> Missing)
{
    /// <summary>
    /// Sizes that the file tells and that are other ones than the model's, a sentence each: weights were adapted to them, or
    /// mean something else.
    /// </summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    // Longer lists are cut, so that the message stays readable.
    private const int MaximumListed = 20;

    /// <summary>One line for each of the four lists that is not empty.</summary>
    public override string ToString()
    {
        List<string> lines = [$"Pretrained weights of '{Path}': {Loaded.Count} tensors loaded as they are."];
        Add(lines, "adapted", [.. Adapted.Select(item => $"{item.Name} ({item.Change})")]);
        Add(lines, "left out", [.. LeftOut.Select(item => $"{item.Name} ({item.Reason})")]);
        Add(lines, "missing, kept as initialized", Missing);
        lines.AddRange(Differences);
        return string.Join(Environment.NewLine, lines);
    }

    private static void Add(List<string> lines, string what, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            string more = names.Count > MaximumListed ? $" and {names.Count - MaximumListed} more" : "";
            lines.Add($"{names.Count} {what}: {string.Join(", ", names.Take(MaximumListed))}{more}.");
        }
    }
}
