using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of the effects by NWaves that augment training waveforms, in the order of the options: each changes a waveform with
/// a probability of its own, and all are off by default. They need the trainer's <see cref="AudioTrainerOptions.FrontEnd"/>.
/// </summary>
public sealed class AudioEffectOptions : IOptionGroup
{
    /// <summary>
    /// Pitch shift. Greatest shift up and down in semitones, 0 (off) to 24; all shifts are equally likely, and the duration stays.
    /// Waveforms shorter than 4 windows of the phase vocoder (32 to 64 ms each) stay as they are. Default: 0.
    /// </summary>
    [Between(0, 24)]
    public double PitchShiftSemitones;

    /// <summary>Pitch shift. Probability, 0 to 1. Default: 0.5.</summary>
    [Between(0, 1)]
    public double PitchShiftProbability = 0.5;

    /// <summary>
    /// Time stretch. Greatest factor of the duration, 1 (off) to 4; the least is 1 over it, and the pitch stays. What gets longer
    /// than the front end's target length is cut, what gets shorter is made longer as short clips are. Waveforms shorter than 4
    /// windows of the phase vocoder stay as they are. Default: 1.
    /// </summary>
    [Between(1, 4)]
    public double TimeStretchFactor = 1;

    /// <summary>Time stretch. Probability, 0 to 1. Default: 0.5.</summary>
    [Between(0, 1)]
    public double TimeStretchProbability = 0.5;

    /// <summary>Low-pass filter of second order. Probability, 0 (off) to 1. Default: 0.</summary>
    [Between(0, 1)]
    public double LowPassProbability;

    /// <summary>Low-pass filter. Lowest cutoff frequency in Hz, above 0. Default: 1500.</summary>
    [Positive]
    public double LowPassMinimumFrequency = 1500;

    /// <summary>
    /// Low-pass filter. Highest cutoff frequency in Hz, below half the front end's sample rate. Default: 7500.
    /// </summary>
    [Positive]
    public double LowPassMaximumFrequency = 7500;

    /// <summary>High-pass filter of second order. Probability, 0 (off) to 1. Default: 0.</summary>
    [Between(0, 1)]
    public double HighPassProbability;

    /// <summary>High-pass filter. Lowest cutoff frequency in Hz, above 0. Default: 50.</summary>
    [Positive]
    public double HighPassMinimumFrequency = 50;

    /// <summary>
    /// High-pass filter. Highest cutoff frequency in Hz, below half the front end's sample rate. Default: 1000.
    /// </summary>
    [Positive]
    public double HighPassMaximumFrequency = 1000;

    /// <summary>Band-pass filter of second order. Probability, 0 (off) to 1. Default: 0.</summary>
    [Between(0, 1)]
    public double BandPassProbability;

    /// <summary>Band-pass filter. Lowest centre frequency in Hz, above 0. Default: 300.</summary>
    [Positive]
    public double BandPassMinimumFrequency = 300;

    /// <summary>
    /// Band-pass filter. Highest centre frequency in Hz, below half the front end's sample rate. Default: 4000.
    /// </summary>
    [Positive]
    public double BandPassMaximumFrequency = 4000;

    /// <summary>Band-pass filter. Quality factor, centre frequency over bandwidth, above 0. Default: 0.7.</summary>
    [Positive]
    public double BandPassQuality = 0.7;

    /// <summary>
    /// Telephone line, as codecs leave it: the band from 300 to 3400 Hz and the 256 levels of mu-law (G.711). Probability, 0 (off)
    /// to 1. It needs a front end of more than 6800 Hz. Default: 0.
    /// </summary>
    [Between(0, 1)]
    public double TelephoneProbability;

    /// <summary>
    /// Reverberation. Paths of audio files with impulse responses of rooms, one of which is drawn; null for none. They are read
    /// when training begins, at the front end's sample rate, and scaled to an energy of 1. Default: null.
    /// </summary>
    public IReadOnlyList<string>? ImpulseResponses;

    /// <summary>Reverberation. Probability, 0 to 1. Default: 0.5.</summary>
    [Between(0, 1)]
    public double ReverberationProbability = 0.5;

    /// <summary>Reverberation. Least share of the reverberant sound, 0 to 1; the rest is dry. Default: 0.2.</summary>
    [Between(0, 1)]
    public double MinimumReverberation = 0.2;

    /// <summary>
    /// Reverberation. Greatest share of the reverberant sound, <see cref="MinimumReverberation"/> to 1. Default: 1.
    /// </summary>
    [Between(0, 1)]
    public double MaximumReverberation = 1;

    void IOptionGroup.CheckTogether(string prefix)
    {
        AtLeast(LowPassMinimumFrequency, LowPassMaximumFrequency, nameof(LowPassMaximumFrequency));
        AtLeast(HighPassMinimumFrequency, HighPassMaximumFrequency, nameof(HighPassMaximumFrequency));
        AtLeast(BandPassMinimumFrequency, BandPassMaximumFrequency, nameof(BandPassMaximumFrequency));
        AtLeast(MinimumReverberation, MaximumReverberation, nameof(MaximumReverberation));
        OptionCheck.That(
            ImpulseResponses is null || (ImpulseResponses.Count > 0 && !ImpulseResponses.Any(string.IsNullOrWhiteSpace)),
            $"{ImpulseResponses?.Count} paths", prefix + nameof(ImpulseResponses), "null, or one path or more, none blank");

        void AtLeast(double minimum, double value, string name) =>
            OptionCheck.That(value >= minimum, value, prefix + name, FormattableString.Invariant($"{minimum} or more"));
    }

    /// <summary>Checks that the frequencies in use are below half a sample rate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not; the message names it.</exception>
    internal void CheckWith(int sampleRate, string prefix)
    {
        Below(LowPassProbability, LowPassMaximumFrequency, nameof(LowPassMaximumFrequency));
        Below(HighPassProbability, HighPassMaximumFrequency, nameof(HighPassMaximumFrequency));
        Below(BandPassProbability, BandPassMaximumFrequency, nameof(BandPassMaximumFrequency));
        OptionCheck.That(
            TelephoneProbability == 0 || sampleRate > 6800, TelephoneProbability, prefix + nameof(TelephoneProbability),
            $"0 for a front end of {sampleRate} Hz: half of it does not hold the telephone's 3400 Hz");

        void Below(double probability, double frequency, string name) => OptionCheck.That(
            probability == 0 || frequency < sampleRate / 2.0, frequency, prefix + name,
            FormattableString.Invariant($"less than {sampleRate / 2.0}, half the front end's sample rate"));
    }

    /// <summary>Name of the first option that turns an effect on; null if all are off.</summary>
    internal string? FirstInUse() => PitchShiftSemitones > 0 ? nameof(PitchShiftSemitones)
        : TimeStretchFactor > 1 ? nameof(TimeStretchFactor)
        : LowPassProbability > 0 ? nameof(LowPassProbability)
        : HighPassProbability > 0 ? nameof(HighPassProbability)
        : BandPassProbability > 0 ? nameof(BandPassProbability)
        : TelephoneProbability > 0 ? nameof(TelephoneProbability)
        : ImpulseResponses is not null ? nameof(ImpulseResponses)
        : null;
}
