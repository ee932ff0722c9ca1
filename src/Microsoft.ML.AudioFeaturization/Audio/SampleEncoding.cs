namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>The encoding of the samples in a file.</summary>
internal enum SampleEncoding
{
    /// <summary>8 bits, unsigned, 128 is silence.</summary>
    Pcm8,

    /// <summary>8 bits, signed.</summary>
    SignedPcm8,

    /// <summary>16 bits, signed.</summary>
    Pcm16,

    /// <summary>24 bits, signed.</summary>
    Pcm24,

    /// <summary>32 bits, signed.</summary>
    Pcm32,

    /// <summary>IEEE 754 single.</summary>
    Float32,

    /// <summary>IEEE 754 double.</summary>
    Float64,

    /// <summary>ITU-T G.711 A-law, 8 bits.</summary>
    ALaw,

    /// <summary>ITU-T G.711 mu-law, 8 bits.</summary>
    MuLaw,
}
