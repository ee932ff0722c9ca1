namespace Microsoft.ML.AudioTransformers;

/// <summary>The sizes of DATAR, those of DAT (CVPR 2022, its table 1); parameters with 527 classes at 128 x 1024.</summary>
public enum DatarSize
{
    /// <summary>96 channels, blocks 2-2-6-2: 28.0 M parameters.</summary>
    Tiny,

    /// <summary>96 channels, blocks 2-2-18-2: 49.5 M parameters.</summary>
    Small,

    /// <summary>128 channels, blocks 2-2-18-2: 87.6 M parameters.</summary>
    Base,
}
