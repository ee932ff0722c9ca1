namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Gives a waveform a length: a longer one is cut at a random place, a shorter one gets silence around it, divided at
/// random.
/// </summary>
internal sealed record WaveformCrop(int Samples) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        int excess = waveform.Length - Samples;
        int place = random.Next(Math.Abs(excess) + 1);
        if (excess >= 0)
        {
            return waveform[place..(place + Samples)];
        }

        var padded = new float[Samples];
        waveform.CopyTo(padded, place);
        return padded;
    }
}
