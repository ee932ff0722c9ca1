using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Published file of weights: what its authors say of it. A field that was not found is null. The library has no file and
/// downloads none.
/// </summary>
public sealed record PublishedCheckpoint
{
    [JsonConstructor]
    internal PublishedCheckpoint()
    {
    }

    /// <summary>Name of the file, as the authors publish it.</summary>
    [JsonInclude]
    [JsonRequired]
    public string File { get; internal init; } = "";

    /// <summary>Name of the architecture that it is loaded into, such as "PaSST".</summary>
    [JsonInclude]
    [JsonRequired]
    public string Architecture { get; internal init; } = "";

    /// <summary>Authors.</summary>
    [JsonInclude]
    [JsonRequired]
    public string Authors { get; internal init; } = "";

    /// <summary>What it is for, such as "tags of AudioSet".</summary>
    [JsonInclude]
    [JsonRequired]
    public string Purpose { get; internal init; } = "";

    /// <summary>Page where it is linked.</summary>
    [JsonInclude]
    [JsonRequired]
    public string Page { get; internal init; } = "";

    /// <summary>Stride of the patches, in mel bins and frames; null where all files of the architecture have one.</summary>
    [JsonInclude]
    public int? Stride { get; internal init; }

    /// <summary>
    /// Front end, by one of the names in the list; null for an image model, and where what its authors used is not known.
    /// </summary>
    [JsonInclude]
    public string? FrontEnd { get; internal init; }

    /// <summary>
    /// Label set whose classes the scores have, in this order: the name of a property of <c>AudioLabelSets</c>; null where there
    /// are no such scores, or the order was not found.
    /// </summary>
    [JsonInclude]
    public string? Labels { get; internal init; }

    /// <summary>Classes of the scores; null where there are none for sounds.</summary>
    [JsonInclude]
    public int? Classes { get; internal init; }

    /// <summary>Whether a clip has one class only.</summary>
    [JsonInclude]
    public bool SingleLabel { get; internal init; }

    /// <summary>Metric, as published.</summary>
    [JsonInclude]
    public string? Metric { get; internal init; }

    /// <summary>Licence, as published.</summary>
    [JsonInclude]
    public string? Licence { get; internal init; }

    /// <summary>Size in bytes, as published.</summary>
    [JsonInclude]
    public long? Bytes { get; internal init; }

    /// <summary>File and architecture.</summary>
    public override string ToString() => $"{File} ({Architecture}, {Purpose})";
}
