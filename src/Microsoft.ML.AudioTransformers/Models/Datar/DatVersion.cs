namespace Microsoft.ML.AudioTransformers;

/// <summary>The deformable attention transformers whose attention DATAR can have.</summary>
public enum DatVersion
{
    /// <summary>Z. Xia et al., "Vision Transformer with Deformable Attention", CVPR 2022: what DATAR's paper builds on.</summary>
    Dat,

    /// <summary>
    /// Z. Xia et al., "DAT++: Spatially Dynamic Vision Transformer with Deformable Attention", 2023: positions counted
    /// from border to border, clamped offsets.
    /// </summary>
    DatPlusPlus,
}
