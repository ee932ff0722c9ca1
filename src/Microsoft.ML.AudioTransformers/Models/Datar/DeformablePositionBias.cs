namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>How deformable attention knows where queries and keys are.</summary>
internal enum DeformablePositionBias
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>A bias interpolated from a table of relative positions (section 3.1).</summary>
    Interpolated,

    /// <summary>A depthwise convolution of the queries, added to the output.</summary>
    Convolutional,

    /// <summary>A bias for each pair of query and reference point, wherever the latter has moved.</summary>
    Fixed,

    /// <summary>A bias computed from the logarithm of relative positions by a small network (Swin V2).</summary>
    LogSpaced,
}
