using System.Runtime.CompilerServices;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Options;
using System.Numerics;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of HTS-AT, the hierarchical token-semantic audio transformer: a Swin Transformer over a spectrogram, small and
/// fast, whose token-semantic layer gives the presence of each class over time. The configuration defaults to the paper's,
/// the rest to the official code's.
/// </summary>
/// <remarks>
/// Source: K. Chen et al., "HTS-AT: A Hierarchical Token-Semantic Audio Transformer for Sound Classification and Detection",
/// ICASSP 2022.
/// </remarks>
public sealed class HtsAtOptions : AudioTrainerOptions
{
    /// <summary>Options with the default values.</summary>
    public HtsAtOptions()
    {
        LearningRate = 1e-3;
        Epochs = 100;
        WeightDecay = 0.05;
    }

    /// <summary>Configuration of the network.</summary>
    public HtsAtConfig Config = new();

    internal override AudioModelConfig ModelConfig
    {
        get => Config;
        set => Config = (HtsAtConfig)value;
    }

    internal override LearningRateSchedule CreateDefaultSchedule() => new StagedSchedule();

    // The floor of the front end, in dB. The official code masks after its batch normalization.
    private const float Silence = -100;

    /// <summary>
    /// HTS-AT's recipe on AudioSet, for a column of waveforms at 32 kHz; every value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// <para>
    /// Source: HTS-AT section 3.1.1 and the official code. <c>config.py</c>: batches of 128, learning rate 1e-3, 100 epochs,
    /// factors 0.02, 0.05 and 0.1 (0.05, 0.1 and 0.2 in the paper) with steps at epochs 10, 20 and 30, binary
    /// cross-entropy, classes in turn (<c>balanced_data</c>, <c>data_generator.py</c>). <c>sed_model.py</c>: AdamW with
    /// weight decay 0.05, 10 shifts of time when it is tested, and a mixture by Beta(0.5, 0.5) of clips and not of their
    /// labels, in which a clip may keep the lesser share; here it keeps the greater. Set MixLabels for the paper's way.
    /// <c>model/htsat.py</c>: two masks each of up to 64 frames and 8 bins (128 and 16 in all, as in the paper), and paths
    /// dropped by 0.1. The authors also average weights of the best checkpoints (<c>main.py weight_average</c>).
    /// </para>
    /// <para>
    /// AudioSet's clips have several labels each: give the options to
    /// the trainer of audio tagging.
    /// </para>
    /// </remarks>
    public static HtsAtOptions AudioSet()
    {
        HtsAtOptions options = Recipe(LogMelOptions.CreateHtsAt(), batchSize: 128);
        options.Augmentation.MixupAlpha = 0.5;
        options.Augmentation.MixLabels = false;
        options.Sampling.Order = ClipOrder.ClassesInTurn;
        options.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
        options.ScoringTimeShifts = 10;
        return options;
    }

