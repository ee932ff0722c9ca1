namespace Microsoft.ML.AudioShards.Parts;

/// <summary>A row of a part; which of its values are written follows from the part's kind.</summary>
/// <param name="Path">Path of the recording below the folder, with '/'.</param>
internal sealed record PartRow(string Path)
{
    /// <summary>The likeliest class, the class of an event, or why a recording has no row.</summary>
    public string Label { get; init; } = "";

    /// <summary>Begin of an event in seconds.</summary>
    public float Onset { get; init; }

    /// <summary>End of an event in seconds.</summary>
    public float Offset { get; init; }

    /// <summary>Score of an event.</summary>
    public float Score { get; init; }

    /// <summary>Scores of the classes, or the embedding.</summary>
    public float[] Values { get; init; } = [];
}
