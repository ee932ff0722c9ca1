using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Options of the sampler: which clips of the training set make up an epoch, in which order.</summary>
public sealed class AudioSamplingOptions : IOptionGroup
{
    /// <summary>Sampler. In which order clips come. Default: shuffled.</summary>
    public ClipOrder Order = ClipOrder.Shuffled;

    /// <summary>
    /// Epoch length. Clips of an epoch, 1 or more; 0 for as many as the training set has. Default: 0; PaSST's AudioSet recipe has
    /// 100,000 in code and 200,000 in the paper.
    /// </summary>
    [Whole(0)]
    public int SamplesPerEpoch;

    /// <summary>Sampling with replacement. Whether an epoch may have a clip more than once. Default: false, as in PaSST's code.</summary>
    public bool WithReplacement;

    /// <summary>
    /// What <see cref="ClipOrder.Balanced"/> adds to the number of clips of a class before it weighs them, 0 or more:
    /// the more, the less rare classes are preferred. Default: 100 (PaSST's code).
    /// </summary>
    [NotNegative]
    public double BalancedOffset = 100;

    /// <summary>
    /// Shuffle buffer. Clips that memory holds of a training set that does not fit into it, 1 or more: the rows are then read anew each
    /// epoch, every clip of a step is drawn from so many of them, and a waveform is mixed with one of its step. Rows should
    /// not be sorted by class. 0 holds all clips in memory. Default: 0. It needs <see cref="ClipOrder.Shuffled"/> and no
    /// <see cref="SamplesPerEpoch"/>; the validation set is read anew as well. Reading again costs the least from
    /// <c>LoadLogMel</c> with a cache folder.
    /// </summary>
    [Whole(0)]
    public int ShuffleBuffer;

    void IOptionGroup.CheckTogether(string prefix) => OptionCheck.That(
        ShuffleBuffer == 0 || (Order == ClipOrder.Shuffled && !WithReplacement && SamplesPerEpoch == 0),
        ShuffleBuffer, prefix + nameof(ShuffleBuffer),
        $"0, but for {ClipOrder.Shuffled} clips without {nameof(WithReplacement)} or {nameof(SamplesPerEpoch)}");
}

/// <summary>Sampler of an epoch's clips.</summary>
public enum ClipOrder
{
    /// <summary>At random, all clips being as likely.</summary>
    Shuffled,

    /// <summary>At random, the clips of rare classes being more likely: 1 / (clips of the class + an offset).</summary>
    Balanced,

    /// <summary>In turns, one random clip of every class, as in HTS-AT's code; clips come more than once.</summary>
    ClassesInTurn,
}
