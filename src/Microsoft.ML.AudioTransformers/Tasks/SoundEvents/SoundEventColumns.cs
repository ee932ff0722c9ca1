namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Where events are in a data view: one event a row, or one clip a row with a vector of its events' labels, of their
/// onsets and of their offsets.
/// </summary>
public sealed class SoundEventColumns
{
    /// <summary>The clip's name, text or a key. Default: Clip.</summary>
    public string Clip = "Clip";

    /// <summary>The class, text or a key, or a vector of them. Default: Label.</summary>
    public string Label = "Label";

    /// <summary>The onset in seconds, a number or a vector. Default: Onset.</summary>
    public string Onset = "Onset";

    /// <summary>The offset in seconds, a number or a vector. Default: Offset.</summary>
    public string Offset = "Offset";

    /// <summary>How certain a model is of the event, a number or a vector; null: not read, 1. Default: null.</summary>
    public string? Score;

    /// <summary>The clip's length in seconds, a number; null: not read. Default: null.</summary>
    public string? Duration;
}
