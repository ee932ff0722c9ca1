using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class AstTrainer
{
    public sealed partial class Options
    {
        /// <summary>
        /// AST's recipe on all of AudioSet, for a column of waveforms at 16 kHz; every value can be changed.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>
        /// Source: AST section 3.1 and its official code. AudioSet's clips have several labels each; this trainer takes one.
        /// </remarks>
        public static Options AudioSet()
        {
            LogMelOptions frontEnd = LogMelOptions.CreateAst();
            Options options = Recipe(frontEnd, epochs: 5, batchSize: 12, timeMask: 192, frequencyMask: 48);
            options.LearningRateSchedule = new MultiStepSchedule();
            Mix(options, 0.5);
            options.Sampling.Order = ClipOrder.Balanced;
            options.Sampling.BalancedOffset = 0.01;
            options.Sampling.WithReplacement = true;
            return options;
        }

        /// <summary>AST's recipe on ESC-50, for a column of waveforms at 16 kHz; every value can be changed.</summary>
        /// <returns>New options.</returns>
        /// <remarks>Source: AST section 3.2 and its official code.</remarks>
        public static Options Esc50()
        {
            LogMelOptions frontEnd = LogMelOptions.CreateAst();
            frontEnd.TargetFrames = 512;
            frontEnd.NormalizationMean = -6.6268077f;
            frontEnd.NormalizationStd = 5.358466f;
            Options options = Recipe(frontEnd, epochs: 25, batchSize: 48, timeMask: 96, frequencyMask: 24);
            options.LearningRateSchedule = new MultiStepSchedule(decayStart: 5, decay: 0.85, warmupSteps: 0);
            return options;
        }

        /// <summary>
        /// AST's recipe on Speech Commands, for a column of waveforms at 16 kHz; every value can be changed. The official
        /// code also adds noise to the features, which this library does not.
        /// </summary>
        /// <returns>New options.</returns>
        /// <remarks>Source: AST section 3.2 and its official code.</remarks>
        public static Options SpeechCommands()
        {
            LogMelOptions frontEnd = LogMelOptions.CreateAst();
            frontEnd.TargetFrames = 128;
            frontEnd.NormalizationMean = -6.845978f;
            frontEnd.NormalizationStd = 5.5654526f;
            Options options = Recipe(frontEnd, epochs: 30, batchSize: 128, timeMask: 48, frequencyMask: 48);
            options.LearningRate = 2.5e-4;
            options.LearningRateSchedule = new MultiStepSchedule(decayStart: 5, decay: 0.85, warmupSteps: 0);
            options.TimeRollFrames = 10;
            Mix(options, 0.6);
            return options;
        }

        private static Options Recipe(
            LogMelOptions frontEnd, int epochs, int batchSize, int timeMask, int frequencyMask) => new()
        {
            FrontEnd = frontEnd,
            Epochs = epochs,
            BatchSize = batchSize,
            LearningRate = 1e-5,
            WeightDecay = 5e-7,
            Augmentation =
            {
                TimeMaskFrames = timeMask,
                FrequencyMaskBins = frequencyMask,

                // The official code hides with 0 before it normalizes.
                MaskValue = -frontEnd.NormalizationMean / (2 * frontEnd.NormalizationStd),
            },
        };

        /// <summary>A share of waveforms mixed in nearly equal parts, and a loss that takes mixed labels.</summary>
        private static void Mix(Options options, double probability)
        {
            options.Augmentation.WaveformMixupProbability = probability;
            options.Augmentation.WaveformMixupAlpha = 10;
            options.Optimization.Loss = AudioClassificationLoss.BinaryCrossEntropy;
        }
    }
}
