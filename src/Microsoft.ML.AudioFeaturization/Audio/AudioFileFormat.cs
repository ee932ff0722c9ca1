namespace Microsoft.ML.AudioFeaturization;

/// <summary>The formats of files that are written.</summary>
public enum AudioFileFormat
{
    /// <summary>WAV of IEEE 754 single precision: samples are kept to the bit, also those beyond full scale.</summary>
    WavFloat32,

    /// <summary>
    /// WAV of 16-bit PCM: samples are multiplied by 32768, rounded to the nearest whole number (halves to the even one) and
    /// clipped to -32768 to 32767. Samples read from a 16-bit file are written back to the bit.
    /// </summary>
    WavPcm16,

    /// <summary>WAV of 24-bit PCM: as <see cref="WavPcm16"/>, with 8388608 in place of 32768.</summary>
    WavPcm24,

    /// <summary>FLAC of 16 bits: as <see cref="WavPcm16"/>, without loss in about half the bytes; at most 8 channels.</summary>
    Flac16,

    /// <summary>FLAC of 24 bits: as <see cref="WavPcm24"/>, without loss in fewer bytes; at most 8 channels.</summary>
    Flac24,
}
