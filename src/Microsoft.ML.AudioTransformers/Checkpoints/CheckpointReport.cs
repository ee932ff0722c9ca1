namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>What became of a checkpoint's tensors in a model, for a channel.</summary>
/// <param name="Path">The file.</param>
/// <param name="Loaded">The model's tensors that were taken as they are.</param>
/// <param name="Adapted">Those that were taken after a change, and which one.</param>
/// <param name="LeftOut">The file's tensors that were not taken, and why.</param>
/// <param name="Missing">The model's tensors that the file has nothing for; they keep their values.</param>
internal sealed record CheckpointReport(
    string Path,
    IReadOnlyList<string> Loaded,
    IReadOnlyList<(string Name, string Change)> Adapted,
    IReadOnlyList<(string Name, string Reason)> LeftOut,
    IReadOnlyList<string> Missing)
{
    // A channel's line should be read, not scrolled.
    private const int MaximumListed = 20;

    /// <summary>One sentence for each of the four.</summary>
    public override string ToString()
    {
        List<string> lines = [$"Pretrained weights of '{Path}': {Loaded.Count} tensors loaded as they are."];
        Add(lines, "adapted", [.. Adapted.Select(item => $"{item.Name} ({item.Change})")]);
        Add(lines, "left out", [.. LeftOut.Select(item => $"{item.Name} ({item.Reason})")]);
        Add(lines, "missing, kept as initialized", Missing);
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
