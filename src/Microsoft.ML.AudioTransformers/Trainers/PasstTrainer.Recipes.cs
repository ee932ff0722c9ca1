using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class PasstTrainer
{
    public sealed partial class Options
    {
        /// <summary>
        /// The recipe of PaSST-S on AudioSet, for a column of waveforms at 32 kHz; every value can be changed. The
        /// official code also varies the edges of the mel bands at random, which this library does not.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>
        /// Source: PaSST sections 3.2 and 3.3 and its official code: 130 epochs of 100,000 balanced samples (200,000 in
        /// the paper), learning rate 2e-5, mixture of waveforms and of spectrograms, mean of the weights from epoch 50 on
        /// (counted from 0). AudioSet's clips have several labels each; this trainer takes one.
        /// </remarks>
        public static Options AudioSet()
        {
            Options options = Recipe(epochs: 130, batchSize: 12, patchoutTime: 40, patchoutFrequency: 4, timeMask: 192);
            options.LearningRate = 2e-5;
            options.FrontEnd!.HighFrequency = 15000;
            options.Augmentation.WaveformMixupProbability = 0.5;
            options.Sampling.Order = ClipOrder.Balanced;
            options.Sampling.SamplesPerEpoch = 100_000;
            options.Optimization.Loss = AudioClassificationLoss.BinaryCrossEntropy;
            options.Optimization.WeightAveragingFirstEpoch = 51;
            options.Optimization.WeightAveragingEveryEpochs = 5;
            return options;
        }

        /// <summary>
        /// The recipe that fine-tunes PaSST-S on ESC-50, for a column of waveforms at 32 kHz; every value can be changed.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>Source: PaSST section 4.2 and its official code for ESC-50.</remarks>
        public static Options Esc50()
        {
            Options options = Recipe(epochs: 10, batchSize: 12, patchoutTime: 10, patchoutFrequency: 3, timeMask: 80);
            options.FrontEnd!.TargetSamples = 5 * options.FrontEnd.SampleRate;
            return options;
        }

        /// <summary>
        /// The recipe that fine-tunes PaSST-S on OpenMIC, for a column of waveforms at 32 kHz; every value can be changed.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>
        /// Source: PaSST section 4.1 and its official code for OpenMIC, whose clips have several labels each; this trainer
        /// takes one.
        /// </remarks>
        public static Options OpenMic()
        {
            Options options = Recipe(epochs: 10, batchSize: 6, patchoutTime: 40, patchoutFrequency: 4, timeMask: 192);
            options.Augmentation.WaveformMixupProbability = 0.5;
            options.Optimization.Loss = AudioClassificationLoss.BinaryCrossEntropy;
            return options;
        }

        /// <summary>What all recipes have, and what fine-tuning has.</summary>
        private static Options Recipe(
            int epochs, int batchSize, int patchoutTime, int patchoutFrequency, int timeMask) => new()
        {
            FrontEnd = LogMelOptions.CreatePasst(),
            Epochs = epochs,
            BatchSize = batchSize,
            LearningRate = 1e-5,
            WeightDecay = 1e-4,
            LearningRateSchedule = new ExponentialWarmupSchedule(),
            PatchoutTime = patchoutTime,
            PatchoutFrequency = patchoutFrequency,
            Augmentation =
            {
                GainDecibels = 7,
                RollSamples = 50,
                TimeMaskFrames = timeMask,
                FrequencyMaskBins = 48,
                MixupAlpha = 0.3,

                // The official code hides with 0 before it normalizes: (0 + 4.5) / 5.
                MaskValue = 0.9f,
            },
            Optimization =
            {
                // From the third epoch on, after each.
                WeightAveragingFirstEpoch = 3,
                WeightAveragingEveryEpochs = 1,
            },
        };
    }
}
