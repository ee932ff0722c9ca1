using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioDatasets;

/// <summary>The columns of a table of clips, by their names in its header; null for one that it does not have.</summary>
public sealed class AudioTableColumns : IOptionGroup
{
    /// <summary>The recording's path, absolute or from the table's folder. Default: "path".</summary>
    [Text]
    public string Path = "path";

    /// <summary>The class, or several where <see cref="LabelSeparator"/> is set. Default: "label".</summary>
    [Text(OrNull = true)]
    public string? Label = "label";

    /// <summary>
    /// What stands between the classes of a clip, which then are a vector. Default null: a clip has one class.
    /// </summary>
    [Text("text between labels", OrNull = true)]
    public string? LabelSeparator;

    /// <summary>The split, any text; "train", "validation" and "test" become those views. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Split;

    /// <summary>The fold, a whole number, 0 or more. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Fold;

    /// <summary>The seconds of the recording before the clip. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Start;

    /// <summary>The seconds of the clip, 0 for all that follows. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Duration;

    /// <summary>
    /// The onset of an event in seconds. With <see cref="Offset"/>, a row is an event, and a clip has a vector of them.
    /// Default: null.
    /// </summary>
    [Text(OrNull = true)]
    public string? Onset;

    /// <summary>The offset of an event in seconds. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Offset;

    /// <summary>The recording device, or another group to evaluate by. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Device;

    /// <summary>Who is heard, or who recorded. Default: null.</summary>
    [Text(OrNull = true)]
    public string? Participant;

    /// <summary>The names that are set.</summary>
    internal IEnumerable<string> Names => new[]
    {
        Path, Label, Split, Fold, Start, Duration, Onset, Offset, Device, Participant,
    }.OfType<string>();

    void IOptionGroup.CheckTogether(string prefix)
    {
        bool isEvents = Onset is not null || Offset is not null;
        OptionCheck.That(
            !isEvents || (Onset is not null && Offset is not null && Label is not null),
            Offset ?? "null", prefix + nameof(Offset),
            "Label, Onset and Offset together, or neither Onset nor Offset");
        OptionCheck.That(
            !isEvents || (Start ?? Duration ?? LabelSeparator) is null,
            Start ?? Duration ?? LabelSeparator, prefix + nameof(Start),
            "null, and Duration and LabelSeparator too, where a row is an event");
    }
}
