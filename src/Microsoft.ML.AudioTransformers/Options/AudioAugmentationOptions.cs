using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.FrontEnds;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// What happens to training clips by chance. What changes waveforms, or how features are made of them, needs the
/// trainer's front end; it happens in the order of the options here, before the features are made.
/// </summary>
public sealed class AudioAugmentationOptions : IOptionGroup
{
    /// <summary>
    /// Whether waveforms are cut, or get silence around them, at a random place rather than at their end, to the front
    /// end's TargetSamples. Default: false.
    /// </summary>
    public bool RandomCrop;

    /// <summary>How much louder or softer a waveform gets at most, in dB, 0 (off) or more. Default: 0; PaSST has 7.
    /// </summary>
    [NotNegative]
    public double GainDecibels;

    /// <summary>
    /// The share of waveforms that are mixed with another clip's, 0 (off) to 1. Default: 0; PaSST's AudioSet recipe has
    /// 0.5.
    /// </summary>
    [Between(0, 1)]
    public double WaveformMixupProbability;

    /// <summary>
    /// Both parameters of the beta distribution that a waveform's share in the mixture follows, 0.05 or more. Default: 2
    /// (PaSST's code); AST has 10.
    /// </summary>
    [Between(0.05, float.MaxValue)]
    public double WaveformMixupAlpha = 2;

    /// <summary>The furthest that a waveform is rolled over time, in samples, 0 (off) or more. Default: 0; PaSST's code
    /// has 50.</summary>
    [Whole(0)]
    public int RollSamples;

    /// <summary>
    /// Roll of features. The furthest that features are rolled over time at random, in frames, 0 (off) or more. Default: 0.
    /// Source: PaSST section 3.3.
    /// </summary>
    [Whole(0)]
    [SweptRange(0, 100)]
    public int TimeRollFrames;

    /// <summary>
    /// Recordings of noise at the front end's sample rate, stretches of which are added to waveforms; null for none.
    /// Default: null.
    /// </summary>
    public IReadOnlyList<float[]>? BackgroundNoises;

    /// <summary>The share of waveforms that get noise, 0 to 1. Default: 0.5.</summary>
    [Between(0, 1)]
    public double BackgroundNoiseProbability = 0.5;

    /// <summary>The lowest ratio of a clip's power to the noise's, in dB. Default: 5.</summary>
    [Finite]
    public double MinimumSignalToNoise = 5;

    /// <summary>The highest ratio of a clip's power to the noise's, in dB, no less than the lowest. Default: 30.
    /// </summary>
    [Finite]
    public double MaximumSignalToNoise = 30;

    /// <summary>
    /// In which range in Hz above the front end's LowFrequency the lowest band begins, drawn for each batch: a whole
    /// number from 0 to the range, which is left out; 0 and 1 are off. Default: 0; PaSST's recipes have 10.
    /// </summary>
    [Whole(0)]
    public int LowFrequencyRange;

    /// <summary>
    /// In which range in Hz around the front end's HighFrequency the highest band ends, drawn for each batch: half the
    /// range above, less a whole number from 0 to the range, which is left out; 0 is off. Default: 0; PaSST's recipes have
    /// 2000, around 15000 Hz.
    /// </summary>
    [Whole(0)]
    public int HighFrequencyRange;

    /// <summary>The longest stretch of time that is hidden, in frames, 0 (off) or more. Default: 0; PaSST and AST have
    /// 192 of 1000 frames for AudioSet (SpecAugment).</summary>
    [Whole(0)]
    [SweptRange(0, 192)]
    public int TimeMaskFrames;

    /// <summary>How many such stretches are hidden, 1 or more. Default: 1; HTS-AT's code has 2.</summary>
    [Whole(1)]
    public int TimeMaskCount = 1;

    /// <summary>The widest band that is hidden, in mel bins, 0 (off) or more. Default: 0; PaSST and AST have 48 of 128
    /// bins for AudioSet (SpecAugment).</summary>
    [Whole(0)]
    [SweptRange(0, 48)]
    public int FrequencyMaskBins;

    /// <summary>How many such bands are hidden, 1 or more. Default: 1; HTS-AT's code has 2.</summary>
    [Whole(1)]
    public int FrequencyMaskCount = 1;

    /// <summary>What hidden features become, finite. Default: 0, the mean of normalized features.</summary>
    [Finite]
    public float MaskValue;

    /// <summary>
    /// Both parameters of the beta distribution that a clip's share in the mixture with another clip of its batch
    /// follows, 0.05 or more; 0 for no mixture of features. Default: 0; PaSST has 0.3.
    /// </summary>
    [NotNegative]
    [SweptChoice(0.0, 0.1, 0.3, 0.5)]
    public double MixupAlpha;

    /// <summary>
    /// Whether labels are mixed as the clips are. Default: true; HTS-AT's code mixes clips alone.
    /// </summary>
    public bool MixLabels = true;

    /// <summary>The random edges of the bands, or null for none.</summary>
    /// <param name="frontEnd">The trainer's front end.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range is out of its own.</exception>
    internal RandomBandEdges? CreateBandEdges(LogMelOptions frontEnd)
    {
        var edges = new RandomBandEdges(
            frontEnd, LowFrequencyRange, HighFrequencyRange,
            Name(nameof(LowFrequencyRange)), Name(nameof(HighFrequencyRange)));
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

    /// <summary>Checks that what changes waveforms has a front end that makes features of them.</summary>
    internal void CheckWith(LogMelOptions? frontEnd)
    {
        OptionCheck.That(
            !RandomCrop || frontEnd?.TargetSamples > 0,
            RandomCrop, Name(nameof(RandomCrop)), "false without FrontEnd.TargetSamples");
        if (frontEnd is not null)
        {
            CreateBandEdges(frontEnd);
            return;
        }

        string? waveformOption = GainDecibels > 0 ? nameof(GainDecibels)
            : WaveformMixupProbability > 0 ? nameof(WaveformMixupProbability)
            : RollSamples > 0 ? nameof(RollSamples)
            : BackgroundNoises is not null ? nameof(BackgroundNoises)
            : LowFrequencyRange > 1 ? nameof(LowFrequencyRange)
            : HighFrequencyRange > 0 ? nameof(HighFrequencyRange)
            : null;
        if (waveformOption is not null)
        {
            throw new ArgumentOutOfRangeException(
                Name(waveformOption),
                $"Option {Name(waveformOption)} changes waveforms or what is made of them, but without a "
                + $"{nameof(AudioTrainerOptions.FrontEnd)} the trainer reads features.");
        }
    }

    private static bool IsNoise(float[] noise) => noise is { Length: > 0 } && noise.All(float.IsFinite);

    private static string Name(string option) => $"{nameof(AudioTrainerOptions.Augmentation)}.{option}";
}
