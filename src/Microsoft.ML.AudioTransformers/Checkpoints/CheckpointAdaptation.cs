namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>How a checkpoint is fitted to a model of another size; the defaults are the official code's ways.</summary>
internal sealed record CheckpointAdaptation
{
    /// <summary>
    /// How a patch embedding of three colours becomes one channel; null for the model's official way.
    /// </summary>
    public ChannelReduction? Channels { get; init; }

    /// <summary>How the time positions of PaSST are fitted to clips of another length.</summary>
    public TimePositionAdaptation TimePositions { get; init; }

    /// <summary>
    /// Which of several models in a file is meant, by what its names start with: <c>net_swa.</c> for the averaged
    /// weights of a PaSST training checkpoint. Null finds it, preferring the shortest.
    /// </summary>
    public string? Prefix { get; init; }
}

/// <summary>How three colour channels become one.</summary>
internal enum ChannelReduction
{
    /// <summary>Added up: a grey image then gives what it gave in colour (AST, PaSST).</summary>
    Sum,

    /// <summary>Averaged (HTS-AT).</summary>
    Mean,
}

/// <summary>How time positions are fitted to another number of them.</summary>
internal enum TimePositionAdaptation
{
    /// <summary>The first ones are taken; a model with more of them than the checkpoint is an error.</summary>
    Crop,

    /// <summary>They are resized linearly, to fewer or to more.</summary>
    Interpolate,
}
