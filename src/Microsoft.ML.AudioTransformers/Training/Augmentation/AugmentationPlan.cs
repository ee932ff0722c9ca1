using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.FrontEnds;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>All that happens to a training clip by chance, in this order.</summary>
internal sealed record AugmentationPlan
{
    public static AugmentationPlan None { get; } = new();

    /// <summary>What happens to a waveform, and to the one that it is mixed with.</summary>
    public IReadOnlyList<IWaveformAugmentation> BeforeMixing { get; init; } = [];

    /// <summary>How a waveform is mixed with that of any other clip; null for not.</summary>
    public Mixup? WaveformMixup { get; init; }

    /// <summary>What happens to the waveform then.</summary>
    public IReadOnlyList<IWaveformAugmentation> AfterMixing { get; init; } = [];

    /// <summary>How the edges of the front end's bands move from batch to batch; null for not.</summary>
    public RandomBandEdges? BandEdges { get; init; }

    /// <summary>What happens to the features.</summary>
    public IReadOnlyList<IClipAugmentation> Features { get; init; } = [];

    /// <summary>How features are mixed with those of another clip of the batch; null for not.</summary>
    public Mixup? FeatureMixup { get; init; }

    /// <summary>Whether the labels are mixed with the clips.</summary>
    public bool MixLabels { get; init; }

    /// <summary>Whether anything happens to waveforms.</summary>
    public bool HasWaveforms => BeforeMixing.Count > 0 || WaveformMixup is not null || AfterMixing.Count > 0;

    /// <summary>Whether clips stay as they are.</summary>
    public bool IsEmpty => !HasWaveforms && BandEdges is null && Features.Count == 0 && FeatureMixup is null;

    /// <summary>Whether a clip's target can be other than its label.</summary>
    public bool HasMixedLabels => MixLabels && (WaveformMixup is not null || FeatureMixup is not null);

    /// <summary>The plan that options describe.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="frontEnd">The front end, or null.</param>
    public static AugmentationPlan Create(AudioAugmentationOptions options, LogMelOptions? frontEnd)
    {
        List<IWaveformAugmentation> before = [];
        Add(before, options.RandomCrop, () => new WaveformCrop(frontEnd!.TargetSamples));
        Add(before, options.GainDecibels > 0, () => new RandomGain(options.GainDecibels));
        List<IWaveformAugmentation> after = [];
        Add(after, options.RollSamples > 0, () => new WaveformRoll(options.RollSamples));
        Add(after, options.BackgroundNoises is not null, () => new BackgroundNoise(
            options.BackgroundNoises!, options.BackgroundNoiseProbability,
            options.MinimumSignalToNoise, options.MaximumSignalToNoise));
        List<IClipAugmentation> features = [];
        Add(features, options.TimeRollFrames > 0, () => new TimeRoll(options.TimeRollFrames));
        Add(features, options.TimeMaskFrames > 0, () => new TimeMask(
            options.TimeMaskFrames, options.TimeMaskCount, options.MaskValue));
        Add(features, options.FrequencyMaskBins > 0, () => new FrequencyMask(
            options.FrequencyMaskBins, options.FrequencyMaskCount, options.MaskValue));
        return new AugmentationPlan
        {
            BeforeMixing = before,
            WaveformMixup = options.WaveformMixupProbability > 0
                ? new Mixup(options.WaveformMixupAlpha, options.WaveformMixupProbability)
                : null,
            AfterMixing = after,
            BandEdges = frontEnd is null ? null : options.CreateBandEdges(frontEnd),
            Features = features,
            FeatureMixup = options.MixupAlpha > 0 ? new Mixup(options.MixupAlpha, Probability: 1) : null,
            MixLabels = options.MixLabels,
        };
    }

    /// <summary>The plan in words, the same for the same plan.</summary>
    public override string ToString() => string.Join(", ", (IEnumerable<object?>)
        [.. BeforeMixing, WaveformMixup, .. AfterMixing, BandEdges, .. Features, FeatureMixup, HasMixedLabels]);

    private static void Add<T>(List<T> augmentations, bool isOn, Func<T> create)
    {
        if (isOn)
        {
            augmentations.Add(create());
        }
    }
}
