using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// The exception of a decoder for a recording that ends early, fails a checksum, or cannot be decoded from some point on.
/// <see cref="AudioReader"/> makes an <see cref="InvalidDataException"/> of it, which cannot be derived from, or a warning.
/// </summary>
internal sealed class DamagedAudioException : Exception
{
    /// <param name="name">The recording's path, or "stream" and the like.</param>
    /// <param name="seconds">Where in the recording.</param>
    /// <param name="what">What was found, and what was expected: a sentence without its full stop.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public DamagedAudioException(string name, double seconds, string what, Exception? innerException = null)
        : base(string.Create(CultureInfo.InvariantCulture, $"'{name}' is damaged at {seconds:0.###} s: {what}."), innerException)
    {
        Seconds = seconds;
        What = what;
    }

    /// <summary>Where the damage begins, in seconds from the recording's start.</summary>
    public double Seconds { get; }

    /// <summary>What was found, and what was expected: a sentence without its full stop.</summary>
    public string What { get; }
}
