using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Adaptation of pretrained weights to a model with other inputs. The defaults are those of the official code.
/// </summary>
public sealed class CheckpointAdaptation : IOptionGroup
{
    /// <summary>
    /// Reduction of a patch embedding's three color channels to one; null for the model's own: the sum for PaSST and AST and
    /// the mean for HTS-AT, as in their official code, and the sum for DATAR, whose code has none. Default: null.
    /// </summary>
    public ChannelReduction? Channels;

    /// <summary>
    /// Adaptation of PaSST's time position encodings to clips of another length. Default:
    /// <see cref="TimePositionAdaptation.Crop"/>, as in the official code.
    /// </summary>
    public TimePositionAdaptation TimePositions;

    /// <summary>
    /// Rows, in frequency, of the grid of patches whose positions a file of AST holds, 1 or more; 0 finds them: those of the
    /// published files by their number of positions, else 12, as in the official code, else the network's own. Default: 0.
    /// </summary>
    [Whole(0)]
    public int PositionRows;

    /// <summary>
    /// Prefix of the model's names in the state dict, for files with several models: "net_swa." for the averaged weights of a
    /// PaSST training checkpoint. Null finds it; of several, the shortest. Default: null.
    /// </summary>
    public string? Prefix;
}

/// <summary>Reduction of three color channels to one.</summary>
public enum ChannelReduction
{
    /// <summary>Sum: a gray image gives the same as in color (AST, PaSST).</summary>
    Sum,

    /// <summary>Mean (HTS-AT).</summary>
    Mean,
}

/// <summary>Adaptation of time position encodings to another number of positions.</summary>
public enum TimePositionAdaptation
{
    /// <summary>Crop: the first positions. A model with more positions than the checkpoint is an error.</summary>
    Crop,

    /// <summary>Linear interpolation, to fewer or more positions.</summary>
    Interpolate,
}
