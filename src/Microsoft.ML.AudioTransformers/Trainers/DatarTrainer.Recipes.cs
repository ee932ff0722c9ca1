using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioTransformers;

public sealed partial class DatarTrainer
{
    public sealed partial class Options
    {
        /// <summary>DATAR's recipe on Kinetics-Sounds, for a column of waveforms; every value can be changed.</summary>
        /// <param name="size">The size of the DAT.</param>
        /// <param name="sampleRate">The waveforms', in Hz: 43,000 in the paper, 16,000 in AST.</param>
        /// <returns>New options.</returns>
        /// <remarks>Source: DATAR section 4.1.</remarks>
        public static Options KineticsSounds(DatarSize size = DatarSize.Base, int sampleRate = 43000) =>
            Recipe(size, sampleRate, epochs: 300);

        /// <summary>
        /// DATAR's recipe on EPIC-Kitchens-100, for a column of waveforms; every value can be changed. The paper's model
        /// tells verb and noun at once; this trainer takes one label.
        /// </summary>
        /// <param name="size">The size of the DAT.</param>
        /// <param name="sampleRate">The waveforms', in Hz: 43,000 in the paper, 16,000 in AST.</param>
        /// <returns>New options.</returns>
        /// <remarks>Source: DATAR section 4.1.</remarks>
        public static Options EpicKitchens100(DatarSize size = DatarSize.Base, int sampleRate = 43000) =>
            Recipe(size, sampleRate, epochs: 100);

        /// <summary>DATAR's recipe on VGGSound, for a column of waveforms; every value can be changed.</summary>
        /// <param name="size">The size of the DAT.</param>
        /// <param name="sampleRate">The waveforms', in Hz: 43,000 in the paper, 16,000 in AST.</param>
        /// <returns>New options.</returns>
        /// <remarks>Source: DATAR section 4.1.</remarks>
        public static Options VggSound(DatarSize size = DatarSize.Base, int sampleRate = 43000) =>
            Recipe(size, sampleRate, epochs: 50);

        // The paper gives no more than these; the rest are the trainer's defaults.
        private static Options Recipe(DatarSize size, int sampleRate, int epochs) => new(size)
        {
            FrontEnd = LogMelOptions.CreateAst(sampleRate),
            Epochs = epochs,
            LearningRate = 1e-5,
        };
    }
}
