using System.Runtime.CompilerServices;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Options;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of AST, the audio spectrogram transformer: a vision transformer over overlapping patches of a spectrogram, the
/// baseline that the later audio transformers compare with. The defaults are the paper's, of ESC-50.
/// </summary>
/// <remarks>Source: Y. Gong, Y.-A. Chung and J. Glass, "AST: Audio Spectrogram Transformer", Interspeech 2021.</remarks>
public sealed class AstOptions : AudioTrainerOptions
{
    /// <summary>Options with the default values.</summary>
    public AstOptions()
    {
        LearningRate = 1e-5;
        Epochs = 25;
        BatchSize = 48;
        WeightDecay = 5e-7;
    }

    /// <summary>Configuration of the network.</summary>
    public AstConfig Config = new();

    internal override AudioModelConfig ModelConfig
    {
        get => Config;
        set => Config = (AstConfig)value;
    }

    // The ESC-50 recipe of the official code.
    internal override LearningRateSchedule CreateDefaultSchedule() =>
        new MultiStepSchedule(decayStart: 5, decay: 0.85, warmupSteps: 0);

    // The front end's floor, after AudioSet's normalization.
    private const float Silence = -1.28f;

    /// <summary>
    /// AST's recipe on all of AudioSet, for a column of waveforms at 16 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// <para>
    /// Source: AST section 3.1 and the official code. <c>egs/audioset/run.sh</c>: 5 epochs, batches of 12, learning rate
    /// 1e-5, halved after the second epoch and each one that follows, with a warm-up, masks of 192 frames and 48 bins,
    /// half of the waveforms mixed, mean of the weights after every epoch (<c>wa_start</c> 1, <c>wa_end</c> 5), binary
    /// cross-entropy; AudioSet's mean and standard deviation, 1024 frames. <c>src/traintest.py</c>: the warm-up's 1000
    /// steps, weight decay 5e-7 (there of Adam, which adds it to the gradients; here of AdamW) and Adam's first beta, 0.95
    /// there and 0.9 here. <c>src/dataloader.py</c>: Beta(10, 10), masks of 0 before normalization.
    /// <c>gen_weight_file.py</c> and <c>src/run.py</c>: sampling by 1 / (frequency + 0.01), with replacement.
    /// </para>
    /// <para>
    /// AudioSet's clips have several labels each: give the options to
    /// the trainer of audio tagging.
    /// </para>
    /// </remarks>
    public static AstOptions AudioSet()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateAst();
        AstOptions options = Recipe(frontEnd, epochs: 5, batchSize: 12, timeMask: 192, frequencyMask: 48);
        options.LearningRateSchedule = new MultiStepSchedule();
        Mix(options, 0.5);
        options.Optimization.WeightAveragingFirstEpoch = 1;
        options.Optimization.WeightAveragingEveryEpochs = 1;
        options.Sampling.Order = ClipOrder.Balanced;
        options.Sampling.BalancedOffset = 0.01;
        options.Sampling.WithReplacement = true;
        return options;
    }

    /// <summary>AST's recipe on ESC-50, for a column of waveforms at 16 kHz; every value can be changed.</summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: AST section 3.2 and the official <c>egs/esc50/run_esc.sh</c>, from weights of AudioSet: 25 epochs, batches
    /// of 48, learning rate 1e-5 (1e-4 without those weights), times 0.85 after the fifth epoch and each one that follows,
    /// no warm-up, masks of 96 frames and 24 bins, no mixture, cross-entropy, 512 frames, ESC-50's mean and standard
    /// deviation; the rest as for <see cref="AudioSet"/>, clips in random order.
    /// </remarks>
    public static AstOptions Esc50()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateAst();
        frontEnd.TargetFrames = 512;
        frontEnd.NormalizationMean = -6.6268077f;
        frontEnd.NormalizationStd = 5.358466f;
        AstOptions options = Recipe(frontEnd, epochs: 25, batchSize: 48, timeMask: 96, frequencyMask: 24);
        options.LearningRateSchedule = new MultiStepSchedule(decayStart: 5, decay: 0.85, warmupSteps: 0);
        return options;
    }

    /// <summary>
    /// AST's recipe on Speech Commands, for a column of waveforms at 16 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: AST section 3.2 and the official <c>egs/speechcommands/run_sc.sh</c>: 30 epochs, batches of 128, learning
    /// rate 2.5e-4, times 0.85 after the fifth epoch and each one that follows, no warm-up, masks of 48 frames and 48
    /// bins, 0.6 of the waveforms mixed, binary cross-entropy, 128 frames, its mean and standard deviation. Its
    /// <c>noise</c> rolls features by up to 10 frames (<c>src/dataloader.py</c>) and adds noise to them, which this library
    /// does not. The rest as for <see cref="AudioSet"/>, clips in random order.
    /// </remarks>
    public static AstOptions SpeechCommands()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateAst();
        frontEnd.TargetFrames = 128;
        frontEnd.NormalizationMean = -6.845978f;
        frontEnd.NormalizationStd = 5.5654526f;
        AstOptions options = Recipe(frontEnd, epochs: 30, batchSize: 128, timeMask: 48, frequencyMask: 48);
        options.LearningRate = 2.5e-4;
        options.LearningRateSchedule = new MultiStepSchedule(decayStart: 5, decay: 0.85, warmupSteps: 0);
        options.Augmentation.TimeRollFrames = 10;
        Mix(options, 0.6);
        return options;
    }

    /// <summary>
    /// A small AST that learns from hundreds of short clips, such as spoken words, within minutes on one processor
    /// core and from random weights; for a column of waveforms. Every value can be changed.
    /// </summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz.</param>
    /// <returns>New options: 0.8 seconds of each clip, in 64 mel bins.</returns>
    /// <remarks>
    /// Source: our own, chosen on training voices that were held out of the repository's spoken commands.
    /// </remarks>
    public static AstOptions Small(int sampleRate = 16000)
    {
        LogMelOptions frontEnd = LogMelOptions.CreateAst(sampleRate);
        frontEnd.MelBins = 64;
        frontEnd.TargetSamples = sampleRate * 4 / 5;
        frontEnd.TargetFrames = 80;
        return new AstOptions
        {
            RecipeName = $"{nameof(AstOptions)}.{nameof(Small)}",
            FrontEnd = frontEnd,
            Config = { EmbedDim = 128, Depth = 4, Heads = 4, StrideTime = 8, StrideFrequency = 6 },
            Epochs = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            LearningRateSchedule = new CosineSchedule(warmupEpochs: 5),
            Augmentation =
            {
                GainDecibels = 7,
                TimeRollFrames = 10,
                TimeMaskFrames = 16,
                FrequencyMaskBins = 12,
                MaskValue = Silence,
            },
        };
    }

    /// <summary>A recipe that learns clips from random weights: <see cref="Small"/>, fitted to them.</summary>
    internal static AstOptions FromScratch(ScratchPlan plan)
    {
        AstOptions options = Small(plan.Clips.AreWaveforms ? plan.Clips.SampleRate : 16000);
        LogMelOptions? frontEnd = plan.Clips.AreWaveforms ? plan.Fit(options.FrontEnd!, mostFrames: 250) : null;
        int frames = frontEnd is null ? plan.Clips.Frames : Math.Max(16, frontEnd.TargetSamples / frontEnd.HopLength);
        int mels = frontEnd?.MelBins ?? plan.Clips.Mels;
        if (frontEnd is not null)
        {
            frontEnd.TargetFrames = frames;
        }

        plan.Apply(options, frontEnd, frames);
        options.LearningRateSchedule = new CosineSchedule(plan.WarmupEpochs);
        options.Augmentation.TimeMaskFrames = frames / 5;
        options.Augmentation.FrequencyMaskBins = mels * 3 / 16;
        options.Config.StrideTime = ScratchPlan.Stride(8, frames, patches: 16);
        options.Config.StrideFrequency = ScratchPlan.Stride(6, mels, patches: 9);
        if (plan.IsLarge)
        {
            (options.Config.EmbedDim, options.Config.Depth, options.Config.Heads) = (192, 6, 6);
        }

        return options;
    }

    /// <summary>The recipe that fine-tunes published weights on short clips, at a length of them.</summary>
    internal static AstOptions FineTuning(AstConfig? config, double seconds)
    {
        AstOptions options = Esc50();
        options.Config = config ?? options.Config;
        options.FrontEnd!.TargetFrames = Math.Max(16, (int)Math.Ceiling(seconds * 100));
        return options;
    }

    private static AstOptions Recipe(
        LogMelOptions frontEnd,
        int epochs,
        int batchSize,
        int timeMask,
        int frequencyMask,
        [CallerMemberName] string name = "") => new()
    {
        RecipeName = $"{nameof(AstOptions)}.{name}",
        FrontEnd = frontEnd,
        Epochs = epochs,
        BatchSize = batchSize,
        LearningRate = 1e-5,
        WeightDecay = 5e-7,
        Augmentation =
        {
            TimeMaskFrames = timeMask,
            FrequencyMaskBins = frequencyMask,

            // The official code masks with 0 before it normalizes.
            MaskValue = -frontEnd.NormalizationMean / (2 * frontEnd.NormalizationStd),
        },
    };

    /// <summary>A share of waveforms mixed in nearly equal parts, and a loss that takes mixed labels.</summary>
    private static void Mix(AstOptions options, double probability)
    {
        options.Augmentation.WaveformMixupProbability = probability;
        options.Augmentation.WaveformMixupAlpha = 10;
        options.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
    }
}
