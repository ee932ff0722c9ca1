namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>A clip of a data set: a row of its data view. A field is a column where the data set has it.</summary>
internal sealed class Clip
{
    /// <summary>The full path of the recording.</summary>
    public string Path = "";

    /// <summary>The name of the clip in the data set's lists.</summary>
    public string Name = "";

    /// <summary>Seconds of the recording before the clip.</summary>
    public double Start;

    /// <summary>Seconds of the clip, or 0 for the recording's end.</summary>
    public double Duration;

    /// <summary>The one class of the clip.</summary>
    public string Label = "";

    /// <summary>The classes of the clip, or of its events.</summary>
    public string[] Labels = [];

    /// <summary>Of each class, 1 where the clip has it, 0 where not, NaN where nobody said.</summary>
    public float[] LabelMask = [];

    /// <summary>The onset of each event in seconds from the start of the clip.</summary>
    public float[] Onset = [];

    /// <summary>The offset of each event in seconds from the start of the clip.</summary>
    public float[] Offset = [];

    public string Verb = "";

    public string Noun = "";

    /// <summary>The official split.</summary>
    public string Split = "";

    /// <summary>The official fold, a number as text.</summary>
    public string Fold = "";

    /// <summary>The recording device.</summary>
    public string Device = "";

    public string City = "";

    /// <summary>The video, or the original recording, that the clip is from.</summary>
    public string Video = "";

    /// <summary>Who is heard, or who recorded.</summary>
    public string Participant = "";
}
