using System.Globalization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.FrontEnds;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Augmentation of training clips: the steps in the order in which they are applied.</summary>
internal sealed record AugmentationPlan
{
    /// <summary>No augmentation.</summary>
    public static AugmentationPlan None { get; } = new();

    /// <summary>Augmentations of a waveform, and of its mixup partner, before mixup.</summary>
    public IReadOnlyList<IWaveformAugmentation> BeforeMixing { get; init; } = [];

    /// <summary>Mixup with the waveform of another clip; null for none.</summary>
    public Mixup? WaveformMixup { get; init; }

    /// <summary>Augmentations of a waveform after mixup.</summary>
    public IReadOnlyList<IWaveformAugmentation> AfterMixing { get; init; } = [];

    /// <summary>Random band edges of the front end, other ones for each batch; null for none.</summary>
    public RandomBandEdges? BandEdges { get; init; }

    /// <summary>Augmentations of log-mel features.</summary>
    public IReadOnlyList<ISpectrogramAugmentation> Features { get; init; } = [];

    /// <summary>Mixup with the features of another clip of the batch; null for none.</summary>
    public Mixup? FeatureMixup { get; init; }

    /// <summary>Whether mixup mixes targets too.</summary>
    public bool MixLabels { get; init; }

    /// <summary>Whether waveforms are augmented.</summary>
    public bool HasWaveforms => BeforeMixing.Count > 0 || WaveformMixup is not null || AfterMixing.Count > 0;

    /// <summary>Whether there is no augmentation.</summary>
    public bool IsEmpty => !HasWaveforms && BandEdges is null && Features.Count == 0 && FeatureMixup is null;

    /// <summary>Whether targets can be mixtures of two clips' targets.</summary>
    public bool HasMixedLabels => MixLabels && (WaveformMixup is not null || FeatureMixup is not null);

    /// <summary>Creates the augmentation that options describe.</summary>
    /// <param name="options">Checked options.</param>
    /// <param name="frontEnd">Front end, or null.</param>
    /// <param name="longClips">Part of clips that are longer than its target length.</param>
    public static AugmentationPlan Create(
        AudioAugmentationOptions options, LogMelOptions? frontEnd, LongTrainingClips longClips = LongTrainingClips.Cut)
    {
        List<IWaveformAugmentation> before = [];
        Add(before, longClips == LongTrainingClips.RandomWindow, () => new RandomWindow(frontEnd!.TargetLength));
        Add(before, options.RandomCrop, () => new WaveformCrop(frontEnd!.TargetSamples));
        Add(before, options.GainDecibels > 0, () => new RandomGain(options.GainDecibels));
        if (frontEnd is not null)
        {
            AddEffects(before, options.Effects, frontEnd.SampleRate);
        }

        List<IWaveformAugmentation> after = [];
        Add(after, options.RollSamples > 0, () => new WaveformRoll(options.RollSamples));
        Add(after, options.BackgroundNoises is not null, () => new BackgroundNoise(
            options.BackgroundNoises!, options.BackgroundNoiseProbability,
            options.MinimumSignalToNoise, options.MaximumSignalToNoise));
        List<ISpectrogramAugmentation> features = [];
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

    /// <summary>All steps with their parameters. Fingerprints contain this text, and so the names of the types.</summary>
    public override string ToString()
    {
        // Records format their numbers in the current culture; the text has to be the same in all.
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return string.Join(", ", (IEnumerable<object?>)
                [.. BeforeMixing, WaveformMixup, .. AfterMixing, BandEdges, .. Features, FeatureMixup, HasMixedLabels]);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    private static void AddEffects(List<IWaveformAugmentation> before, AudioEffectOptions options, int rate)
    {
        double soft = Math.Sqrt(0.5);
        Add(before, options.PitchShiftSemitones > 0, () => new PitchShift(
            options.PitchShiftSemitones, options.PitchShiftProbability, rate));
        Add(before, options.TimeStretchFactor > 1, () => new TimeStretch(
            options.TimeStretchFactor, options.TimeStretchProbability, rate));
        Add(before, options.LowPassProbability > 0, () => new BandFilter(
            BandFilterKind.LowPass, options.LowPassMinimumFrequency, options.LowPassMaximumFrequency, soft,
            options.LowPassProbability, rate));
        Add(before, options.HighPassProbability > 0, () => new BandFilter(
            BandFilterKind.HighPass, options.HighPassMinimumFrequency, options.HighPassMaximumFrequency, soft,
            options.HighPassProbability, rate));
        Add(before, options.BandPassProbability > 0, () => new BandFilter(
            BandFilterKind.BandPass, options.BandPassMinimumFrequency, options.BandPassMaximumFrequency,
            options.BandPassQuality, options.BandPassProbability, rate));
        Add(before, options.TelephoneProbability > 0, () => new TelephoneLine(options.TelephoneProbability, rate));
        Add(before, options.ImpulseResponses is not null, () => new Reverberation(
            [.. options.ImpulseResponses!.Select(path => ReadResponse(path, rate))],
            options.MinimumReverberation, options.MaximumReverberation, options.ReverberationProbability, rate));
    }

    private static float[] ReadResponse(string path, int rate)
    {
        using AudioReader reader = AudioReader.Open(path, rate);
        float[] response = reader.ReadToEnd();
        return response.AsSpan().ContainsAnyExcept(0f) ? response : throw new InvalidDataException(
            $"'{path}', one of the {nameof(AudioEffectOptions.ImpulseResponses)}, is silent; expected an impulse response.");
    }

    private static void Add<T>(List<T> augmentations, bool isOn, Func<T> create)
    {
        if (isOn)
        {
            augmentations.Add(create());
        }
    }
}