    /// <summary>
    /// HTS-AT's recipe on ESC-50, for a column of waveforms at 32 kHz, whose five seconds are repeated to ten; every
    /// value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: HTS-AT section 3.2.1 and the official <c>esc_config.py</c>: batches of 64 and cross-entropy, from weights of
    /// AudioSet; the rest as for <see cref="AudioSet"/>, without mixture (<c>sed_model.py</c>), clips in random order.
    /// </remarks>
    public static HtsAtOptions Esc50()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt();
        frontEnd.ShortWaveforms = ShortWaveform.Repeat;
        return Recipe(frontEnd, batchSize: 64);
    }

    /// <summary>
    /// HTS-AT's recipe on Speech Commands, for a column of waveforms at 16 kHz, whose second is repeated to ten; every
    /// value can be changed.
    /// </summary>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: HTS-AT section 3.2.1 and the official <c>config.py</c>, in its comments for scv2: 16 kHz, hop 160, batches of
    /// 128 and binary cross-entropy; the rest as for <see cref="AudioSet"/>, without mixture (<c>sed_model.py</c>), clips
    /// in random order.
    /// </remarks>
    public static HtsAtOptions SpeechCommands()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(16000);
        frontEnd.ShortWaveforms = ShortWaveform.Repeat;

        // The official fmax, at every sample rate: the nine bands above 8 kHz are empty.
        frontEnd.HighFrequency = 14000;
        HtsAtOptions options = Recipe(frontEnd, batchSize: 128);
        options.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
        return options;
    }

    /// <summary>
    /// A small HTS-AT that learns from hundreds of short clips, such as spoken words, within minutes on one processor
    /// core and from random weights; for a column of waveforms. Every value can be changed.
    /// </summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz.</param>
    /// <returns>New options: 0.8 seconds of each clip, in 64 mel bins.</returns>
    /// <remarks>
    /// Source: our own, one of a few that were compared on training voices held out of the repository's spoken commands.
    /// </remarks>
    public static HtsAtOptions Small(int sampleRate = 16000)
    {
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(sampleRate);

        // Windows of 25 ms, as for speech, and 64 frames, which with 64 mel bins are an image.
        frontEnd.WindowLength = sampleRate / 40;
        frontEnd.HopLength = sampleRate / 80;
        frontEnd.TargetSamples = sampleRate * 4 / 5;
        frontEnd.TargetFrames = 64;
        return new HtsAtOptions
        {
            RecipeName = $"{nameof(HtsAtOptions)}.{nameof(Small)}",
            FrontEnd = frontEnd,
            Config = { ImageSize = 64, EmbedDim = 48, Depths = [2, 2, 2], Heads = [3, 6, 12], WindowSize = 4 },
            Epochs = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            LearningRateSchedule = new CosineSchedule(warmupEpochs: 5),
            Augmentation =
            {
                TimeRollFrames = 8,
                GainDecibels = 7,
                TimeMaskFrames = 8,
                TimeMaskCount = 2,
                FrequencyMaskBins = 8,
                FrequencyMaskCount = 2,
                MaskValue = -50,
                MixupAlpha = 0.3,
            },
            Optimization = { LabelSmoothing = 0.1, ExponentialAverageDecay = 0.99 },
        };
    }

    /// <summary>A recipe that learns clips from random weights: <see cref="Small"/>, fitted to them.</summary>
    internal static HtsAtOptions FromScratch(ScratchPlan plan)
    {
        HtsAtOptions options = Small(plan.Clips.AreWaveforms ? plan.Clips.SampleRate : 16000);

        // Longer clips fill a larger image of larger patches, which are as many.
        bool isLong = plan.Clips.AreWaveforms ? plan.Seconds > 1.6 : plan.Clips.Frames > 96;
        int mels = plan.Clips.AreWaveforms ? options.FrontEnd!.MelBins : plan.Clips.Mels;
        int image = Math.Max(16, (int)BitOperations.RoundUpToPowerOf2((uint)mels));
        while (image < (isLong ? 128 : 64) && BitOperations.IsPow2(2 * image / mels))
        {
            image *= 2;
        }

        LogMelOptions? frontEnd = plan.Clips.AreWaveforms ? plan.Fit(options.FrontEnd!, image * image / mels) : null;
        if (frontEnd is not null)
        {
            frontEnd.HopLength = Math.Max(1, (plan.Samples + (image * image / mels) - 1) / (image * image / mels));
            frontEnd.TargetFrames = image * image / mels;
        }

        plan.Apply(options, frontEnd, image * image / mels);
        options.LearningRateSchedule = new CosineSchedule(plan.WarmupEpochs);
        options.Augmentation.TimeMaskFrames = image * image / mels / 8;
        options.Augmentation.FrequencyMaskBins = mels / 8;
        options.Config.ImageSize = image;
        options.Config.PatchSize = image / 16;
        options.Config.StrideFrequency = image / 16;
        options.Config.StrideTime = image / 16;
        if (plan.IsLarge)
        {
            (options.Config.EmbedDim, options.Config.Heads) = (64, [4, 8, 16]);
        }

        return options;
    }

    /// <summary>A recipe that learns from random weights which sounds are heard in clips, and when.</summary>
    /// <remarks>
    /// Source: our own, the settings of the repository's sample of sound events. Few blocks see little of what is around a
    /// step, so that the presence of a sound stays where it is heard.
    /// </remarks>
    internal static HtsAtOptions FromScratchForEvents(ScratchPlan plan)
    {
        const int image = 128;
        LogMelOptions? frontEnd = null;
        if (plan.Clips.AreWaveforms)
        {
            frontEnd = LogMelOptions.CreateHtsAt(plan.Clips.SampleRate);
            int samples = (int)Math.Ceiling(Math.Min(plan.Clips.Seconds[^1], 10) * plan.Clips.SampleRate);
            int frames = image * image / frontEnd.MelBins;
            frontEnd.TargetSamples = samples;

            // A step of the presence map is four frames, and a clip has a frame more than hops. Longer clips than an image
            // holds are several.
            frontEnd.HopLength = Math.Min(plan.Clips.SampleRate / 50, (samples / frames) + 1);
        }

        return new HtsAtOptions
        {
            RecipeName = $"{nameof(HtsAtOptions)}, events from scratch",
            FrontEnd = frontEnd,
            Config =
            {
                ImageSize = Math.Max(image, (int)BitOperations.RoundUpToPowerOf2((uint)plan.Clips.Mels)),
                StrideTime = 2,
                EmbedDim = 64,
                Depths = [2, 1],
                Heads = [4, 8],
                DropPath = 0,
                Pooling = HtsAtPooling.LinearSoftmax,
            },
            Augmentation = { TimeRollFrames = 100, FrequencyMaskBins = 6, MaskValue = -60 },
            Epochs = (int)Math.Clamp(3900 / plan.Clips.Count, 3, 60),
            BatchSize = 8,
            LearningRate = 2e-3,
            LearningRateSchedule = new CosineSchedule(warmupEpochs: 0.5),
            Optimization = { GradientClipNorm = 1 },
        };
    }

    /// <summary>
    /// The recipe that fine-tunes published weights on short clips, which are repeated to fill ten seconds.
    /// </summary>
    internal static HtsAtOptions FineTuning(HtsAtConfig? config)
    {
        HtsAtOptions options = Esc50();
        options.Config = config ?? options.Config;
        return options;
    }

    private static HtsAtOptions Recipe(LogMelOptions frontEnd, int batchSize, [CallerMemberName] string name = "") => new()
    {
        RecipeName = $"{nameof(HtsAtOptions)}.{name}",
        FrontEnd = frontEnd,
        Epochs = 100,
        BatchSize = batchSize,
        LearningRate = 1e-3,
        WeightDecay = 0.05,
        LearningRateSchedule = new StagedSchedule(),
        Augmentation =
        {
            // Two of each: at most 128 frames and 16 bins in all.
            TimeMaskFrames = 64,
            TimeMaskCount = 2,
            FrequencyMaskBins = 8,
            FrequencyMaskCount = 2,
            MaskValue = Silence,
        },
    };
}
