using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioDatasets;

/// <summary>What is done about recordings that a data set lists and that are missing, empty or unreadable.</summary>
public enum AudioFileProblems
{
    /// <summary>Loading stops with an error that counts them and names the first ten.</summary>
    Stop,

    /// <summary>They are left out, and <see cref="AudioDataset.Report"/> names them all.</summary>
    Skip,
}

/// <summary>How recordings are looked at when a data set is loaded.</summary>
public enum AudioFileCheck
{
    /// <summary>Whether they are there and are not empty, which takes one listing of each folder.</summary>
    Names,

    /// <summary>
    /// In addition, the headers of each recording are read: an unreadable one is found, and where a whole recording is a
    /// clip, its length becomes the clip's duration. It opens every file.
    /// </summary>
    Headers,
}

/// <summary>How a data set is read from its folder.</summary>
public sealed class AudioDatasetOptions : IOptionGroup
{
    /// <summary>
    /// What is done about missing, empty and unreadable recordings. Default: <see cref="AudioFileProblems.Stop"/>.
    /// </summary>
    public AudioFileProblems Problems = AudioFileProblems.Stop;

    /// <summary>How recordings are looked at. Default: <see cref="AudioFileCheck.Names"/>.</summary>
    public AudioFileCheck Check = AudioFileCheck.Names;

    /// <summary>
    /// The folder of the recordings, absolute or from the data set's folder, for data sets whose lists come without
    /// recordings: AudioSet, VGGSound, Kinetics-Sounds, EPIC-KITCHENS, EPIC-SOUNDS. Default null: the data set's folder.
    /// </summary>
    [Text("a folder's path", OrNull = true)]
    public string? AudioFolder;

    /// <summary>
    /// Whether the recordings of AudioSet, VGGSound and Kinetics-Sounds are whole videos, from which clips are cut when they
    /// are read, rather than files of one clip each. Default: false.
    /// </summary>
    public bool HasWholeVideos;
}
