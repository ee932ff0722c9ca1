namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>Writes the samples of a file in one format, block by block.</summary>
internal interface IAudioFileEncoder
{
    /// <summary>Writes the next samples.</summary>
    /// <param name="samples">Finite samples, interleaved, full scale at +-1; equally many of each channel.</param>
    void Write(ReadOnlySpan<float> samples);

    /// <summary>Writes what follows the last sample, and the lengths in the headers; it leaves the stream open.</summary>
    void Finish();
}
