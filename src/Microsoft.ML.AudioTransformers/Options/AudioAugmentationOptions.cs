using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.FrontEnds;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of the random augmentation of training clips, which is applied in the order of the options. Crop, gain, effects, waveform
/// mixup, roll of samples, background noise and random band edges need the trainer's
/// <see cref="AudioTrainerOptions.FrontEnd"/>; time roll, masks and mixup are applied to the log-mel features.
/// </summary>
public sealed class AudioAugmentationOptions : IOptionGroup
{
    /// <summary>
    /// Random crop. Whether a waveform that is longer than the front end's TargetSamples is cropped at a random position, and a
    /// shorter one padded with silence on both sides, split at random. Otherwise the end is cut or padded. Default: false.
    /// </summary>
    public bool RandomCrop;

    /// <summary>
    /// Random gain. Greatest gain and attenuation of a waveform, in dB, 0 (off) or more; all gains in dB are equally likely.
    /// Default: 0. PaSST uses 7 (section 3.3).
    /// </summary>
    [NotNegative]
    public double GainDecibels;

    /// <summary>Pitch shift, time stretch, band filters, telephone line and reverberation, all of waveforms, after the gain.
    /// </summary>
    public AudioEffectOptions Effects = new();

    /// <summary>
    /// Waveform mixup. Probability that a waveform is mixed with another clip's, 0 (off) to 1. Default: 0. PaSST's AudioSet
    /// recipe uses 0.5.
    /// </summary>
    [Between(0, 1)]
    public double WaveformMixupProbability;

    /// <summary>
    /// Waveform mixup. Both parameters of the beta distribution of the mixing weight, 0.05 or more. Default: 2 (PaSST's code).
    /// AST uses 10.
    /// </summary>
    [Between(0.05, float.MaxValue)]
    public double WaveformMixupAlpha = 2;

    /// <summary>
    /// Roll of waveforms. Greatest random shift over time in either direction, in samples, 0 (off) or more; what leaves at one
    /// end comes in at the other. Default: 0. PaSST's code uses 50.
    /// </summary>
    [Whole(0)]
    public int RollSamples;

    /// <summary>
    /// Background noise. Recordings at the front end's sample rate, random sections of which are added to waveforms; null for
    /// none. None is empty, and all samples are finite. A trainer copies the samples, so that later changes have no effect:
    /// they are in memory once more for each trainer. Default: null.
    /// </summary>
    public IReadOnlyList<float[]>? BackgroundNoises;

    /// <summary>Background noise. Probability that a waveform gets noise, 0 to 1. Default: 0.5.</summary>
    [Between(0, 1)]
    public double BackgroundNoiseProbability = 0.5;

    /// <summary>Background noise. Lowest signal-to-noise ratio, in dB, -100 to 100. Default: 5.</summary>
    [Between(-100, 100)]
    public double MinimumSignalToNoise = 5;

    /// <summary>
    /// Background noise. Highest signal-to-noise ratio, in dB, -100 to 100 and at least <see cref="MinimumSignalToNoise"/>.
    /// Default: 30.
    /// </summary>
    [Between(-100, 100)]
    public double MaximumSignalToNoise = 30;

    /// <summary>
    /// Random band edges. Range of the lowest band's lower edge above the front end's LowFrequency, in Hz: a random whole number
    /// from 0 to less than the range is added, another one for each batch. 0 and 1 are off. Default: 0. PaSST's recipes use 10.
    /// </summary>
    [Whole(0)]
    public int LowFrequencyRange;

    /// <summary>
    /// Random band edges. Range of the highest band's upper edge around the front end's HighFrequency, in Hz: half the range is
    /// added, and a random whole number from 0 to less than the range is subtracted, another one for each batch. 0 is off.
    /// Default: 0. PaSST's recipes use 2000, around 15000 Hz.
    /// </summary>
    [Whole(0)]
    public int HighFrequencyRange;

