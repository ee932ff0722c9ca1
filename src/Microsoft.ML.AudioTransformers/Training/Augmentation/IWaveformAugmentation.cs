namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Changes the waveform of one training clip at random.</summary>
internal interface IWaveformAugmentation
{
    /// <param name="waveform">The samples, which may be changed in place.</param>
    /// <param name="random">The only source of chance.</param>
    /// <returns>The samples, in the same array or in another.</returns>
    float[] Apply(float[] waveform, Random random);
}
