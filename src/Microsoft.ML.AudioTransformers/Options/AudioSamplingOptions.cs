using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of the sampler, which decides which clips of the training set an epoch consists of, and in which order.
/// </summary>
public sealed class AudioSamplingOptions : IOptionGroup
{
    /// <summary>Sampler. Default: shuffled.</summary>
    public ClipOrder Order = ClipOrder.Shuffled;

    /// <summary>
    /// Epoch length in clips, 1 or more; 0 for all clips that the sampler can draw. Default: 0. PaSST's AudioSet recipe uses 100,000
    /// in code and 200,000 in the paper.
    /// </summary>
    [Whole(0)]
    public int SamplesPerEpoch;

    /// <summary>
    /// Sampling with replacement. Whether an epoch may contain a clip more than once. Default: false, as in PaSST's code.
    /// </summary>
    public bool WithReplacement;

    /// <summary>
    /// Offset of <see cref="ClipOrder.Balanced"/>, 0 or more, which is added to the number of clips of each class: the greater it
    /// is, the less rare classes are preferred. Default: 100 (PaSST's code).
    /// </summary>
    [NotNegative]
    public double BalancedOffset = 100;

    /// <summary>
    /// Shuffle buffer, for datasets larger than memory. Its size in clips, 1 or more; 0 keeps all clips in memory. With a buffer,
    /// the rows of the training and validation sets are read again in each epoch, clips are drawn at random from the buffer, and
    /// waveform mixup mixes clips of one batch. Rows should not be sorted by class. It needs <see cref="ClipOrder.Shuffled"/>
    /// without <see cref="SamplesPerEpoch"/> and <see cref="WithReplacement"/>. Reading is fastest from <c>LoadLogMel</c> with a
    /// cache folder. Default: 0.
    /// </summary>
    [Whole(0)]
    public int ShuffleBuffer;

    /// <summary>
    /// Part of training clips that are longer than the front end's target length. Validation hears their beginnings. Default:
    /// <see cref="LongTrainingClips.Cut"/>.
    /// </summary>
    [NotSwept]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] // Runs of earlier versions can be resumed.
    public LongTrainingClips LongClips;

    /// <summary>Checks that a part of long clips other than the beginning can be taken.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot.</exception>
    internal void CheckWith(AudioTrainerOptions trainer, string prefix)
    {
        string name = prefix + nameof(LongClips);
        OptionCheck.That(
            LongClips == LongTrainingClips.Cut || trainer.FrontEnd?.TargetLength > 0, LongClips, name,
            $"{LongTrainingClips.Cut} without a {nameof(trainer.FrontEnd)}, since features have one length");
        OptionCheck.That(
            LongClips != LongTrainingClips.RandomWindow || !trainer.Augmentation.RandomCrop, LongClips, name,
            $"{LongTrainingClips.Cut} with {nameof(trainer.Augmentation)}.{nameof(trainer.Augmentation.RandomCrop)}, "
            + "which crops at random already");
        OptionCheck.That(
            LongClips != LongTrainingClips.EachWindow || ShuffleBuffer == 0, LongClips, name,
            $"another value with {nameof(ShuffleBuffer)} ({ShuffleBuffer}); ExpandWindows makes rows of windows for it");
    }

    void IOptionGroup.CheckTogether(string prefix) => OptionCheck.That(
        ShuffleBuffer == 0 || (Order == ClipOrder.Shuffled && !WithReplacement && SamplesPerEpoch == 0),
        ShuffleBuffer, prefix + nameof(ShuffleBuffer),
        $"0, but for {ClipOrder.Shuffled} clips without {nameof(WithReplacement)} or {nameof(SamplesPerEpoch)}");
}

/// <summary>Part of training clips that are longer than the front end's target length.</summary>
public enum LongTrainingClips
{
    /// <summary>The beginning, unless augmentation crops at random; a warning says how many clips and seconds are cut.</summary>
    Cut,

    /// <summary>A window at a random place, another one in each epoch. It follows from the seed.</summary>
    RandomWindow,

    /// <summary>
    /// Each window, as a clip of its own with the clip's labels, as <see cref="AudioTrainerOptions.Windows"/> says.
    /// </summary>
    EachWindow,
}

/// <summary>Sampler of an epoch's clips.</summary>
public enum ClipOrder
{
    /// <summary>Random order, all clips equally likely.</summary>
    Shuffled,

    /// <summary>
    /// Random order, weighted by class: a clip's weight is the sum of 1 / (clips of the class + offset) over its classes, so that
    /// rare classes are more likely. Clips without labels have weight 0 and are left out.
    /// </summary>
    Balanced,

    /// <summary>One random clip of each class in turn, as in HTS-AT's code; an epoch may contain a clip more than once.</summary>
    ClassesInTurn,
}
