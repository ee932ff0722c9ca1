namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Makes a waveform louder or softer by up to so many decibels, all gains being as likely.</summary>
/// <remarks>Source: PaSST section 3.3, +-7 dB.</remarks>
internal sealed record RandomGain(double MaximumDecibels) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        double decibels = MaximumDecibels * (2 * random.NextDouble() - 1);
        float factor = (float)Math.Pow(10, decibels / 20);
        for (int i = 0; i < waveform.Length; i++)
        {
            waveform[i] *= factor;
        }

        return waveform;
    }
}
