using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class HtsAtTrainer
{
    public sealed partial class Options
    {
        // The floor of the front end, in dB. The official code hides after its batch normalization.
        private const float Silence = -100;

        /// <summary>
        /// HTS-AT's recipe on AudioSet, for a column of waveforms at 32 kHz; every value can be changed.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>
        /// Source: HTS-AT section 3.1 and its official code, which mixes clips and not their labels: set MixLabels for the
        /// paper's way. AudioSet's clips have several labels each; this trainer takes one.
        /// </remarks>
        public static Options AudioSet()
        {
            Options options = Recipe(LogMelOptions.CreateHtsAt(), batchSize: 128);
            options.Augmentation.MixupAlpha = 0.5;
            options.Augmentation.MixLabels = false;
            options.Sampling.Order = ClipOrder.ClassesInTurn;
            options.Optimization.Loss = AudioClassificationLoss.BinaryCrossEntropy;
            options.ScoringTimeShifts = 10;
            return options;
        }

        /// <summary>
        /// HTS-AT's recipe on ESC-50, for a column of waveforms at 32 kHz, whose five seconds are repeated to ten; every
        /// value can be changed.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>Source: HTS-AT section 3.2 and its official code.</remarks>
        public static Options Esc50()
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
        /// <remarks>Source: HTS-AT section 3.2 and its official code.</remarks>
        public static Options SpeechCommands()
        {
            LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(16000);
            frontEnd.ShortWaveforms = ShortWaveform.Repeat;
            Options options = Recipe(frontEnd, batchSize: 128);
            options.Optimization.Loss = AudioClassificationLoss.BinaryCrossEntropy;
            return options;
        }

        private static Options Recipe(LogMelOptions frontEnd, int batchSize) => new()
        {
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
}
