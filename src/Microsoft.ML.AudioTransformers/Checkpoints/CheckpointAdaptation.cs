using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// How pretrained weights are fitted to a model of another size; the defaults are the official code's ways.
/// </summary>
public sealed class CheckpointAdaptation : IOptionGroup
{
    /// <summary>
    /// How a patch embedding of three colours becomes one channel; null for the model's way: the sum for PaSST and AST
    /// and the mean for HTS-AT as in the official code, the sum for DATAR, which has none. Default: null.
    /// </summary>
    public ChannelReduction? Channels;

    /// <summary>
    /// How PaSST's time positions are fitted to clips of another length. Default:
    /// <see cref="TimePositionAdaptation.Crop"/>, as in the official code.
    /// </summary>
    public TimePositionAdaptation TimePositions;

    /// <summary>
    /// Which of several models in a file is meant, by what its names start with: "net_swa." for the averaged weights of
    /// a PaSST training checkpoint. Null finds it, preferring the shortest. Default: null.
    /// </summary>
    public string? Prefix;
}

/// <summary>How three colour channels become one.</summary>
public enum ChannelReduction
{
    /// <summary>Added up: a grey image then gives what it gave in colour (AST, PaSST).</summary>
    Sum,

    /// <summary>Averaged (HTS-AT).</summary>
    Mean,
}

/// <summary>How time positions are fitted to another number of them.</summary>
public enum TimePositionAdaptation
{
    /// <summary>The first ones are taken; a model with more of them than the checkpoint is an error.</summary>
    Crop,

    /// <summary>They are resized linearly, to fewer or to more.</summary>
    Interpolate,
}
