using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Options of a report: where the clips are that it plays, how many, and what it says of the training.</summary>
public sealed class AudioReportOptions : IOptionGroup
{
    /// <summary>Title of the page; null for one that names what is reported. Default: null.</summary>
    [Text("a title", OrNull = true)]
    public string? Title;

    /// <summary>
    /// Rows that were evaluated, in the same order, with the files that they come from; null for a report that plays nothing.
    /// Only the columns of file, offset and duration are read: nothing is scored again. Default: null.
    /// </summary>
    public IDataView? Clips;

    /// <summary>Path column: the audio file of each row, text. Default: Path.</summary>
    [Text]
    public string PathColumnName = "Path";

    /// <summary>Offset column: seconds from the start of the file, a number; null where each row is a file from its start.
    /// Default: null.</summary>
    [Text(OrNull = true)]
    public string? OffsetColumnName;

    /// <summary>Duration column: seconds of the clip, a number; null where clips go to the end of their files. Default: null.
    /// </summary>
    [Text(OrNull = true)]
    public string? DurationColumnName;

    /// <summary>Clip column, for reports of sound events: the name of the clip in the events, text or a key. Default: Clip.
    /// </summary>
    [Text]
    public string ClipColumnName = "Clip";

    /// <summary>Folder that relative paths start from; null for the process's current one. Default: null.</summary>
    [Text("a folder's path", OrNull = true)]
    public string? Folder;

    /// <summary>
    /// Sample rate of the clips in the page in Hz, 1 to 192000; 0 for the model's, as columns of waveforms or features in
    /// <see cref="Clips"/> are annotated with it, else 16000. Default: 0.
    /// </summary>
    [Whole(0, 192_000)]
    public int SampleRate;

    /// <summary>
    /// Clips that play of each kind (worst mistakes, least sure, and so on), 0 to 200. Default: 8.
    /// </summary>
    [Whole(0, 200)]
    public int ClipsPerKind = 8;

    /// <summary>Seconds of a clip that are in the page, above 0 to 60; a longer one is cut. Default: 10.</summary>
    [Between(0, 60, IsAboveMinimum = true)]
    public double ClipSeconds = 10;

    /// <summary>Size of the page in megabytes (10^6 bytes), 1 to 500; clips that would make it greater are without sound.
    /// Default: 20.</summary>
    [Whole(1, 500)]
    public int MaximumMegabytes = 20;

    /// <summary>
    /// Bootstrap resamples of confidence intervals, 0 (no intervals) to 100000. Of many clips with many classes there are fewer,
    /// and where there would be fewer than 50, no intervals. Default: 1000.
    /// </summary>
    [Whole(0, 100_000)]
    public int ResampleCount = 1000;

    /// <summary>Seed of resampling and of the random sample of clips. Default: 0.</summary>
    public int Seed;

    /// <summary>Training of the model, which the report then describes: <c>model.Training</c>; null to leave it out. Default:
    /// null.</summary>
    public AudioTrainingInfo? Training;

    /// <summary>Code that the report shows, with a button that copies it; null for that of <see cref="Training"/>. Default:
    /// null.</summary>
    [Text("code", OrNull = true)]
    public string? Code;
}