    /// <summary>
    /// Roll of features. Greatest random shift over time in either direction, in frames, 0 (off) or more; what leaves at one end
    /// comes in at the other. Default: 0. Source: PaSST section 3.3.
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 100, HalfOf = AudioModelConfig.FramesName)]
    public int TimeRollFrames;

    /// <summary>
    /// Time masking (SpecAugment). Greatest length of a time mask, in frames, 0 (off) or more; lengths from 0 to it are equally
    /// likely. Default: 0. PaSST and AST use 192 of 1000 frames for AudioSet. Source: Park et al., "SpecAugment" (2019).
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 192, HalfOf = AudioModelConfig.FramesName)]
    public int TimeMaskFrames;

    /// <summary>Time masking. Number of time masks, 1 or more. Default: 1. HTS-AT's code uses 2.</summary>
    [Whole(1)]
    public int TimeMaskCount = 1;

    /// <summary>
    /// Frequency masking (SpecAugment). Greatest width of a frequency mask, in mel bins, 0 (off) or more; widths from 0 to it are
    /// equally likely. Default: 0. PaSST and AST use 48 of 128 bins for AudioSet.
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 48, HalfOf = AudioModelConfig.MelsName)]
    public int FrequencyMaskBins;

    /// <summary>Frequency masking. Number of frequency masks, 1 or more. Default: 1. HTS-AT's code uses 2.</summary>
    [Whole(1)]
    public int FrequencyMaskCount = 1;

    /// <summary>Masking. Value of masked features, finite. Default: 0, the mean of normalized features.</summary>
    [Finite]
    public float MaskValue;

    /// <summary>
    /// Mixup of features: each clip is mixed with another one of its batch. Both parameters of the beta distribution of the
    /// mixing weight, 0.05 or more; 0 for no mixup. Default: 0. PaSST uses 0.3. Source: Zhang et al., "mixup" (2018).
    /// </summary>
    [NotNegative]
    [SweptChoice(0.0, 0.1, 0.3, 0.5)]
    public double MixupAlpha;

    /// <summary>
    /// Mixup. Whether targets are mixed with the same weight as the clips. Default: true. HTS-AT's code mixes only the clips.
    /// </summary>
    public bool MixLabels = true;

    /// <summary>Creates the random band edges; null if both ranges are off.</summary>
    /// <param name="frontEnd">The trainer's front end.</param>
    /// <param name="prefix">Prefix of the options' names in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range does not fit the front end's frequencies.</exception>
    internal RandomBandEdges? CreateBandEdges(
        LogMelOptions frontEnd, string prefix = $"{nameof(AudioTrainerOptions.Augmentation)}.")
    {
        var edges = new RandomBandEdges(
            frontEnd, LowFrequencyRange, HighFrequencyRange,
            prefix + nameof(LowFrequencyRange), prefix + nameof(HighFrequencyRange));
        return edges.AreRandom ? edges : null;
    }

    void IOptionGroup.CheckTogether(string prefix)
    {
        OptionCheck.That(
            BackgroundNoises is null || (BackgroundNoises.Count > 0 && BackgroundNoises.All(IsNoise)),
            $"{BackgroundNoises?.Count} recordings", prefix + nameof(BackgroundNoises), "one or more, none empty, all finite");
        OptionCheck.That(
            MaximumSignalToNoise >= MinimumSignalToNoise, MaximumSignalToNoise, prefix + nameof(MaximumSignalToNoise),
            $"{MinimumSignalToNoise} or more");
        OptionCheck.That(MixupAlpha is 0 or >= 0.05, MixupAlpha, prefix + nameof(MixupAlpha), "0, or 0.05 or more");
    }

    /// <summary>Checks that the trainer has a front end if an augmentation of waveforms is on.</summary>
    internal void CheckWith(LogMelOptions? frontEnd, string prefix)
    {
        OptionCheck.That(
            !RandomCrop || frontEnd?.TargetSamples > 0,
            RandomCrop, prefix + nameof(RandomCrop), "false without FrontEnd.TargetSamples");
        if (frontEnd is not null)
        {
            CreateBandEdges(frontEnd, prefix);
            Effects.CheckWith(frontEnd.SampleRate, $"{prefix}{nameof(Effects)}.");
            return;
        }

        string? waveformOption = GainDecibels > 0 ? nameof(GainDecibels)
            : WaveformMixupProbability > 0 ? nameof(WaveformMixupProbability)
            : RollSamples > 0 ? nameof(RollSamples)
            : BackgroundNoises is not null ? nameof(BackgroundNoises)
            : LowFrequencyRange > 1 ? nameof(LowFrequencyRange)
            : HighFrequencyRange > 0 ? nameof(HighFrequencyRange)
            : Effects.FirstInUse() is { } effect ? $"{nameof(Effects)}.{effect}"
            : null;
        if (waveformOption is not null)
        {
            throw new ArgumentOutOfRangeException(
                prefix + waveformOption,
                $"Option {prefix}{waveformOption} changes waveforms or what is made of them, but without a "
                + $"{nameof(AudioTrainerOptions.FrontEnd)} the trainer reads features.");
        }
    }

    private static bool IsNoise(float[] noise) => noise is { Length: > 0 } && noise.All(float.IsFinite);
}
