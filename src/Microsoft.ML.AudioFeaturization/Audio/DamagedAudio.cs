namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// What becomes of a recording that ends early, fails a checksum, or cannot be decoded from some point on, and of a file that is
/// missing, empty, or no audio that can be read.
/// </summary>
public enum DamagedAudio
{
    /// <summary>An exception that names the file, the second, and what was expected.</summary>
    Error,

    /// <summary>
    /// A warning on ML.NET's channel, once for each file, and what there is of the recording: the samples before the damage, and
    /// behind it those that can be decoded. A row of which there is nothing is left out.
    /// </summary>
    Warn,

    /// <summary>The row is left out. How many rows are, and what is wrong with the first, is told on ML.NET's channel.</summary>
    Skip,
}
